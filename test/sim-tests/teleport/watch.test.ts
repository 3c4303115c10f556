import { status, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { startTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient } from './raw-client.ts';

interface Event {
  readonly Type: number;
  readonly Resource?: string;
  readonly AccessRequest?: { readonly Metadata: { readonly Name: string }; readonly Spec: { State: number } };
  readonly ResourceHeader?: { readonly Kind: string; readonly Metadata: { readonly Name: string } };
  readonly WatchStatus?: { readonly Spec: { readonly Kinds: readonly { readonly Kind: string }[] } };
}

const DELETE = 2;
const REQUESTS = { Kinds: [{ Kind: 'access_request' }] };

/** Reads a watch event by event; `end` gives the code by which it ended, OK for a clean end of stream. */
function reader(stream: ClientReadableStream<Event>) {
  const events = stream[Symbol.asyncIterator]() as AsyncIterator<Event>;
  return {
    next: async () => {
      const result = await events.next();
      if (result.done === true) throw new Error('the watch has ended');
      return result.value;
    },
    end: async () => {
      try {
        while ((await events.next()).done !== true);
        return 'OK';
      } catch (error) {
        return status[(error as ServiceError).code];
      }
    },
  };
}

describe('a watch', () => {
  it('tells every write, and of a deletion only kind and name', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const watch = reader(client.stream('WatchEvents', REQUESTS));
    await watch.next();

    const { id } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });
    teleport.cluster.submitReview({ requestId: id, author: 'sre-1', proposedState: 'APPROVED' });
    teleport.cluster.deleteRequest(id);

    expect(await watch.next()).toMatchObject({ AccessRequest: { Spec: { State: 1 } } });
    expect(await watch.next()).toMatchObject({ AccessRequest: { Spec: { State: 2 } } });
    expect(await watch.next()).toMatchObject({
      Type: DELETE,
      ResourceHeader: { Kind: 'access_request', Metadata: { Name: id } },
    });
  });

  it('filters what is put, not what is deleted', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const Kinds = [{ Kind: 'access_request', Filter: { state: 'APPROVED' } }];
    const watch = reader(client.stream('WatchEvents', { Kinds }));
    await watch.next();

    const { id } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });
    teleport.cluster.setRequestState({ id, state: 'APPROVED' });
    teleport.cluster.deleteRequest(id);

    expect(await watch.next()).toMatchObject({ AccessRequest: { Spec: { State: 2 } } });
    expect(await watch.next()).toMatchObject({ Type: DELETE });
  });

  it.each([
    ['no kind at all', { Kinds: [] }, 'PERMISSION_DENIED'],
    ['an unknown kind', { Kinds: [{ Kind: 'plugin_data' }] }, 'INVALID_ARGUMENT'],
    ['an unknown filter', { Kinds: [{ Kind: 'access_request', Filter: { role: 'x' } }] }, 'INVALID_ARGUMENT'],
    ['an unknown state', { Kinds: [{ Kind: 'access_request', Filter: { state: '1' } }] }, 'INVALID_ARGUMENT'],
    ['nothing left', { Kinds: [{ Kind: 'plugin_data' }], AllowPartialSuccess: true }, 'INVALID_ARGUMENT'],
  ])('fails with %s', async (_case, request, code) => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);

    expect(await reader(client.stream('WatchEvents', request)).end()).toBe(code);
  });

  it('drops the kinds it cannot serve when partial success is allowed', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const Kinds = [{ Kind: 'plugin_data' }, { Kind: 'access_request' }];
    const watch = reader(client.stream('WatchEvents', { Kinds, AllowPartialSuccess: true }));

    const init = await watch.next();

    expect(init.WatchStatus?.Spec.Kinds.map(({ Kind }) => Kind)).toEqual(['access_request']);
  });
});

describe('the knobs of the watch', () => {
  it('cut a reader who stays too far behind', async () => {
    await using teleport = await startTeleport({ fanout: { bufferedEvents: 10, lagGraceMs: 50 } });
    using client = rawClient(teleport, BOT_USER);
    // Nobody reads from this stream.
    const stream = client.stream<Event>('WatchEvents', REQUESTS);
    stream.on('error', () => undefined);
    await expect.poll(() => teleport.cluster.watches.watchers).toHaveLength(1);

    // Some megabytes, so that the buffers of both sockets and both HTTP/2 sessions run full.
    const reason = 'x'.repeat(4000);
    for (let count = 0; count < 2000; count += 1) {
      teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'], reason });
    }

    expect(await teleport.calls.ended('WatchEvents')).toMatchObject({ code: status.UNKNOWN });
    stream.cancel();
  });
});
