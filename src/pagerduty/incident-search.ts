import { PagerDutyError, type Ask, type Incident, type MergedIncident } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { malformed, sentence } from './http/errors.ts';
import { listAll, type Listing } from './http/paging.ts';
import * as wire from './schema.ts';
import { actorOf, referenceOf, Incident as WireIncident } from './schema.ts';
import { z } from 'zod';
import type { Instant } from '../core/values/instant.ts';

const SERVICES_A_CALL = 100;
const ABOUT = { doing: 'search incidents', scope: 'incidents.read' };
/** An incident, and with it who opened it. */
export const READ_INCIDENT = {
  ...{ doing: 'read an incident', scope: 'incidents.read', answer: wire.OneIncident },
  query: { 'include[]': ['first_trigger_log_entries'] },
};
/** Limited apart by PagerDuty. */
export const OPEN_INCIDENT = {
  doing: 'open an incident',
  scope: 'incidents.write',
  method: 'POST',
  limitedApart: true,
} as const;
/** Without `date_range` PagerDuty looks back one month only. */
const ALWAYS = {
  date_range: 'all',
  sort_by: 'created_at:desc',
  // Who opened it stands in the entry, not in the incident.
  'include[]': ['first_trigger_log_entries'],
};

/** Triggered and acknowledged incidents of the services, newest first; none for no services. */
export async function openIncidentsOn(
  client: PagerDutyClient,
  serviceIds: readonly string[],
  ask: Ask,
): Promise<readonly Incident[]> {
  const wanted = new Set(serviceIds);
  const found = new Map<string, Incident>();
  for (const ids of chunks([...wanted], SERVICES_A_CALL)) {
    const incidents = await search(
      client,
      { 'statuses[]': ['triggered', 'acknowledged'], 'service_ids[]': ids, ...ALWAYS },
      ask,
    );
    for (const incident of incidents) {
      if (!wanted.has(incident.service.id) || incident.status === 'resolved') {
        throw malformed({ ...ABOUT, host: client.host }, 'it has incidents that were not asked for', 200);
      }
      found.set(incident.id, incident);
    }
  }
  return newestFirst([...found.values()]);
}

/** Every incident with the key, on whatever service and of whatever status, the newest first. */
export async function incidentsWithKey(
  client: PagerDutyClient,
  key: string,
  ask: Ask,
): Promise<readonly Incident[]> {
  if (key.trim() === '') {
    // PagerDuty: an empty incident_key matches every incident.
    const problem = 'the incident key is empty, and PagerDuty would find every incident';
    throw new PagerDutyError('refused', sentence({ ...ABOUT, host: client.host }, problem));
  }
  const incidents = await search(client, { incident_key: key, ...ALWAYS }, ask);
  if (incidents.some((incident) => incident.incidentKey !== key)) {
    throw malformed({ ...ABOUT, host: client.host }, 'it has incidents that were not asked for', 200);
  }
  return newestFirst(incidents);
}

export function incidentOf(incident: wire.Incident): Incident {
  return {
    id: incident.id,
    incidentKey: incident.incident_key ?? null,
    title: incident.title ?? incident.summary ?? '',
    status: incident.status,
    urgency: incident.urgency,
    service: referenceOf(incident.service),
    escalationPolicy: referenceOf(incident.escalation_policy),
    assignees: (incident.assignments ?? []).map(({ assignee }) => referenceOf(assignee)),
    isDirect: incident.assigned_via === 'direct_assignment',
    acknowledgements: (incident.acknowledgements ?? []).map(({ at, acknowledger }) => ({
      at,
      by: actorOf(acknowledger),
    })),
    responders: (incident.incidents_responders ?? []).map(({ user, state, requester }) => ({
      user: referenceOf(user),
      state,
      requester: requester === null || requester === undefined ? null : referenceOf(requester),
    })),
    createdAt: incident.created_at,
    openedBy: openerOf(incident),
    lastChangeAt: incident.last_status_change_at ?? null,
    lastChangeBy: lastChangeBy(incident),
    mergedInto: mergedInto(incident),
    htmlUrl: incident.html_url ?? null,
  };
}

function openerOf({ first_trigger_log_entry: entry }: wire.Incident): Incident['openedBy'] {
  const agent = entry?.agent ?? null;
  return agent === null ? null : actorOf(agent);
}

function lastChangeBy(incident: wire.Incident): Incident['lastChangeBy'] {
  const { created_at: createdAt, last_status_change_at: at, last_status_change_by: by } = incident;
  return !by || at === createdAt ? null : actorOf(by);
}

/** PagerDuty resolves what is merged; by whom it was resolved is then whoever merged it. */
function mergedInto({ resolve_reason: reason }: wire.Incident): string | null {
  return reason?.type === 'merge_resolve_reason' ? (reason.incident?.id ?? null) : null;
}

async function search(
  client: PagerDutyClient,
  query: NonNullable<Listing<unknown>['query']>,
  ask: Ask,
): Promise<readonly Incident[]> {
  const listing = { ...ABOUT, path: ['incidents'], query, rows: 'incidents', row: wire.Incident };
  return (await listAll(client, listing, ask)).rows.map(incidentOf);
}

function newestFirst(incidents: readonly Incident[]): readonly Incident[] {
  return incidents.toSorted((one, other) =>
    one.createdAt < other.createdAt ? 1 : one.createdAt > other.createdAt ? -1 : 0,
  );
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** So many merges one after the other are followed; whether PagerDuty lets them chain at all is not documented. */
const MOST_HOPS = 5;
const MOST_MERGED = 100;

type Find = (id: string, ask: Ask) => Promise<Incident | null>;

/**
 * What was merged away from these services and goes on elsewhere, of the last hundred that were resolved. Throws PagerDutyError.
 */
export async function mergedOn(
  client: PagerDutyClient,
  serviceIds: readonly string[],
  since: Instant,
  find: Find,
  ask: Ask,
): Promise<readonly MergedIncident[]> {
  if (serviceIds.length === 0) return [];
  const query = {
    'statuses[]': ['resolved'],
    'service_ids[]': serviceIds,
    'include[]': ['first_trigger_log_entries'],
    sort_by: 'resolved_at:desc',
    since,
    limit: String(MOST_MERGED),
  };
  const answer = z.object({ incidents: z.array(WireIncident) });
  const { body } = await client.call({ ...ABOUT, path: ['incidents'], query, answer }, ask);
  const goesOn: MergedIncident[] = [];
  // In a big outage many go into the same one.
  const found = new Map<string, Promise<Incident | null>>();
  const findOnce: Find = (id) => {
    const known = found.get(id) ?? find(id, ask);
    found.set(id, known);
    return known;
  };
  for (const merged of body.incidents.map(incidentOf).filter((incident) => incident.mergedInto !== null)) {
    const into = await followMerges(merged, findOnce, ask);
    if (into !== null && into.status !== 'resolved') goesOn.push({ merged, into });
  }
  return goesOn;
}

/** Where the incident goes on; null where a merge leads nowhere, in a circle or too far. */
export async function followMerges(incident: Incident, find: Find, ask: Ask): Promise<Incident | null> {
  let at: Incident | null = incident;
  for (let hop = 0; hop <= MOST_HOPS; hop += 1) {
    const next: string | null = at?.mergedInto ?? null;
    if (next === null) return at;
    at = await find(next, ask);
  }
  return null;
}
