import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { startTeleport, type SimulatedTeleport } from '../../sim/teleport/start-teleport.ts';
import { rawClient, refusal } from './raw-client.ts';

interface WireRequest {
  readonly Metadata: { readonly Name: string };
}

interface Page {
  readonly AccessRequests: readonly WireRequest[];
  readonly NextKey: string;
}

function manyRequests(teleport: SimulatedTeleport, count: number): readonly string[] {
  const users = ['sre-2', 'sre-3'];
  const made = Array.from({ length: count }, (_, index) =>
    teleport.cluster.createRequest({ user: users[index % 2] ?? '', roles: ['prodaccess'] }),
  );
  return made.map(({ id }) => id).sort();
}

describe('the listing of access requests', () => {
  it('filters by id, by user and by state', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const [first = ''] = manyRequests(teleport, 4);
    teleport.cluster.setRequestState({ id: first, state: 'DENIED' });

    const list = async (Filter: object) =>
      (await client.call<Page>('ListAccessRequests', { Filter })).AccessRequests.length;

    expect(await list({ ID: first })).toBe(1);
    expect(await list({ ID: 'nonesuch' })).toBe(0);
    expect(await list({ User: 'sre-2' })).toBe(2);
    expect(await list({ State: 1 })).toBe(3);
    expect(await list({ State: 3 })).toBe(1);
  });

  it('shows a requester their own requests and no others', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, 'sre-2');
    manyRequests(teleport, 4);

    const { AccessRequests } = await client.call<{ AccessRequests: { Spec: { User: string } }[] }>(
      'ListAccessRequests',
      {},
    );

    expect(AccessRequests.map(({ Spec }) => Spec.User)).toEqual(['sre-2', 'sre-2']);
  });

  it('shows no pending request whose time has passed; watchers are told within a second that it is deleted', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    await using teleport = await startTeleport();
    using client = rawClient(teleport, BOT_USER);
    const [id = ''] = manyRequests(teleport, 1);
    const watch = client.stream('WatchEvents', { Kinds: [{ Kind: 'access_request' }] });
    const events = watch[Symbol.asyncIterator]();
    await events.next();
    teleport.cluster.lapseRequest(id);

    for (const Filter of [{}, { ID: id }]) {
      expect((await client.call<Page>('ListAccessRequests', { Filter })).AccessRequests).toEqual([]);
    }
    vi.advanceTimersByTime(1_000);
    expect(teleport.cluster.findRequest(id)).toBeUndefined();
    expect((await events.next()).value).toMatchObject({
      Type: 2,
      ResourceHeader: { Kind: 'access_request', Metadata: { Name: id } },
    });
    watch.cancel();
  });
});

describe('the age of a server', () => {
  it.each([
    ['15.1.0', 'ListAccessRequests', { Limit: 1 }],
    ['18.0.0', 'GetUser', { Name: BOT_USER }],
    ['17.5.0', 'ListLocks', {}],
  ])('v%s does not implement %s', async (serverVersion, method, request) => {
    await using teleport = await startTeleport({ serverVersion });
    using client = rawClient(teleport, BOT_USER);

    expect(await refusal(client.call(method, request))).toMatchObject({ code: 'UNIMPLEMENTED' });
  });
});

describe('users and roles', () => {
  it('refuses every call of a user who was locked or deleted since the certificate was signed', async () => {
    await using teleport = await startTeleport();
    using client = rawClient(teleport, 'sre-2');
    using gone = rawClient(teleport, 'sre-3');
    teleport.cluster.directory.deleteUser('sre-3');
    teleport.cluster.locks.upsert(
      {
        name: 'l',
        target: { user: 'sre-2', role: '', accessRequest: '' },
        message: '',
        expires: null,
        removedAt: null,
      },
      'admin',
    );

    expect(await refusal(client.call('Ping', {}))).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await refusal(gone.call('Ping', {}))).toMatchObject({ code: 'PERMISSION_DENIED' });
  });
});
