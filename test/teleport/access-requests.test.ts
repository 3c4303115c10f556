import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';

import { connected, rejectionOf } from './connected.ts';

const NOBODY = '0193c0de-0000-7000-8000-00000000dead';

function noMalformed(detail: string): void {
  throw new Error(detail);
}

describe('listing pending requests', () => {
  it('gives the pending ones only, whole', async () => {
    await using world = await connected({
      teleport: { annotations: { pagerduty_services: ['Payments API'] } },
    });
    const { teleport, connection, signal } = world;
    const pending = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'], reason: 'alert' });
    const gone = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });
    await connection.requests.review({ id: gone.id, propose: 'denied', reason: 'no' }, signal);

    const requests = await connection.requests.listPending(signal, noMalformed);

    const created = pending.created.toISOString();
    expect(requests).toEqual([
      { id: pending.id, revision: pending.revision, requester: 'sre-1', state: 'pending', created },
    ]);
    expect(await connection.requests.find(pending.id, signal)).toEqual(
      expect.objectContaining({
        id: pending.id,
        revision: pending.revision,
        requester: 'sre-1',
        roles: ['prodaccess'],
        reason: 'alert',
        state: 'pending',
        kind: 'short-term',
        created,
        accessExpires: pending.expires.toISOString(),
        requestExpires: pending.resourceExpiry.toISOString(),
        annotations: { pagerduty_services: ['Payments API'] },
      }),
    );
  });

  it('gives those of every state where all are asked for, whole', async () => {
    await using world = await connected();
    const { teleport, connection, signal } = world;
    const { id } = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });
    await connection.requests.review({ id, propose: 'denied', reason: 'no' }, signal);

    expect(await connection.archive.listAll(signal, noMalformed)).toMatchObject([
      { id, state: 'denied', roles: ['prodaccess'], resolveReason: 'no' },
    ]);
  });

  it('reads every page', async () => {
    await using world = await connected();
    const { teleport, connection, signal } = world;
    for (let count = 0; count < 205; count += 1) {
      teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });
    }

    const requests = await connection.requests.listPending(signal, noMalformed);

    expect(new Set(requests.map(({ id }) => id)).size).toBe(205);
    expect(teleport.calls.of('ListAccessRequests')).toHaveLength(3);
  });

  it('asks early v15 by the stream, and asks the paged way only once', async () => {
    await using world = await connected({ teleport: { serverVersion: '15.1.0' } });
    const { teleport, connection, signal } = world;
    const { id } = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });

    const first = await connection.requests.listPending(signal, noMalformed);
    const second = await connection.requests.listPending(signal, noMalformed);

    expect([...first, ...second].map((request) => request.id)).toEqual([id, id]);
    expect(teleport.calls.of('ListAccessRequests')).toHaveLength(1);
    expect(teleport.calls.of('GetAccessRequestsV2')).toHaveLength(2);
  });

  it('hands a request that cannot be read to the caller and gives the others', async () => {
    await using world = await connected();
    const { teleport, connection, signal } = world;
    const good = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });
    const bad = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });
    teleport.cluster.putRequest({ ...bad, user: '' });
    const malformed: string[] = [];

    const requests = await connection.requests.listPending(signal, (detail) => malformed.push(detail));

    expect(requests.map(({ id }) => id)).toEqual([good.id]);
    expect(malformed).toEqual([`the access request \`${bad.id}\` names no requester`]);
  });
});

describe('finding one request', () => {
  it('gives it in any state, and null once Teleport has it no more', async () => {
    await using world = await connected();
    const { teleport, connection, signal } = world;
    const { id } = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });
    await connection.requests.review({ id, propose: 'approved', reason: 'on call' }, signal);

    expect(await connection.requests.find(id, signal)).toMatchObject({ id, state: 'approved' });

    teleport.cluster.deleteRequest(id);
    expect(await connection.requests.find(id, signal)).toBeNull();
    expect(await connection.requests.find(NOBODY, signal)).toBeNull();
  });

  it('refuses an empty id, which would ask for all requests', async () => {
    await using world = await connected();

    const error = await rejectionOf(world.connection.requests.find('', world.signal));

    expect(error).toMatchObject({ kind: 'invalid' });
    expect(world.teleport.calls.all).toEqual([]);
  });
});

