import { describe, expect, it } from 'vitest';
import { Stage } from './stage.ts';

/** More than are handled at once. */
const MANY = 40;

describe('a decision', () => {
  // Pages go over the four connections of decisions, and every request keeps one of 32 places until all is done for it.
  it('does not wait for pages of other requests that PagerDuty is slow to take', async () => {
    await using stage = await Stage.open();
    const { faults, calls } = stage.pagerDuty;
    const added = faults.add({ kind: 'stall-headers', match: { method: 'POST', pathPrefix: '/incidents' } });
    for (let asked = 0; asked < MANY; asked += 1) stage.request('sre-2');
    await stage.pagerDuty.until(() => calls.matching('POST', '/incidents').length > 0);

    const id = stage.request('sre-1');

    try {
      await expect.poll(() => stage.state(id), { timeout: 3_000 }).toBe('APPROVED');
    } finally {
      added.remove();
    }
  });
});
