import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { instantOf } from '../../src/core/values/instant.ts';
import { grpcLocks } from '../../src/teleport/locks.ts';
import { rejectionOf } from './connected.ts';
import { signal, unconnected } from './answering.ts';

const EXPIRES = instantOf(Date.parse('2099-03-03T02:14:07.250Z'));
const OURS = { name: 'lock-1', id: 'request-1', message: 'the shift is over', expires: EXPIRES };

function withLocks(serverVersion?: string) {
  const world = unconnected(serverVersion);
  return { ...world, locks: grpcLocks(world.client) };
}

describe('lifting a lock', () => {
  it('takes it away where it is as it was set, and is done where there is none', async () => {
    const { locks } = withLocks();
    await locks.lockRequest(OURS, signal);

    expect(await locks.exists(OURS.name, signal)).toBe(true);
    expect(await locks.lift(OURS, signal)).toBe(true);
    expect(await locks.exists(OURS.name, signal)).toBe(false);
    expect(await locks.lift(OURS, signal)).toBe(true);
  });

  it.each([
    ['another message', { message: 'stolen laptop' }],
    ['the access of another request', { id: 'request-2' }],
    ['another end', { expires: instantOf(Date.parse('2099-03-04T00:00:00Z')) }],
    ['no end', { expires: null }],
  ])('leaves one that somebody else has made of it: %s', async (_what, change) => {
    const { locks } = withLocks();
    await locks.lockRequest({ ...OURS, ...change }, signal);

    expect(await locks.lift(OURS, signal)).toBe(false);
    expect(await locks.exists(OURS.name, signal)).toBe(true);
  });

  it('is done where the lock went meanwhile, and fails where it may not be deleted', async () => {
    const { locks, faults } = withLocks();
    await locks.lockRequest(OURS, signal);
    const refuse = (code: status) => faults.add({ method: 'DeleteLock', kind: 'error', code, times: 1 });

    refuse(status.NOT_FOUND);
    expect(await locks.lift(OURS, signal)).toBe(true);
    refuse(status.PERMISSION_DENIED);
    expect(await rejectionOf(locks.lift(OURS, signal))).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('the verb delete on lock') as string,
    });
  });
});

describe('locks in force', () => {
  it.each(['18.11.0', '15.4.0'])('are listed with whom they are on, by Teleport %s', async (version) => {
    const { cluster, calls, locks } = withLocks(version);
    const target = { user: '', role: '', accessRequest: '' };
    const lock = { message: '', expires: null, removedAt: null };
    for (let number = 100; number < 305; number += 1)
      cluster.locks.upsert({ ...lock, name: `a-${number}`, target: { ...target, user: 'sre-1' } }, 'x');
    cluster.locks.upsert(
      { ...lock, name: 'b', target: { ...target, role: 'sres' }, expires: new Date(EXPIRES) },
      'x',
    );
    cluster.locks.upsert(
      { ...lock, name: 'c', target: { ...target, user: 'over' }, expires: new Date(0) },
      'x',
    );
    await locks.lockRequest(OURS, signal);

    const found = await locks.inForce(signal);

    expect(found).toHaveLength(207);
    expect(found.slice(204)).toEqual([
      { user: 'sre-1', role: '', expires: null },
      { user: '', role: 'sres', expires: EXPIRES },
      { user: '', role: '', expires: EXPIRES },
    ]);
    expect(calls.of('GetLocks')).toHaveLength(version === '15.4.0' ? 1 : 0);
  });

  it('are not known where they may not be listed: that is no Teleport without them', async () => {
    const { locks, faults, calls } = withLocks();
    faults.add({ method: 'ListLocks', kind: 'error', code: status.PERMISSION_DENIED });

    expect(await rejectionOf(locks.inForce(signal))).toMatchObject({ kind: 'denied' });
    expect(calls.of('GetLocks')).toEqual([]);
  });
});