describe('a review', () => {
  it('is submitted as the service itself and answers with the request as it is then', async () => {
    await using world = await connected();
    const { teleport, connection, signal } = world;
    const { id } = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });

    const request = await connection.requests.review({ id, propose: 'approved', reason: 'on call' }, signal);

    expect(request).toMatchObject({ id, state: 'approved', resolveReason: 'on call' });
    expect(request.reviews).toEqual([
      expect.objectContaining({
        author: 'oncall-approver',
        proposedState: 'approved',
        reason: 'on call',
        submittedBy: null,
      }),
    ]);
  });

  it.each([
    ['17.5.0', 'denied'],
    ['18.11.0', 'already-exists'],
  ])('by the same author again is refused by %s as %s', async (serverVersion, kind) => {
    const roles = { approve: 2, deny: 1, name: '', filter: '' };
    await using world = await connected({ teleport: { serverVersion } });
    const { teleport, connection, signal } = world;
    const sres = teleport.cluster.directory.rolesNamed(['sres'])[0];
    teleport.cluster.directory.putRole({
      name: 'sres',
      allow: { ...sres?.allow, request: { roles: ['prodaccess'], thresholds: [roles] } },
    });
    const { id } = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });
    await connection.requests.review({ id, propose: 'approved', reason: 'one' }, signal);

    expect(
      await rejectionOf(connection.requests.review({ id, propose: 'approved', reason: 'two' }, signal)),
    ).toMatchObject({ kind, transient: false });
  });

  it('of a request that is gone is not found', async () => {
    await using world = await connected();

    const review = { id: NOBODY, propose: 'approved' as const, reason: '' };
    const error = await rejectionOf(world.connection.requests.review(review, world.signal));

    expect(error).toMatchObject({ kind: 'not-found', transient: false });
  });

  it('that needs MFA is denied, and the error says that a bot is the way out', async () => {
    await using world = await connected({ teleport: { mfaForAdminActions: true }, user: 'sre-1' });
    const { teleport, connection, signal } = world;
    const { id } = teleport.cluster.createRequest({ user: 'sre-2', roles: ['prodaccess'] });

    expect(
      await rejectionOf(connection.requests.review({ id, propose: 'approved', reason: '' }, signal)),
    ).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('only a Machine ID bot (tbot)') as string,
    });
  });
});

describe('setting the state', () => {
  it('resolves the request on Teleport Community, where reviews are denied', async () => {
    await using world = await connected({ teleport: { edition: 'community' } });
    const { teleport, connection, signal } = world;
    const { id } = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });

    const error = await rejectionOf(
      connection.requests.review({ id, propose: 'approved', reason: '' }, signal),
    );
    await connection.requests.setState({ id, state: 'approved', reason: 'on call' }, signal);

    expect(error).toMatchObject({ kind: 'denied' });
    expect(await connection.requests.find(id, signal)).toMatchObject({
      state: 'approved',
      resolveReason: 'on call',
    });
  });

  it('without the verb update is denied, and the error names the verb', async () => {
    await using world = await connected();
    const { teleport, connection, signal } = world;
    const { id } = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });

    expect(
      await rejectionOf(connection.requests.setState({ id, state: 'denied', reason: '' }, signal)),
    ).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('the verb update on access_request') as string,
    });
  });

  it('of a denied request to approved is invalid', async () => {
    await using world = await connected({ teleport: { edition: 'community' } });
    const { teleport, connection, signal } = world;
    const { id } = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });
    await connection.requests.setState({ id, state: 'denied', reason: '' }, signal);

    expect(
      await rejectionOf(connection.requests.setState({ id, state: 'approved', reason: '' }, signal)),
    ).toMatchObject({ kind: 'invalid', transient: false });
  });
});

