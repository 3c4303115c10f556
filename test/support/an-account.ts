import { CallLog as PagerDutyCalls } from '../sim/pagerduty/call-log.ts';
import { SimulatedClock } from '../sim/pagerduty/clock.ts';
import { Faults as PagerDutyFaults } from '../sim/pagerduty/faults.ts';
import { letTimePass } from '../sim/pagerduty/incident-life.ts';
import { referenceWorld as referenceAccount } from '../sim/pagerduty/reference-world.ts';
import { buildAccount } from '../sim/pagerduty/world.ts';
import type { ManualTime } from './manual-time.ts';

/** The reference story's account, in whose time nothing happens but what the test lets happen. */
export function anAccount(time: ManualTime) {
  const clock = new SimulatedClock({ source: () => time.epochMs });
  const account = buildAccount(referenceAccount(clock.now()), clock);
  account.clock.onChange(() => letTimePass(account));
  return {
    account,
    faults: new PagerDutyFaults(),
    calls: new PagerDutyCalls(),
    until: async (condition: () => boolean, { deadlineMs = 10_000 } = {}): Promise<void> => {
      const held = await time.until(() => (condition() ? true : undefined), deadlineMs);
      if (held === undefined) throw new Error(`condition did not hold within ${deadlineMs} ms`);
    },
  };
}
