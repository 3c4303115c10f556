import { met, notMet, unknown, type Question } from './condition.ts';
import type { Condition } from '../decision.ts';
import type { OpenIncident } from '../facts.ts';
import { factOf } from '../target-fact.ts';
import type { Cause } from '../values/cause.ts';
import { targetsOf, type IncidentRequirement, type Involvement } from '../rule.ts';
import { harmless } from '../values/words.ts';

const INVOLVED: Readonly<Record<Involvement, string>> = {
  any: '',
  assigned: ' that is assigned to them',
  acknowledged: ' that they acknowledged',
  responder: ' that they were asked to help with',
};

/** Whether an incident is open on one of the rule's services, as urgent as asked and with the requester involved as asked. */
export function incidentIsOpen(question: Question, wanted: IncidentRequirement): Condition {
  const { incidents, requester } = question.facts;
  if (incidents.state === 'unknown') return unknown('open-incident', incidents.cause);
  if (incidents.state === 'not-asked') {
    return unknown('open-incident', { message: 'incidents were not asked for', transient: false });
  }
  const unresolved = unresolvedServices(question);
  const userId = requester.state === 'recognised' ? requester.id : null;
  const eligible = incidents.incidents.filter(
    (incident) =>
      isOnServices(incident, question) && (wanted.urgency === null || incident.urgency === wanted.urgency),
  );
  const found = eligible.find((incident) => isInvolved(incident, wanted.involvement, userId));
  if (found !== undefined) {
    return met(
      'open-incident',
      `incident ${harmless(found.title, 100)} is open on ${harmless(found.service.summary, 100)}`,
    );
  }
  if (unresolved !== null) return unknown('open-incident', unresolved);
  // Whoever is not recognised may well be involved: nobody is refused for that.
  if (eligible.length > 0 && requester.state === 'unknown') return unknown('open-incident', requester.cause);
  if (eligible.length > 0 && requester.state === 'unrecognised') {
    return unknown('open-incident', { message: requester.why, transient: false });
  }
  const urgent = wanted.urgency === null ? '' : ` of ${wanted.urgency} urgency`;
  const what = `open incident${urgent} on the rule's services${INVOLVED[wanted.involvement]}`;
  return notMet('open-incident', `there is no ${what}`, `an ${what}`);
}

/** Whether the incident is on one of the services that the rule names for this request. */
export function isOnServices(incident: OpenIncident, { rule, request, facts }: Question): boolean {
  return targetsOf(rule, request).some(
    (target) =>
      target.kind === 'service' &&
      facts.targets.some(
        (fact) =>
          fact.state === 'known' &&
          fact.kind === 'service' &&
          fact.asked === target.asked &&
          fact.id === incident.service.id,
      ),
  );
}

/** Why a service of the rule could not be looked up, which may be the one with the incident; null when all are known. */
export function unresolvedServices({ rule, request, facts }: Question): Cause | null {
  for (const target of targetsOf(rule, request)) {
    if (target.kind !== 'service') continue;
    const fact = factOf(target, facts.targets);
    if (fact.state === 'unknown') return fact.cause;
  }
  return null;
}

function isInvolved(incident: OpenIncident, involvement: Involvement, userId: string | null): boolean {
  switch (involvement) {
    case 'any':
      return true;
    case 'assigned':
      return incident.assignees.some(({ id }) => id === userId);
    case 'acknowledged':
      return incident.acknowledgers.some(({ id }) => id === userId);
    case 'responder':
      return incident.responders.some(({ user, state }) => user.id === userId && state === 'joined');
  }
}