describe('a failed call', () => {
  it.each([
    [status.UNKNOWN, 'unknown', true],
    [status.INVALID_ARGUMENT, 'invalid', false],
    [status.DEADLINE_EXCEEDED, 'timeout', true],
    [status.NOT_FOUND, 'not-found', false],
    [status.ALREADY_EXISTS, 'already-exists', false],
    [status.PERMISSION_DENIED, 'denied', false],
    [status.RESOURCE_EXHAUSTED, 'limited', true],
    [status.FAILED_PRECONDITION, 'conflict', true],
    [status.ABORTED, 'conflict', true],
    [status.OUT_OF_RANGE, 'invalid', false],
    [status.UNIMPLEMENTED, 'unsupported', false],
    [status.INTERNAL, 'unknown', true],
    [status.UNAVAILABLE, 'unavailable', true],
    [status.DATA_LOSS, 'unknown', true],
    [status.UNAUTHENTICATED, 'denied', false],
  ])('with gRPC code %i is `%s`, transient: %s', async (code, kind, transient) => {
    await using world = await connected();
    world.teleport.faults.add({
      method: 'SubmitAccessReview',
      kind: 'error',
      code,
      message: 'as `told`\n twice',
    });

    const review = { id: NOBODY, propose: 'approved' as const, reason: '' };
    const error = await rejectionOf(world.connection.requests.review(review, world.signal));

    expect(error).toMatchObject({ name: 'TeleportError', kind, transient });
    expect(String(error)).not.toMatch(/\n|`told`/);
  });

  it('that stalls ends at the deadline of one call', async () => {
    await using world = await connected({ connection: { callTimeoutMs: 500 } });
    const { teleport, connection, signal } = world;
    teleport.faults.add({ method: 'SubmitAccessReview', kind: 'stall-after' });
    const { id } = teleport.cluster.createRequest({ user: 'sre-1', roles: ['prodaccess'] });

    expect(
      await rejectionOf(connection.requests.review({ id, propose: 'approved', reason: '' }, signal)),
    ).toMatchObject({ kind: 'timeout', transient: true });
    expect(await connection.requests.find(id, signal)).toMatchObject({ state: 'approved' });
  });

  it('that the caller gives up is cancelled on the server and gives the reason of the caller', async () => {
    await using world = await connected();
    const { teleport, connection } = world;
    teleport.faults.add({ method: 'ListAccessRequests', kind: 'stall-before' });
    const caller = new AbortController();

    const listing = rejectionOf(connection.requests.listPending(caller.signal, noMalformed));
    await teleport.calls.arrived('ListAccessRequests');
    const reason = new Error('shutting down');
    caller.abort(reason);

    expect(await listing).toBe(reason);
    expect((await teleport.calls.ended('ListAccessRequests')).code).toBe(status.CANCELLED);
  });

  it('past a deadline of the caller is a timeout', async () => {
    await using world = await connected();
    world.teleport.faults.add({ method: 'ListAccessRequests', kind: 'stall-before' });

    expect(
      await rejectionOf(world.connection.requests.listPending(AbortSignal.timeout(50), noMalformed)),
    ).toMatchObject({ name: 'TeleportError', kind: 'timeout', transient: true });
  });

  it('is not begun for a caller who has given up already', async () => {
    await using world = await connected();
    const given = { signal: AbortSignal.abort(new DOMException('late', 'TimeoutError')) };

    const error = await rejectionOf(world.connection.requests.listPending(given.signal, noMalformed));

    expect(error).toMatchObject({ name: 'TeleportError', kind: 'timeout' });
    expect(world.teleport.calls.all).toEqual([]);
  });

  it('on a connection that is cut is unavailable, and the next call has a new connection', async () => {
    await using world = await connected();
    const { teleport, connection, signal } = world;
    teleport.faults.add({ method: 'ListAccessRequests', kind: 'reset', times: 1 });

    const error = await rejectionOf(connection.requests.listPending(signal, noMalformed));

    expect(error).toMatchObject({ kind: 'unavailable', transient: true });
    expect(await connection.requests.listPending(signal, noMalformed)).toEqual([]);
  });
});
