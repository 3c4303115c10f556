import type { Account } from '../../sim/pagerduty/account.ts';
import { SimulatedClock } from '../../sim/pagerduty/clock.ts';
import { referenceWorld } from '../../sim/pagerduty/reference-world.ts';
import { buildAccount, type World } from '../../sim/pagerduty/world.ts';

/** Three in the morning, five days before Sam hands over. */
export const NOW = new Date('2026-03-03T03:00:00Z');

/** The reference account at an instant that stands still until its clock is told otherwise. */
export function referenceAccount(changes: Partial<World> = {}): Account {
  const clock = new SimulatedClock({ source: () => NOW.getTime() });
  return buildAccount({ ...referenceWorld(NOW), ...changes }, clock);
}
