import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../src/core/values/instant.ts';
import { merge } from '../sim/pagerduty/incident-merging.ts';
import { reopen, resolve } from '../sim/pagerduty/incident-life.ts';
import { openIncident, triggerAlert } from '../sim/pagerduty/incident-opening.ts';
import { World } from '../support/world.ts';

const REQUIRE = { reason: true, open_incident: true };
const monitoring = { type: 'service', id: 'PSERVC1' } as const;

/** Two incidents are open on the service when sre-1 is let in; the access ends half an hour after both are resolved. */
async function letIn(ends: object = {}, rule: object = {}) {
  const stage = await World.open({
    freshness: '0s',
    rule: { require: REQUIRE, access_ends: { with_incident: '30m', ...ends }, ...rule },
    start: false,
  });
  const { account } = stage.pagerDuty;
  const ids = ['checkout fails', 'cart is slow'].map(
    (title) => triggerAlert(account, { serviceId: 'PSERVC1', title })?.id ?? '',
  );
  await stage.startService();
  stage.request('sre-1');
  await stage.done('find-live-incident');
  const look = async (minutes: number) => {
    await stage.time.advance(minutes * MINUTE);
    return stage.locks().map(({ message }) => message);
  };
  const over = (...which: readonly number[]) => {
    for (const at of which) resolve(account, ids[at] ?? '', monitoring);
  };
  return { stage, account, ids, look, over, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

describe('access that ends with the incident', () => {
  it('goes on while one that justified it is open, and is locked once all are resolved and the grace is over', async () => {
    await using scene = await letIn();
    const { look, over } = scene;
    over(0);
    expect(await look(40)).toEqual([]);
    over(1);
    expect(await look(25)).toEqual([]);
    expect(await look(6)).toEqual([
      expect.stringMatching(
        /^Access ended with the incident: all 2 incidents by which it was given are resolved since 2026-03-03T02:54/u,
      ),
    ]);
  });

  it.each<[string, readonly number[], 'again' | 'and resolve' | 'into their own']>([
    ['opens one again', [0], 'again'],
    ['opens all again', [0, 1], 'again'],
    ['opens it again and resolves it at once, with a grace anew each time', [0], 'and resolve'],
    ['merges it into one that they opened', [0], 'into their own'],
  ])('is not kept by whoever %s for themselves', async (_what, which, how) => {
    await using scene = await letIn();
    const { account, ids, look, over } = scene;
    const sam = { type: 'user', id: 'PSAM1RE' } as const;
    const mine = openIncident(account, { serviceId: 'PSERVC1', title: 'mine' }, sam);
    over(0, 1);
    for (let times = 0; times < 2; times += 1) {
      expect(await look(14)).toEqual([]);
      for (const id of which.map((at) => ids[at] ?? '')) {
        if (how === 'into their own' && times === 0) merge(account, mine.id, [id], sam);
        if (how === 'again' && times === 0) reopen(account, id, sam, false);
        if (how !== 'and resolve') continue;
        reopen(account, id, sam, false);
        resolve(account, id, sam);
      }
    }
    expect(await look(3)).toHaveLength(1);
  });
});
