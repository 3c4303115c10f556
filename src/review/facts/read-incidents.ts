import type { AccessRequest } from '../../core/access-request.ts';
import type {
  HelpRequestsReading,
  IncidentsReading,
  OpenIncident,
  ReachReading,
  TargetFact,
} from '../../core/facts.ts';
import { INCIDENT_KEY_PREFIX } from '../../core/effects/incident-keys.ts';
import { covers, type OnCallRow } from '../../core/on-call.ts';
import { isPerson } from '../../core/conditions/opener.ts';
import { isUnder } from '../../core/roster/sheet.ts';
import { askersOf } from '../../core/conditions/responder-condition.ts';
import { DAY, plusMs, type Instant } from '../../core/values/instant.ts';
import { asApprovers, desksOf, targetsOf, type Rule, type Target } from '../../core/rule.ts';
import type { Ask, Incident, Incidents } from '../../ports/pagerduty.ts';
import type { Roster } from '../../ports/roster.ts';
import { causeOfMissingFact } from '../cause-of.ts';

/** What is looked up of incidents. */
export type IncidentReads = Pick<Incidents, 'openOn' | 'mergedOn' | 'helpRequests' | 'resolutions'>;

/** A merge is looked for so far back. */
const MERGED_SINCE_MS = 7 * DAY;

/** Whether what is open already is enough, so that nothing more need be read. */
type IsEnough = (reading: IncidentsReading) => boolean;

/**
 * What is open on the services, if any of the rules asks; where that is not enough, also what goes on merged into an incident of
 * others. Our own pages do not count as incidents.
 */
