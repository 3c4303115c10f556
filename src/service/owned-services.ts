import { labelledNames } from '../core/owners/owner-of.ts';
import { LABELLED_KINDS } from '../core/resources/labels.ts';
import type { LabelValues } from '../core/resources/labels-reading.ts';
import type { OwnerSource, Policy, Target } from '../core/rule.ts';
import { PagerDutyError, type OnCallDirectory } from '../ports/pagerduty.ts';
import { TeleportError, type ResourceList } from '../ports/teleport.ts';

/** More are not watched ahead: whoever may write labels may write any number of them. */
const MOST = 2_000;
/** So many names are looked up for that: what PagerDuty does not have keeps nothing out. */
const MOST_NAMES = 20_000;
/** Of an account with more services none is looked up ahead. */
const MOST_PAGES = 100;

interface Looking {
  readonly policy: () => Policy;
  readonly resources: ResourceList;
  readonly directory: Pick<OnCallDirectory, 'services'>;
}

/** What labels name: teams as they are written, and services that PagerDuty has. */
interface Found {
  readonly teams: readonly string[];
  readonly services: readonly Target[];
}

/**
 * The services and teams that labels name as owners. The roster watches them before anybody asks: only what was watched for long enough
 * counts, and nobody shall wait for the first read.
 */
export class OwnedServices {
  readonly #looking: Looking;
  #found: Found = { teams: [], services: [] };

  constructor(looking: Looking) {
    this.#looking = looking;
  }

  /** As the last look found them; services that PagerDuty does not have are left out. */
  found(): Found {
    return this.#found;
  }

  /** Lists everything that has labels, where rules go by them. What fails leaves all as it was: decisions read for themselves. */
  async look(signal: AbortSignal): Promise<void> {
    const { policy, resources, directory } = this.#looking;
    const sources = policy().rules.flatMap(({ onCall }) => onCall.owner ?? []);
    const [byService, byTeam] = [labelsOf(sources, 'label'), labelsOf(sources, 'teamLabel')];
    const names = [...new Set([...byService, ...byTeam])].sort();
    const [services, teams] = [new Set<string>(), new Set<string>()];
    try {
      for (const kind of names.length === 0 ? [] : LABELLED_KINDS) {
        for await (const page of resources.pages({ kind, names }, signal))
          for (const { labels: own } of page) {
            note(services, own, byService);
            note(teams, own, byTeam);
          }
      }
      const ask = { signal, priority: 'background' } as const;
      const known = services.size === 0 ? null : await directory.services([...services], MOST_PAGES, ask);
      this.#found = {
        teams: [...teams].slice(0, MOST),
        services: [...(known?.keys() ?? [])].slice(0, MOST).map((asked) => ({ kind: 'service', asked })),
      };
    } catch (error) {
      const isTheirs = error instanceof TeleportError || error instanceof PagerDutyError;
      if (!signal.aborted && !isTheirs) throw error;
    }
  }
}

function labelsOf(sources: readonly OwnerSource[], key: 'label' | 'teamLabel'): ReadonlySet<string> {
  return new Set(sources.flatMap((source) => source[key] ?? []));
}

function note(found: Set<string>, own: LabelValues, names: ReadonlySet<string>): void {
  const wanted = Object.fromEntries(Object.entries(own).filter(([name]) => names.has(name)));
  for (const each of labelledNames(wanted)) if (found.size < MOST_NAMES) found.add(each);
}
