import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { chained } from '../ledger/some-events.ts';
import type { ServiceProcess } from '../service/process.ts';
import { PostgresServer } from './postgres-server.ts';
import { Replicas } from './replicas.ts';

const REQUESTS = 200;
/** Until everything is done that was asked for; also what a killed replica had begun. */
const PATIENCE = { timeout: 45_000, interval: 100 };

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const KILL_POINTS = new URL('../proof/chaos/kill-points.ts', import.meta.url).href;

function isFrozen({ child }: ServiceProcess): boolean {
  return /^\d+ \(.*\) T/u.test(readFileSync(`/proc/${child.pid ?? 0}/stat`, 'utf8'));
}

function done(events: readonly LedgerEvent[]): readonly string[] {
  return events.flatMap((event) => (event.kind === 'effect-done' ? [event.key] : []));
}

async function expectExactlyOnce(replicas: Replicas): Promise<void> {
  await expect.poll(() => replicas.unfinished(), PATIENCE).toEqual([]);
  // What one replica passed over is looked at again by the sweep of the next minute at the latest: nothing may come of that.
  expect(replicas.surplus()).toEqual([]);
  const entries = await replicas.entries();
  expect(entries).toEqual(chained(entries));
  expect(entries.filter(({ event }) => event.kind === 'decided')).toHaveLength(REQUESTS);
}

describe('two replicas on one PostgreSQL', () => {
  it('handle each of 200 requests once', async () => {
    await using replicas = await Replicas.open(server);
    await Promise.all([replicas.start(), replicas.start()]);

    replicas.askMany(REQUESTS);

    await expectExactlyOnce(replicas);
    // Of whichever replica, and however many at once: one person who asks for one thing has one page.
    expect(replicas.pages()).toHaveLength(1);
  });

  it('open together three pages for one person and one for all the rest, as the rule says', async () => {
    await using replicas = await Replicas.open(server);
    await Promise.all([replicas.start(), replicas.start()]);

    replicas.askForMany('sre-2', 60);

    await expect.poll(() => replicas.unfinished(), PATIENCE).toEqual([]);
    expect(replicas.surplus()).toEqual([]);
    expect(replicas.pages()).toHaveLength(4);
  });

  it('lose and double nothing when one is killed in the middle', async () => {
    await using replicas = await Replicas.open(server);
    const [one] = await Promise.all([replicas.start(), replicas.start()]);
    const { calls } = replicas.stage.teleport;

    replicas.askMany(REQUESTS / 2);
    await calls.ended('SubmitAccessReview', 20);
    await replicas.end(one, 'SIGKILL');
    replicas.askMany(REQUESTS / 2);

    await expectExactlyOnce(replicas);
  });

  it('take over what a killed one had begun within 15 s', async () => {
    await using replicas = await Replicas.open(server);
    const { calls, faults } = replicas.stage.teleport;
    faults.add({ method: 'SubmitAccessReview', kind: 'stall-before', times: 1 });
    const one = await replicas.start();
    const id = replicas.ask('sre-1');
    await calls.arrived('SubmitAccessReview');
    await replicas.start();

    await replicas.end(one, 'SIGKILL');
    const killed = performance.now();
    await expect.poll(() => replicas.stage.state(id), PATIENCE).toBe('APPROVED');

    expect(performance.now() - killed).toBeLessThan(15_000);
    expect((await replicas.events(id)).filter(({ kind }) => kind === 'decided')).toHaveLength(1);
  });

  it('take over within 15 s what a killed one was still asking PagerDuty about', async () => {
    await using replicas = await Replicas.open(server);
    const { pagerDuty } = replicas.stage;
    pagerDuty.faults.add({ kind: 'stall-headers', match: { pathPrefix: '/oncalls' }, times: 1 });
    const one = await replicas.start();
    const id = replicas.ask('sre-1');
    await pagerDuty.until(() => pagerDuty.calls.matching('GET', '/oncalls').length > 0);
    await replicas.start();

    await replicas.end(one, 'SIGKILL');
    const killed = performance.now();
    await expect.poll(() => replicas.stage.state(id), PATIENCE).toBe('APPROVED');

    expect(performance.now() - killed).toBeLessThan(15_000);
  });

  it.each([
    ['about to write a note', 'after effect-intended live-note', 'sre-1'],
    ['about to page', 'after effect-intended page', 'sre-2'],
    ['about to record that it has written a note', 'before effect-done live-note', 'sre-1'],
  ] as const)('leave to the other what one does that is frozen when %s', async (_when, point, user) => {
    await using replicas = await Replicas.open(server);
    const one = await replicas.start({
      imports: [KILL_POINTS],
      env: { CHAOS_KILL_POINT: point, CHAOS_KILL_SIGNAL: 'SIGSTOP' },
    });
    const id = replicas.ask(user);
    await expect.poll(() => isFrozen(one), PATIENCE).toBe(true);
    await replicas.start();
    await expect.poll(() => replicas.unfinished(), PATIENCE).toEqual([]);
    await expect.poll(async () => done(await replicas.events(id)), PATIENCE).toContain(point.split(' ')[2]);

    one.child.kill('SIGCONT');
    // Once it has handled something else it is beyond what it was about to do.
    const asked = replicas.askMany(4);
    await expect.poll(() => replicas.unfinished(), PATIENCE).toEqual([]);
    expect(await replicas.end(one, 'SIGTERM')).toBe(0);

    expect(asked).toHaveLength(4);
    expect(replicas.surplus()).toEqual([]);
    const entries = await replicas.entries();
    expect(entries).toEqual(chained(entries));
  });

  it('lose and double nothing while both are restarted in turn', async () => {
    await using replicas = await Replicas.open(server);
    let [one, other] = await Promise.all([replicas.start(), replicas.start()]);

    replicas.askMany(REQUESTS / 4);
    expect(await replicas.end(one, 'SIGTERM')).toBe(0);
    replicas.askMany(REQUESTS / 4);
    one = await replicas.start();
    replicas.askMany(REQUESTS / 4);
    expect(await replicas.end(other, 'SIGTERM')).toBe(0);
    replicas.askMany(REQUESTS / 4);
    other = await replicas.start();

    await expectExactlyOnce(replicas);
    expect([await replicas.end(one, 'SIGTERM'), await replicas.end(other, 'SIGTERM')]).toEqual([0, 0]);
  });

  it('lose and double nothing when PostgreSQL restarts under them', async () => {
    await using own = await PostgresServer.start();
    await using replicas = await Replicas.open(own);
    await Promise.all([replicas.start(), replicas.start()]);
    const { calls } = replicas.stage.teleport;

    replicas.askMany(REQUESTS / 2);
    await calls.ended('SubmitAccessReview', 10);
    await own.stop('SIGQUIT');
    replicas.askMany(REQUESTS / 2);
    await own.start();

    await expectExactlyOnce(replicas);
  });
});