export async function readOpenIncidents(
  rules: readonly Rule[],
  targets: readonly TargetFact[],
  {
    incidents,
    now,
    userId,
    isEnough,
  }: {
    readonly incidents: IncidentReads;
    readonly now: Instant;
    /** The requester's, whose requests for help are looked up. */
    readonly userId: string | null;
    readonly isEnough: IsEnough;
  },
  ask: Ask,
): Promise<IncidentsReading> {
  if (!rules.some(({ responders, require }) => responders || require.openIncident !== null)) {
    return { state: 'not-asked' };
  }
  const services = targets.flatMap((fact) =>
    fact.state === 'known' && fact.kind === 'service' ? [fact.id] : [],
  );
  try {
    const found = services.length === 0 ? [] : await incidents.openOn([...new Set(services)], ask);
    const open = found.filter((incident) => !isOwnPage(incident));
    const factFor = async (incident: Incident, into: Incident | null = null): Promise<OpenIncident> => {
      const ids = [incident.id, ...(into === null ? [] : [into.id])];
      const fact = await withReopening(factOf(incident, into), into ?? incident, { userId, incidents }, ask);
      return withHelp(fact, ids, helping, ask);
    };
    const helping = { userId: rules.some(({ responders }) => responders) ? userId : null, incidents };
    const reading = {
      state: 'known',
      incidents: await Promise.all(open.map((incident) => factFor(incident))),
    } as const;
    if (services.length === 0 || isEnough(reading)) return reading;
    const since = plusMs(now, -MERGED_SINCE_MS);
    const gone = await incidents.mergedOn([...new Set(services)], since, ask);
    const merged = gone
      .filter((one) => !isOwnPage(one.merged) && !isOwnPage(one.into))
      .map((one) => factFor(one.merged, one.into));
    return { ...reading, incidents: [...reading.incidents, ...(await Promise.all(merged))] };
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

/**
 * Whether anybody is on call whom a page would reach, or who may answer it: by on-call rows alone. That a service is disabled or in
 * maintenance, which its editors can bring about, says nothing of that; and for a name that is no more it is unknown. Asked only
 * where a break-glass rule would make use of the answer.
 */
export async function readReach(
  request: AccessRequest,
  rules: readonly Rule[],
  roster: Pick<Roster, 'onCall'>,
  ask: Ask,
): Promise<ReachReading> {
  if (!rules.some(({ breakGlass }) => breakGlass)) return { state: 'not-asked' };
  // A page goes where the rules in force say; those in shadow only count where nothing else is tried out.
  const enforced = rules.filter(({ mode }) => mode === 'enforce');
  const inForce = enforced.length > 0 ? enforced : rules;
  const paged = inForce.flatMap(({ escalate }) => (escalate === null ? [] : desksOf(escalate, request)));
  if (paged.length === 0) {
    const message = 'whether anybody can be paged is not known: no service to page is named for this request';
    return { state: 'unknown', cause: { code: 'not-found', message, transient: false } };
  }
  const answering = inForce.flatMap((rule) => targetsOf(asApprovers(rule), request));
  const services = paged.map((asked): Target => ({ kind: 'service', asked }));
  const targets = [...services, ...answering.filter(({ kind }) => kind !== 'schedule')];
  const { at, rows, broken, targets: known } = await roster.onCall(targets, ask);
  const unknown = known.find((fact) => fact.state === 'unknown');
  if (unknown !== undefined) return { state: 'unknown', cause: unknown.cause };
  const [one] = broken;
  if (one !== undefined) {
    const message = `whether anybody can be paged is not known: an on-call row of PagerDuty's cannot be understood: ${one.why}`;
    return { state: 'unknown', cause: { code: 'malformed', message, transient: true } };
  }
  const isUnderOne = (row: OnCallRow) => known.some((fact) => fact.state === 'known' && isUnder(row, fact));
  return {
    state: 'known',
    reachable: at !== null && rows.some((row) => covers(row, at) && isUnderOne(row)),
  };
}

/**
 * Whether it is no evidence of an outage because it may be a page of ours: our own page must never count. Anybody may give an incident
 * of their own such a key, and hides by that nothing but what they opened themselves: what alerts opened has whatever key they had.
 */
export function isOwnPage({ incidentKey, openedBy }: Incident): boolean {
  const isByHand = openedBy === null || openedBy.type === 'user' || openedBy.type === 'user_reference';
  return isByHand && incidentKey?.startsWith(INCIDENT_KEY_PREFIX) === true;
}

/**
 * Whoever opens an old incident again has the evidence of somebody else's. Who did is read from the log where the requester had the last
 * word on its status, or PagerDuty itself, as when an acknowledgement ran out.
 */
async function withReopening(
  fact: OpenIncident,
  { id, lastChangeBy }: Incident,
  { userId, incidents }: { readonly userId: string | null; readonly incidents: IncidentReads },
  ask: Ask,
): Promise<OpenIncident> {
  const isSuspect = lastChangeBy !== null && (lastChangeBy.id === userId || !isPerson(lastChangeBy));
  if (userId === null || !isSuspect) return fact;
  const reopenedBy = (await incidents.resolutions(id, ask)).at(-1)?.reopenedBy;
  return reopenedBy === undefined ? fact : { ...fact, reopenedBy };
}

/** Who asked for help is read from the log of those incidents that the requester is to help with; of a merged one from both. */
async function withHelp(
  fact: OpenIncident,
  logsOf: readonly string[],
  { userId, incidents }: { readonly userId: string | null; readonly incidents: IncidentReads },
  ask: Ask,
): Promise<OpenIncident> {
  if (userId === null || !fact.responders.some(({ user }) => user.id === userId)) return fact;
  const readings = await Promise.all(logsOf.map((id) => readHelp(id, incidents, ask)));
  const unread = readings.find(({ state }) => state === 'unknown');
  const requests = readings.flatMap((reading) => (reading.state === 'known' ? reading.requests : []));
  return { ...fact, helpRequests: unread ?? { state: 'known', requests } };
}

async function readHelp(id: string, incidents: IncidentReads, ask: Ask): Promise<HelpRequestsReading> {
  try {
    return { state: 'known', requests: await incidents.helpRequests(id, ask) };
  } catch (error) {
    return { state: 'unknown', cause: causeOfMissingFact(error) };
  }
}

/**
 * One that was merged stays what it was; who has to do with it now is said of the one that it goes on as. PagerDuty: responders do not
 * move along.
 */
function factOf(incident: Incident, into: Incident | null = null): OpenIncident {
  const { id, title, urgency, service, createdAt, openedBy } = incident;
  const { assignees, acknowledgements } = into ?? incident;
  const responders = [...incident.responders, ...(into?.responders ?? [])];
  const people = acknowledgements.filter(({ by }) => isPerson(by));
  const acknowledgers = people.map(({ by }) => ({ id: by.id, summary: by.summary }));
  return {
    id,
    title,
    urgency,
    service,
    assignees,
    acknowledgers,
    // Whom a request names as its requester is no evidence: the log is.
    responders: responders.map(({ user, state }) => ({ user, state, requester: null })),
    createdAt,
    openedBy,
    ...(into === null ? {} : { mergedInto: { id: into.id, title: into.title, openedBy: into.openedBy } }),
  };
}
