import type { Account } from './account.ts';
import { isOpen, type Incident } from './incident-model.ts';

/** The open incident of this service with this key, if there is one: PagerDuty allows only one at a time. */
export function alreadyOpen(account: Account, serviceId: string, incidentKey: string): Incident | undefined {
  return account.incidents.find(
    (incident) =>
      isOpen(incident) && incident.serviceId === serviceId && incident.incidentKey === incidentKey,
  );
}

/** PagerDuty takes the incident's id or its number. */
export function incidentByIdOrNumber(account: Account, idOrNumber: string): Incident | undefined {
  return (
    account.incidents.get(idOrNumber) ??
    account.incidents.find((incident) => String(incident.number) === idOrNumber)
  );
}

/** Highest urgency state of a service's incidents, as its `status` shows it. */
export function serviceIncidentStatus(
  account: Account,
  serviceId: string,
): 'active' | 'warning' | 'critical' {
  const open = account.incidents.all().filter((one) => one.serviceId === serviceId && isOpen(one));
  if (open.some((incident) => incident.status === 'triggered')) return 'critical';
  return open.length > 0 ? 'warning' : 'active';
}
