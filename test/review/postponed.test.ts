import { describe, expect, it } from 'vitest';
import { World } from '../support/world.ts';

const MINUTE_MS = 60_000;
const PATIENT = { escalate: { service: 'Access requests', decide_within: '5m' } };

/** PagerDuty does not say who is on call; pages can be opened. */
async function withoutFacts(): Promise<World> {
  const stage = await World.open({ rule: PATIENT });
  stage.pagerDuty.faults.add({ kind: 'status', status: 503, match: { pathPrefix: '/oncalls' } });
  return stage;
}

/** The next process, whose clock is so much ahead. */
async function restartedLater(stage: World, laterMs: number): Promise<World> {
  await stage.stopService();
  stage.time.jump(laterMs);
  await stage.startService();
  return stage;
}

describe('a decision that is put off for want of facts', () => {
  it('is in the ledger with the time from which it is waited for, once', async () => {
    await using stage = await withoutFacts();
    const id = stage.request('sre-1');
    const asked = stage.time.now();
    await stage.reports.when('postponed', ({ attempt }) => attempt === 2);

    const events = await stage.events(id);

    expect(events.map(({ kind }) => kind)).toEqual(['postponed']);
    const [event] = events;
    expect(event).toMatchObject({ since: asked, why: expect.stringContaining('503') as unknown });
  });

  it('pages a person `decide_within` after it was first looked at, whatever restarts in between', async () => {
    await using stage = await withoutFacts();
    const id = stage.request('sre-1');
    await stage.reports.when('postponed');

    const next = await restartedLater(stage, 6 * MINUTE_MS);
    await next.done('page');

    expect(next.reports.of('postponed')).toEqual([]);
    expect(stage.state(id)).toBe('PENDING');
    expect(stage.incidents()).toHaveLength(1);
  });

  it('waits no longer for a replica whose clock was ahead', async () => {
    await using stage = await withoutFacts();
    stage.request('sre-1');
    await stage.reports.when('postponed');

    const next = await restartedLater(stage, -60 * MINUTE_MS);
    const { retryInMs } = await next.reports.when('postponed');

    expect(retryInMs).toBeLessThanOrEqual(5 * MINUTE_MS);
  });

  it('is over with the request: its end is recorded, and it is not looked at again', async () => {
    await using stage = await withoutFacts();
    const id = stage.request('sre-2');
    await stage.reports.when('postponed');
    await stage.poll(() => stage.ledger.open()).toEqual([id]);

    stage.denyAs('sre-1', id);
    await stage.reports.when('ended');
    await stage.followUp(id);

    expect((await stage.events(id)).map(({ kind }) => kind)).toEqual(['postponed', 'ended']);
    expect(await stage.ledger.open()).toEqual([]);
  });
});
