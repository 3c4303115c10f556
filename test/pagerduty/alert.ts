import type { Account } from '../sim/pagerduty/account.ts';
import { triggerAlert } from '../sim/pagerduty/incident-opening.ts';

/** Monitoring opens an incident; gives its id. */
export function anAlert(account: Account, fields: { serviceId?: string; incidentKey?: string } = {}): string {
  const incident = triggerAlert(account, { title: 'checkout is down', serviceId: 'PSERVC1', ...fields });
  if (incident === undefined) throw new Error('the alert opened no incident');
  return incident.id;
}
