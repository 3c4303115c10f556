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
    expect((await next.reports.when('postponed')).retryInMs).toBeLessThanOrEqual(5 * MINUTE_MS);
  });
});
