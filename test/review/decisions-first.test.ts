import { describe, it } from 'vitest';
import { World } from '../support/world.ts';

/** More than are handled at once, of whatever stage. */
const MANY = 250;

describe('a decision', () => {
  // Were it otherwise, every request would keep its place until its page is open.
  it('does not wait for pages of other requests that PagerDuty is slow to take', async () => {
    await using stage = await World.open();
    const { faults, calls } = stage.pagerDuty;
    const added = faults.add({ kind: 'stall-headers', match: { method: 'POST', pathPrefix: '/incidents' } });
    for (let asked = 0; asked < MANY; asked += 1) stage.request('sre-2');
    await stage.pagerDuty.until(() => calls.matching('POST', '/incidents').length > 0);

    const id = stage.request('sre-1');

    try {
      await stage.poll(() => stage.state(id), { timeout: 3_000 }).toBe('APPROVED');
    } finally {
      added.remove();
    }
  });
});

describe('a page', () => {
  it('does not wait for look-ups of requests that are approved already', async () => {
    await using stage = await World.open();
    const { faults, calls } = stage.pagerDuty;
    const added = faults.add({ kind: 'stall-headers', match: { method: 'GET', pathPrefix: '/incidents' } });
    const approved = Array.from({ length: MANY }, () => stage.request('sre-1'));
    await stage
      .poll(() => approved.filter((id) => stage.state(id) === 'APPROVED').length, { timeout: 10_000 })
      .toBe(MANY);
    await stage.pagerDuty.until(() => calls.matching('GET', '/incidents').length > 0);

    stage.request('sre-2');

    try {
      await stage.pagerDuty.until(() => calls.matching('POST', '/incidents').length > 0, {
        deadlineMs: 3_000,
      });
    } finally {
      added.remove();
    }
  }, 20_000);
});
