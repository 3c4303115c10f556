import type { Account } from './account.ts';
import type { CallLog } from './call-log.ts';
import type { Faults } from './faults.ts';
import type { Webhooks } from './webhooks.ts';

/** The parts of one simulated PagerDuty that the control API reaches. */
export interface Controlled {
  readonly account: Account;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly webhooks: Webhooks;
}
