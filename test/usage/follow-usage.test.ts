import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { Tracked } from '../../src/core/usage/tracked.ts';
import { HOUR, MINUTE } from '../../src/core/values/instant.ts';
import { triggerAlert } from '../sim/pagerduty/incident-opening.ts';
import { person, type Person } from '../sim/teleport/people.ts';
import { follows, granted, pass, used } from './following.ts';
import type { World } from '../support/world.ts';

function reviewed(world: World) {
  return world.incidents().map(({ title, urgency, status }) => ({ title, urgency, status }));
}

describe('what an access was used for', () => {
  it('stands in the ledger once the access is over, and is told on the incident, once', async () => {
    await using world = await follows();
    const live = triggerAlert(world.pagerDuty.account, { serviceId: 'PSERVC1', title: 'checkout fails' });
    const id = await granted(world);
    const sam = person(world.teleport.cluster, 'sre-1');
    sam.assume(id);
    const sessions = [sam.ssh('web-1', { commands: 2 }), sam.database('payments-main', 14)];
    await pass(world, 37 * MINUTE);
    for (const session of sessions) session.end();
    await pass(world, HOUR);

    const [provisional, ...more] = await used(world, id);
    expect(more).toEqual([]);
    expect(provisional).toMatchObject({
      number: 1,
      stage: 'provisional',
      outcome: 'used',
      totals: { sessions: 2, attempts: 0, counts: { commands: 2, queries: 14 } },
      evidence: { cluster: 'teleport.example.com', gaps: [], beyond: 0 },
    });
    expect(JSON.stringify(provisional)).not.toMatch(/198\.51|secret|sre-1@/u);
    await pass(world, 50 * HOUR, 10 * HOUR);

    expect((await used(world, id)).map(({ stage, outcome }) => [stage, outcome])).toEqual([
      ['provisional', 'used'],
      ['final', 'used'],
    ]);
    const notes = world.notesOf(live?.id).filter((note) => note.includes('use-note'));
    expect(notes).toEqual([
      expect.stringMatching(
        /^Access of sre-1 \(role prodaccess\) is over\. It was used for 37 min: 1 database session \(payments-main\), 1 SSH session \(web-1\), 2 commands and 14 queries in all\. Recordings: https:\/\/teleport\.example\.com:443\/web\/cluster\/teleport\.example\.com\/session\/\S+\?recordingType=database&durationMs=2220000 https/u,
      ),
    ]);
  });

  it.each<[string, (sam: Person, id: string, world: World) => void, object]>([
    ['never assumed', () => undefined, { outcome: 'never-assumed' }],
    ['assumed, and nothing done', (sam, id) => sam.assume(id), { outcome: 'assumed' }],
    [
      'used without a session',
      (sam, id) => {
        sam.assume(id);
        sam.kubectl('prod-eu', 3);
      },
      { outcome: 'used', totals: { sessions: 0, counts: { requests: 3 } } },
    ],
    [
      'used by another access, and not by this one',
      (sam, id) => {
        sam.assume(`other-${id}`);
        sam.ssh('web-1');
      },
      { outcome: 'never-assumed' },
    ],
    [
      'not known where it was taken to another cluster',
      (_sam, id, { teleport: { cluster } }) => {
        const identity = { user: 'sre-1', access_requests: [id], route_to_cluster: 'leaf-1' };
        cluster.auditLog.emit('cert.create', { identity });
      },
      { outcome: 'not-known', evidence: { gaps: [{ why: 'other-cluster', detail: 'leaf-1' }] } },
    ],
    [
      'not known where events could not be read',
      (_sam, _id, { teleport: { cluster } }) =>
        void cluster.auditLog.emit('session.start', { time: 'yesterday', access_requests: 7 }),
      { outcome: 'not-known', evidence: { gaps: [{ why: 'unreadable' }] } },
    ],
    [
      'a failed attempt alone',
      (sam, id, { teleport: { cluster } }) => {
        sam.assume(id);
        cluster.auditLog.emit('db.session.start', {
          ...{ code: 'TDB00W', user: 'sre-1', sid: 'one', access_requests: [id], db_service: 'payments' },
          success: false,
        });
      },
      { outcome: 'assumed', totals: { attempts: 1 } },
    ],
    [
      'events twice, and without ids',
      (_sam, id, { teleport: { cluster } }) => {
        const query = { user: 'sre-1', sid: 'one', access_requests: [id], db_query: 'SELECT 1' };
        cluster.auditLog.emit('db.session.query', query, { times: 2 });
        cluster.auditLog.emit(
          'db.session.query',
          { ...query, db_query: '2' },
          { times: 2, withoutUid: true },
        );
      },
      { outcome: 'used', totals: { counts: { queries: 2 } } },
    ],
  ])('%s', async (_what, act, expected) => {
    await using world = await follows();
    const id = await granted(world);

    act(person(world.teleport.cluster, 'sre-1'), id, world);
    await pass(world, 2 * HOUR);

    expect(await used(world, id)).toMatchObject([{ stage: 'provisional', ...expected }]);
  });

  it('is not known where the audit log may not be read, which is said once', async () => {
    await using world = await follows();
    world.teleport.cluster.auditLog.served = false;
    const id = await granted(world);
    await pass(world, 3 * HOUR);

    expect(world.reports.of('auditLog')).toMatchObject([{ state: 'unsupported' }]);
    expect(await used(world, id)).toMatchObject([
      { outcome: 'not-known', evidence: { gaps: [{ why: 'not-read' }] } },
    ]);
  });

  it('is read on after searches were too many, and both are said', async () => {
    await using world = await follows();
    const id = await granted(world);
    person(world.teleport.cluster, 'sre-1').assume(id);
    world.teleport.faults.add({
      ...{ kind: 'error', method: 'GetUnstructuredEvents' },
      ...{ code: status.RESOURCE_EXHAUSTED, message: 'rate limit exceeded for searching events' },
    });
    await pass(world, HOUR);
    expect(world.reports.of('usageFailed').length).toBeLessThan(6);
    expect(world.reports.of('usageFailed').at(-1)?.cause).toContain('rate limit exceeded');
    world.teleport.faults.clear();
    await pass(world, HOUR);

    expect(world.reports.of('auditLog').map(({ state }) => state)).toEqual(['read']);
    expect(await used(world, id)).toMatchObject([{ outcome: 'assumed', evidence: { gaps: [] } }]);
  });

  it('is told to those who review it, once for each thing that it shows, also after a restart', async () => {
    await using world = await follows({ config: { usage: { review: { service: 'Payments API' } } } });
    const id = await granted(world);
    await pass(world, 2 * HOUR);
    await world.service.sweepNow();
    expect(reviewed(world)).toEqual([]);
    await pass(world, 50 * HOUR, 10 * HOUR);
    await world.service.sweepNow();
    await world.stopService();
    await world.startService();
    await world.service.sweepNow();

    expect((await used(world, id)).at(-1)).toMatchObject({ stage: 'final', outcome: 'never-assumed' });
    expect(reviewed(world)).toEqual([
      { title: 'Access of sre-1 (role prodaccess): never used', urgency: 'low', status: 'triggered' },
    ]);
  });

  it('is told once where two replicas come by it at the same time, neither kept off by a claim', async () => {
    await using world = await follows({ config: { usage: { review: { service: 'Payments API' } } } });
    const other = await world.compose();
    const id = await granted(world);
    await pass(world, 2 * HOUR);
    for (let hours = 0; hours < 60; hours += 10) {
      world.time.jump(10 * HOUR);
      await Promise.all([world.service, other].map((each) => each.readUsage()));
      await Promise.all([world.service, other].map((each) => each.sweepNow()));
    }
    await other.stop();

    expect((await used(world, id)).filter(({ stage }) => stage === 'final')).toHaveLength(1);
    expect(reviewed(world)).toHaveLength(1);
  });

  it('is not known where the audit log is given backwards: sessions are known by their starts', async () => {
    await using world = await follows();
    const id = await granted(world);
    const sam = person(world.teleport.cluster, 'sre-1');
    world.teleport.cluster.auditLog.takesOrderByName = true;
    sam.assume(id);
    world.time.jump(MINUTE);
    sam.ssh('web-1');
    await pass(world, 20 * MINUTE);
    await pass(world, 55 * HOUR, 5 * HOUR);

    expect(world.reports.of('usageFailed').at(-1)?.cause).toContain('from its end to its beginning');
    expect(await used(world, id)).toMatchObject([
      { stage: 'final', outcome: 'not-known', evidence: { gaps: [{ why: 'not-read' }] } },
    ]);
  });

  it('is read on where a restart left it, and counts nothing twice', async () => {
    await using world = await follows();
    const id = await granted(world);
    const sam = person(world.teleport.cluster, 'sre-1');
    sam.assume(id);
    sam.ssh('web-1', { commands: 3 });
    await pass(world, 20 * MINUTE);
    await world.stopService();
    sam.kubectl('prod-eu', 4);
    world.time.jump(20 * MINUTE);
    await world.startService();
    await pass(world, HOUR);

    expect(await used(world, id)).toMatchObject([
      { outcome: 'used', totals: { sessions: 1, counts: { commands: 3, requests: 4 } } },
    ]);
  });

  it('is written once where the process ends between an account and its own note of it', async () => {
    await using world = await follows();
    const id = await granted(world);
    const sam = person(world.teleport.cluster, 'sre-1');
    sam.assume(id);
    sam.ssh('web-1', { commands: 3 }).end();
    await pass(world, 2 * HOUR);
    const asBefore = async (of: Partial<Tracked>) => {
      const [row] = await world.usage.tracked();
      await world.stopService();
      if (row !== undefined) await world.usage.keep({ ...row, changed: true, ...of });
      await world.startService();
    };
    await asBefore({ number: 0, stage: null });
    await pass(world, HOUR);
    expect((await used(world, id)).map(({ stage }) => stage)).toEqual(['provisional']);
    await pass(world, 30 * HOUR, 10 * HOUR);
    await asBefore({ number: 1, stage: 'provisional' });
    await pass(world, 3 * HOUR);

    expect((await used(world, id)).map(({ stage }) => stage)).toEqual(['provisional', 'final']);
  });

  it('has what came a day late in its last account, and what came later still in a correction', async () => {
    await using world = await follows();
    const id = await granted(world);
    const { auditLog, now } = world.teleport.cluster;
    const start = { user: 'sre-1', access_requests: [id], server_hostname: 'web-1' };
    auditLog.emit('session.start', { ...start, sid: 'late' }, { lateMs: 25 * HOUR });
    const time = now();
    await pass(world, 2 * HOUR);
    expect(await used(world, id)).toMatchObject([{ outcome: 'never-assumed' }]);
    await pass(world, 30 * HOUR, 10 * HOUR);
    expect(await used(world, id)).toHaveLength(1);
    auditLog.emit('session.end', { ...start, sid: 'late', time: time.toISOString() }, { time });
    await pass(world, 30 * HOUR, 10 * HOUR);

    expect((await used(world, id)).map(({ stage, outcome }) => [stage, outcome])).toEqual([
      ['provisional', 'never-assumed'],
      ['final', 'used'],
    ]);

    auditLog.emit('session.start', { ...start, sid: 'later' });
    await pass(world, HOUR);

    expect((await used(world, id)).at(-1)).toMatchObject({ stage: 'correction', totals: { sessions: 2 } });
    expect(await used(world, id)).toHaveLength(3);
  });
});
