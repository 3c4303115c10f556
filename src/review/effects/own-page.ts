import { incidentKeyInstead } from '../../core/effects/incident-keys.ts';
import type { Effect } from '../../core/record/effect.ts';
import { CLOCKS_DIFFER_MS, plusMs, type Instant } from '../../core/values/instant.ts';
import { PagerDutyError, type Ask, type Incident } from '../../ports/pagerduty.ts';
import type { Dependencies } from '../dependencies.ts';

/** A page of the request, and from when on it may have been opened: none is older than its request, by whatever clock it was intended. */
export interface BegunPage {
  readonly page: Effect & { readonly kind: 'page' };
  readonly since: Instant;
}

/** What is found of an access is opened as a page is; nobody is woken by it. */
export function asPage(effect: Effect & { readonly kind: 'finding' }): BegunPage['page'] {
  return { ...effect, kind: 'page', urgency: 'low' };
}

export interface Looked {
  /** The incident that this service opened for the page; null where none is known for certain. */
  readonly own: Incident | null;
  /** The first of the page's keys that no incident has. */
  readonly freeKey: string;
  /** Incidents that have a key of the page's, and are not what was sent. */
  readonly foreign: readonly Incident[];
}

type PageDependencies = Pick<Dependencies, 'incidents' | 'roster' | 'setting'>;

const MOST_KEYS = 5;

/**
 * Looks whether a page is open of which that is not known. An incident with its key is one's own only where it was opened as it was
 * sent, on that service, and not before the request was made: an alert may have any key, and so may an incident of anybody. Takes one read
 * where no incident has the key, else some more. Throws PagerDutyError.
 */
async function lookForPage(
  { page, since }: BegunPage,
  dependencies: PageDependencies,
  ask: Ask,
): Promise<Looked> {
  const { incidents, roster, setting } = dependencies;
  const foreign: Incident[] = [];
  for (let attempt = 0; attempt < MOST_KEYS; attempt += 1) {
    const key = incidentKeyInstead(page.incidentKey, attempt, setting);
    const found = await incidents.allWithKey(key, ask);
    if (found.length === 0) return { own: null, freeKey: key, foreign };
    const desks = await desksThere(page, roster, ask);
    for (const incident of found) {
      const mayBe = desks.has(incident.service.id) && incident.createdAt >= plusMs(since, -CLOCKS_DIFFER_MS);
      if (mayBe && (await incidents.wasOpenedAs(incident.id, page, ask)))
        return { own: incident, freeKey: key, foreign };
    }
    foreign.push(...found);
  }
  const problem = `incidents of others have all ${MOST_KEYS} keys that this page may have; find out who opens them, and answer the request in Teleport`;
  throw new PagerDutyError('refused', problem);
}

/** Those of the services that it may be open on that there are. */
async function desksThere(
  { service, instead = [] }: BegunPage['page'],
  roster: PageDependencies['roster'],
  ask: Ask,
): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (const desk of [service, ...instead]) {
    try {
      ids.add((await roster.service(desk, ask)).id);
    } catch (error) {
      if (!(error instanceof PagerDutyError) || error.transient) throw error;
    }
  }
  return ids;
}

/** Null for a page that was never begun. */
export async function lookForBegun(
  { pages }: { readonly pages: readonly BegunPage[] },
  key: string,
  dependencies: PageDependencies,
  ask: Ask,
): Promise<Looked | null> {
  const begun = pages.find(({ page }) => page.incidentKey === key);
  return begun === undefined ? null : await lookForPage(begun, dependencies, ask);
}
