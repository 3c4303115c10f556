import { status } from '@grpc/grpc-js';
import { describe, expect, it, vi } from 'vitest';

import { StatusError } from '../sim/teleport/errors.ts';
import { FANOUT_RESET } from '../sim/teleport/watch-fanout.ts';
import { allOf } from './answering.ts';
import { connected, next, rejectionOf } from './connected.ts';

describe('the watch', () => {
  it('begins with init, then gives what happens and nothing from before', async () => {
    await using world = await connected();
    const { cluster } = world.teleport;
    cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });
    const events = world.connection.requests.watch(world.signal)[Symbol.asyncIterator]();

    expect(await next(events)).toEqual({ kind: 'init' });
    const { id } = cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'], reason: 'alert' });
    expect(await next(events)).toMatchObject({
      kind: 'put',
      request: { id, requester: 'sre-1', state: 'pending', reason: 'alert' },
    });
    await world.connection.requests.review({ id, propose: 'approved', reason: 'on call' }, world.signal);
    expect(await next(events)).toMatchObject({ kind: 'put', request: { id, state: 'approved' } });
    cluster.deleteRequest(id);
    expect(await next(events)).toEqual({ kind: 'delete', id });
  });

  it('asks for access requests alone, and for all of them or an error', async () => {
    await using world = await connected();
    const events = world.connection.requests.watch(world.signal)[Symbol.asyncIterator]();
    await next(events);

    expect(world.teleport.calls.of('WatchEvents')).toEqual([
      expect.objectContaining({
        request: expect.objectContaining({
          AllowPartialSuccess: false,
          Kinds: [expect.objectContaining({ Kind: 'access_request', Filter: {} })],
        }) as unknown,
      }),
    ]);
  });

  it('tells of a request that cannot be read and goes on, past resources that it does not know', async () => {
    await using world = await connected();
    const { cluster } = world.teleport;
    const events = world.connection.requests.watch(world.signal)[Symbol.asyncIterator]();
    await next(events);

    cluster.watches.sendRaw({ Type: 1 });
    cluster.watches.sendRaw({ Type: 9 });
    cluster.watches.sendRaw({ Type: 1, AccessRequest: { Kind: 'access_request' } });
    const { id } = cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });

    expect(await next(events)).toEqual({ kind: 'malformed', detail: 'an access request has no id' });
    expect(await next(events)).toMatchObject({ kind: 'put', request: { id } });
  });

  it('ends quietly when the server closes the stream', async () => {
    await using world = await connected();
    const events = world.connection.requests.watch(world.signal)[Symbol.asyncIterator]();
    await next(events);

    world.teleport.cluster.watches.cutAll();

    expect((await events.next()).done).toBe(true);
  });

  it.each([
    ['unknown', FANOUT_RESET],
    ['unavailable', new StatusError(status.UNAVAILABLE, 'auth is shutting down')],
    ['denied', new StatusError(status.PERMISSION_DENIED, 'access denied')],
  ])('that is cut throws an error of kind %s', async (kind, cut) => {
    await using world = await connected();
    const events = world.connection.requests.watch(world.signal)[Symbol.asyncIterator]();
    await next(events);

    world.teleport.cluster.watches.cutAll(cut);

    expect(await rejectionOf(events.next())).toMatchObject({ name: 'TeleportError', kind });
  });

  it('is transiently unavailable when the auth server restarts, and can be opened again', async () => {
    await using world = await connected();
    const { connection, teleport, signal } = world;
    const events = connection.requests.watch(signal)[Symbol.asyncIterator]();
    await next(events);

    const ending = rejectionOf(events.next());
    await teleport.restart();

    expect(await ending).toMatchObject({ kind: 'unavailable', transient: true });
    const again = connection.requests.watch(signal)[Symbol.asyncIterator]();
    expect(await next(again)).toEqual({ kind: 'init' });
  });

  it('without INIT in time is transiently unavailable', async () => {
    await using world = await connected({ connection: { initTimeoutMs: 200 } });
    world.teleport.cluster.watches.holdInit();

    const error = await rejectionOf(allOf(world.connection.requests.watch(world.signal)));

    expect(error).toMatchObject({ kind: 'unavailable', transient: true });
    expect((await world.teleport.calls.ended('WatchEvents')).code).toBe(status.CANCELLED);
  });

  it('with a late INIT begins then', async () => {
    await using world = await connected();
    const { watches } = world.teleport.cluster;
    watches.holdInit();
    const events = world.connection.requests.watch(world.signal)[Symbol.asyncIterator]();
    const first = next(events);
    await world.teleport.calls.arrived('WatchEvents');

    watches.releaseInit();

    expect(await first).toEqual({ kind: 'init' });
  });

  it('that is closed before INIT is no quiet end', async () => {
    await using world = await connected();
    const { watches } = world.teleport.cluster;
    watches.holdInit();
    const ended = rejectionOf(allOf(world.connection.requests.watch(world.signal)));
    await vi.waitUntil(() => watches.watchers.length === 1);

    watches.cutAll();

    expect(await ended).toMatchObject({ kind: 'unavailable', transient: true });
  });

  it('that tells of anything before INIT is not trusted', async () => {
    await using world = await connected();
    const { watches } = world.teleport.cluster;
    watches.holdInit();
    const ended = rejectionOf(allOf(world.connection.requests.watch(world.signal)));
    await vi.waitUntil(() => watches.watchers.length === 1);

    watches.sendRaw({ Type: 2, ResourceHeader: { Kind: 'access_request', Metadata: { Name: 'x' } } });

    expect(await ended).toMatchObject({ kind: 'unavailable', transient: true });
  });

  it('whose INIT leaves access requests out is denied', async () => {
    await using world = await connected();
    const { watches } = world.teleport.cluster;
    watches.holdInit();
    const ended = rejectionOf(allOf(world.connection.requests.watch(world.signal)));
    await vi.waitUntil(() => watches.watchers.length === 1);

    watches.sendRaw({ Type: 0, WatchStatus: { Spec: { Kinds: [{ Kind: 'lock' }] } } });

    expect(await ended).toMatchObject({ kind: 'denied', transient: false });
  });

  it('tells of a second INIT as of something that cannot be read', async () => {
    await using world = await connected();
    const events = world.connection.requests.watch(world.signal)[Symbol.asyncIterator]();
    await next(events);

    world.teleport.cluster.watches.sendRaw({ Type: 0 });

    expect(await next(events)).toMatchObject({ kind: 'malformed' });
  });

  it('without permission is denied, and the error names the verbs', async () => {
    await using world = await connected({ user: 'sre-2' });

    expect(await rejectionOf(allOf(world.connection.requests.watch(world.signal)))).toMatchObject({
      kind: 'denied',
      transient: false,
      message: expect.stringContaining('the verbs list and read on access_request') as string,
    });
  });

  it('ends quietly and is cancelled on the server when the caller aborts', async () => {
    await using world = await connected();
    const caller = new AbortController();
    const events = world.connection.requests.watch(caller.signal)[Symbol.asyncIterator]();
    await next(events);

    const ended = events.next();
    caller.abort();

    expect((await ended).done).toBe(true);
    expect((await world.teleport.calls.ended('WatchEvents')).code).toBe(status.CANCELLED);
    expect(world.teleport.cluster.watches.watchers).toEqual([]);
  });

  it('is cancelled on the server when its reader leaves the loop', async () => {
    await using world = await connected();

    for await (const event of world.connection.requests.watch(world.signal)) {
      expect(event.kind).toBe('init');
      break;
    }

    expect((await world.teleport.calls.ended('WatchEvents')).code).toBe(status.CANCELLED);
  });

  it('holds a reader that is busy, and loses nothing', async () => {
    await using world = await connected();
    const { cluster } = world.teleport;
    const events = world.connection.requests.watch(world.signal)[Symbol.asyncIterator]();
    await next(events);

    const ids = Array.from(
      { length: 500 },
      () => cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] }).id,
    );
    const seen: string[] = [];
    while (seen.length < ids.length) {
      const event = await next(events);
      if (event.kind === 'put') seen.push(event.request.id);
    }

    expect(seen).toEqual(ids);
  });
});
