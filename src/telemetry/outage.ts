import type { PagerDutyExchange } from '../ports/pagerduty.ts';
import type { Reporter } from '../ports/reporter.ts';
import { isOutage } from './health.ts';

/** One failure is a hiccup, for which whoever asked asks again. */
const FAILURES_IN_A_ROW = 3;

/** Tells once that PagerDuty cannot be used, and once that it can be again, by how its calls end. */
export function outageTeller(reporter: Pick<Reporter, 'pagerDuty'>): (exchange: PagerDutyExchange) => void {
  let failures = 0;
  return ({ failure }) => {
    if (!isOutage(failure)) {
      if (failures >= FAILURES_IN_A_ROW) reporter.pagerDuty({ state: 'usable', cause: '' });
      failures = 0;
      return;
    }
    failures += 1;
    if (failures === FAILURES_IN_A_ROW) reporter.pagerDuty({ state: 'unusable', cause: failure.message });
  };
}
