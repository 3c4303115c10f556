import type { AccessRequest } from '../core/access-request.ts';
import type { IncidentsReading, OpenIncident, ReachReading, TargetFact } from '../core/facts.ts';
import { INCIDENT_KEY_PREFIX } from '../core/effects/page-keys.ts';
import { covers } from '../core/on-call.ts';
import { askersOf } from '../core/conditions/responder-condition.ts';
import { escalationService, type Rule } from '../core/rule.ts';
import type { Ask, Incident, Incidents, OnCallDirectory } from '../ports/pagerduty.ts';
import { causeOfMissingFact } from './cause-of.ts';

/** What is open on the services, if any of the rules asks; our own pages do not count as incidents. */
export async function readOpenIncidents(
  rules: readonly Rule[],
  targets: readonly TargetFact[],
  incidents: Pick<Incidents, 'openOn'>,
  ask: Ask,
): Promise<IncidentsReading> {
  if (!rules.some(({ responders, require }) => responders || require.openIncident !== null)) {
    return { state: 'not-asked' };
  }
  const services = targets.flatMap((fact) =>
    fact.state === 'known' && fact.kind === 'service' ? [fact.id] : [],
  );
  try {
    const open = services.length === 0 ? [] : await incidents.openOn([...new Set(services)], ask);
    return { state: 'known', incidents: open.filter((incident) => !isOwnPage(incident)).map(factOf) };
  } catch (error) {
    return { state: 'unknown', cause: causeOfMissingFact(error) };
  }
}

/** Those who asked this person to help with an open incident, if any rule lets that count. */
export function askersIn(
  reading: IncidentsReading,
  rules: readonly Rule[],
  userId: string,
): readonly string[] {
  if (reading.state !== 'known' || !rules.some(({ responders }) => responders)) return [];
  return [
    ...new Set(reading.incidents.flatMap((incident) => askersOf(incident, userId).map(({ id }) => id))),
  ];
}

/** Whether a page would reach anybody; asked only where a break-glass rule would make use of the answer. */
export async function readReach(
  request: AccessRequest,
  rules: readonly Rule[],
  directory: OnCallDirectory,
  ask: Ask,
): Promise<ReachReading> {
  if (!rules.some(({ breakGlass }) => breakGlass)) return { state: 'not-asked' };
  // A page goes where the rules in force say; those in shadow only count where nothing else is tried out.
  const inForce = rules.filter(({ mode }) => mode === 'enforce');
  const services = (inForce.length > 0 ? inForce : rules).flatMap(({ escalate }) =>
    escalate === null ? [] : [escalationService(escalate, request) ?? []].flat(),
  );
  if (services.length === 0) {
    const message = 'whether anybody can be paged is not known: no service to page is named for this request';
    return { state: 'unknown', cause: { code: 'not-found', message, transient: false } };
  }
  try {
    for (const name of new Set(services)) {
      const { escalationPolicy } = await directory.service(name, ask);
      const { at, rows } = await directory.onCallsUnder(escalationPolicy.id, ask);
      if (rows.some((row) => covers(row, at))) return { state: 'known', reachable: true };
    }
    return { state: 'known', reachable: false };
  } catch (error) {
    return { state: 'unknown', cause: causeOfMissingFact(error) };
  }
}

export function isOwnPage({ incidentKey }: Incident): boolean {
  return incidentKey?.startsWith(INCIDENT_KEY_PREFIX) === true;
}

function factOf(incident: Incident): OpenIncident {
  const { id, title, urgency, service, assignees, acknowledgements, responders, createdAt } = incident;
  const people = acknowledgements.filter(({ by }) => by.type === 'user' || by.type === 'user_reference');
  const acknowledgers = people.map(({ by }) => ({ id: by.id, summary: by.summary }));
  return { id, title, urgency, service, assignees, acknowledgers, responders, createdAt };
}
