import { describe, expect, it } from 'vitest';
import type { Fault } from '../sim/pagerduty/faults.ts';
import { World } from '../support/world.ts';

/** PagerDuty fails so for as long as one read takes; then the engineer on call must be let in, and nobody paged. */
async function expectLetIn(fault: Fault): Promise<void> {
  const rule = { escalate: { service: 'Access requests', decide_within: '10s' } };
  await using stage = await World.open({ rule });
  const added = stage.pagerDuty.faults.add({ ...fault, match: { pathPrefix: '/oncalls' } });

  const id = stage.request('sre-1');
  await stage.pagerDuty.until(() => added.hits > 0);
  added.remove();

  await stage.poll(() => stage.state(id), { timeout: 3_000 }).toBe('APPROVED');
  expect(stage.incidents()).toEqual([]);
}

describe('the engineer on call is let in after all when PagerDuty', () => {
  it('answers 503 at first', () => expectLetIn({ kind: 'status', status: 503 }));

  it('answers 401 at first, while a key is renewed', () => expectLetIn({ kind: 'status', status: 401 }));
  it('answers 403 at first', () => expectLetIn({ kind: 'status', status: 403 }));
  it('answers in a wrong shape at first', () => expectLetIn({ kind: 'wrong-shape' }));
});
