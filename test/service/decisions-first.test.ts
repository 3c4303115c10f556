import { describe, expect, it } from 'vitest';
import { Stage } from './stage.ts';

/** More than are handled at once. */
const MANY = 40;

describe('a decision', () => {
  // What is done after a decision shares its places with decisions: pages that PagerDuty does not take keep all of them busy.
  it.fails('does not wait for pages of other requests that PagerDuty is slow to take', async () => {
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
