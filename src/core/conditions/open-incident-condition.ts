import { met, notMet, unknown, type Question } from './condition.ts';
import type { Condition } from '../decision.ts';
import { factOf, type Facts, type OpenIncident } from '../facts.ts';
import type { Cause } from '../values/cause.ts';
import { targetsOf, type IncidentRequirement, type Involvement, type Rule } from '../rule.ts';
import { msBetween } from '../values/instant.ts';
import { durationWords, sanitise, listed } from '../values/words.ts';
import { isPerson, openerOf, personOf, type Person } from './opener.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';

const INVOLVED: Readonly<Record<Involvement, string>> = {
  any: '',
  assigned: ' that is assigned to them',
  acknowledged: ' that they acknowledged',
  responder: ' that they were asked to help with',
};

/** What of a question is about incidents. */
export type IncidentQuestion = Omit<Question, 'facts'> & {
  readonly facts: Pick<Facts, 'incidents' | 'requester' | 'targets'>;
};

/** Whether an incident is open on one of the rule's services, as urgent as asked and with the requester involved as asked. */
export function incidentIsOpen(question: IncidentQuestion, wanted: IncidentRequirement): Condition {
  const { incidents, requester } = question.facts;
  if (incidents.state === 'unknown') return unknown('open-incident', incidents.cause);
  if (incidents.state === 'not-asked') {
    return unknown('open-incident', { message: 'incidents were not asked for', transient: false });
  }
  const unresolved = unresolvedServices(question);
  const person = personOf(requester);
  const judged = openIncidentsFor(question, wanted, incidents.incidents, person);
  const found = judged.find(({ short }) => short === null)?.incident;
  if (found !== undefined) {
    const { title, service, mergedInto } = found;
    const where =
      mergedInto === undefined
        ? `is open on ${sanitise(service.summary, 100)}`
        : `of ${sanitise(service.summary, 100)} goes on as ${sanitise(mergedInto.title, 100)}`;
    return met('open-incident', `incident ${sanitise(title, 100)} ${where}`);
  }
  if (unresolved !== null) return unknown('open-incident', unresolved);
  // Whoever is not recognised may well be involved: nobody is refused for that.
  for (const { short } of judged) {
    if (short !== null && typeof short !== 'string') return unknown('open-incident', short);
  }
  const missed = judged.flatMap(({ short }) => (typeof short === 'string' && short !== '' ? [short] : []));
  const near = missed.length === 0 ? '' : ` (${listed(missed.slice(0, 3))})`;
  const urgent = wanted.urgency === null ? '' : ` of ${wanted.urgency} urgency`;
  const what = `open incident${urgent} on the rule's services${INVOLVED[wanted.involvement]}`;
  return notMet('open-incident', `there is no ${what}${near}`, `an ${what}`);
}

/** Incidents of the rule's services that are as urgent as asked, each with why it is no ground for this access; null for those that are. */
function openIncidentsFor(
  question: IncidentQuestion,
  wanted: IncidentRequirement,
  incidents: readonly OpenIncident[],
  person: Person,
) {
  const isUrgent = ({ urgency }: OpenIncident): boolean =>
    wanted.urgency === null || urgency === wanted.urgency;
  return incidents
    .filter((incident) => isOnServices(incident, question) && isUrgent(incident))
    .map((incident) => ({ incident, short: shortfall(incident, wanted, person, question) }));
}

/** Whether the incident is on one of the services that the rule names for this request. */
export function isOnServices(incident: OpenIncident, { rule, request, facts }: IncidentQuestion): boolean {
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
export function unresolvedServices({ rule, request, facts }: IncidentQuestion): Cause | null {
  for (const target of targetsOf(rule, request)) {
    if (target.kind !== 'service') continue;
    const fact = factOf(target, facts.targets);
    if (fact.state === 'unknown') return fact.cause;
  }
  return null;
}

/**
 * Why the incident is no ground for this access, empty where that goes without saying; why it cannot be known; or null where it is.
 * Whoever opened it a second ago, for themselves, has only told PagerDuty what they tell us.
 */
function shortfall(
  incident: OpenIncident,
  { involvement, minAgeMs }: IncidentRequirement,
  person: Person,
  { now }: IncidentQuestion,
): string | Pick<Cause, 'message' | 'transient'> | null {
  const { title, createdAt, openedBy } = incident;
  if (involvement !== 'any' && person.id === null) return person.unknown;
  if (!isInvolved(incident, involvement, person.id)) return '';
  const opener = openerOf(incident, person);
  if (opener.by === 'self') {
    const how = incident.reopenedBy?.id === person.id ? 'opened again' : 'opened';
    return `incident ${sanitise(title, 100)} was ${how} by themselves`;
  }
  const byPerson = openedBy !== undefined && (openedBy === null || isPerson(openedBy));
  const wantedMs = (byPerson ? minAgeMs?.byPeople : minAgeMs?.byMonitoring) ?? 0;
  if (msBetween(createdAt, now) < wantedMs) {
    return `incident ${sanitise(title, 100)} is open only since ${createdAt}, the rule asks for ${durationWords(wantedMs)}`;
  }
  return opener.by === 'unknown' ? opener.cause : null;
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

/**
 * The incidents by which the rule found its condition met when it was decided: access that ends with the incident ends when all of them
 * are over. By the id under which they go on, where they had been merged by then.
 */
export function justifyingIncidents(
  { request, facts, decidedAt }: RecordedDecision,
  rule: Rule,
): readonly { readonly id: string; readonly title: string }[] {
  const wanted = rule.require.openIncident;
  if (wanted === null || facts.incidents.state !== 'known') return [];
  const question = { rule, request, facts, now: decidedAt };
  const found = openIncidentsFor(question, wanted, facts.incidents.incidents, personOf(facts.requester));
  const going = found.flatMap(({ incident, short }) => (short === null ? [goingOnAs(incident)] : []));
  return [...new Map(going.map((each) => [each.id, each])).values()];
}

function goingOnAs({ id, title, mergedInto }: OpenIncident): { readonly id: string; readonly title: string } {
  return mergedInto === undefined ? { id, title } : { id: mergedInto.id, title: mergedInto.title };
}
