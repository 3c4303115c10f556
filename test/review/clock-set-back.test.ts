import { expect, it } from 'vitest';
import { MINUTE } from '../../src/core/values/instant.ts';
import { isOpen } from '../sim/pagerduty/incident-model.ts';
import { World } from '../support/world.ts';

it.each([
  ['before it was known to be open', 0],
  ['long before', 10 * MINUTE],
])('a page that was opened by a clock that was set back since is closed: %s', async (_when, laterMs) => {
  await using stage = await World.open({ start: false });
  const { account, faults } = stage.pagerDuty;
  const id = stage.request('sre-2');
  stage.time.jump(5 * MINUTE);
  account.clock.setOffset(-5 * MINUTE);
  const lost = faults.add({
    kind: 'reset',
    match: { method: 'POST', pathPrefix: '/incidents' },
    after: true,
  });
  await stage.startService();
  await stage.poll(() => stage.incidents().length).toBe(1);
  await stage.stopService();
  lost.remove();

  stage.time.jump(-5 * MINUTE + laterMs);
  account.clock.setOffset(0);
  stage.denyAs('sre-1', id);
  await stage.startService();
  await stage.done('close-page');

  expect(stage.incidents().map(isOpen)).toEqual([false]);
});
