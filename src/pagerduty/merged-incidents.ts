import { z } from 'zod';
import type { Instant } from '../core/values/instant.ts';
import type { Ask, Incident, MergedIncident } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { incidentOf } from './incident-search.ts';
import { Incident as WireIncident } from './schema.ts';

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
  const about = { doing: 'search incidents', scope: 'incidents.read' };
  const answer = z.object({ incidents: z.array(WireIncident) });
  const { body } = await client.call({ ...about, method: 'GET', path: ['incidents'], query, answer }, ask);
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
