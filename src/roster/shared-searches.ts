import { SECOND } from '../core/values/instant.ts';
import type { Ask, Incident, Incidents } from '../ports/pagerduty.ts';
import { SharedReading } from './shared-reading.ts';

/** What the search for incidents takes in one call. */
const MOST_SERVICES = 100;

interface Search {
  readonly services: ReadonlySet<string>;
  readonly open: readonly Incident[];
}

/** Incidents whose searches by service share calls: what is asked for while others are under way goes out together. */
export function shareSearches(
  incidents: Incidents,
  { freshMs, stop }: { readonly freshMs: number; readonly stop: AbortSignal },
): Incidents {
  /** The services that were asked about, and when, by a clock that never goes back. */
  const asked = new Map<string, number>();
  const search = new SharedReading<Search>(async (ask) => {
    const since = performance.now() - Math.max(freshMs, SECOND);
    for (const [id, askedMs] of asked) if (askedMs < since) asked.delete(id);
    // The last ones, so that whoever asks now is among them.
    const services = [...asked.keys()].slice(-MOST_SERVICES);
    return { services: new Set(services), open: await incidents.openOn(services, ask) };
  }, stop);

  async function openOn(serviceIds: readonly string[], ask: Ask): Promise<readonly Incident[]> {
    for (const id of serviceIds) {
      asked.delete(id);
      asked.set(id, performance.now());
    }
    const isAmong = ({ services }: Search): boolean => serviceIds.every((id) => services.has(id));
    const shared = await search.take(freshMs, ask);
    const found = isAmong(shared) ? shared : await search.take(0, ask);
    if (!isAmong(found)) return await incidents.openOn(serviceIds, ask);
    return found.open.filter(({ service }) => serviceIds.includes(service.id));
  }

  return { ...incidents, openOn };
}
