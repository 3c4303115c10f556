import { labelledNames } from '../core/owners/owner-of.ts';
import { LABELLED_KINDS } from '../core/resources/labels.ts';
import type { LabelValues } from '../core/resources/labels-reading.ts';
import type { OwnerSource, Policy, Target } from '../core/rule.ts';
import { PagerDutyError, type OnCallDirectory } from '../ports/pagerduty.ts';
import { TeleportError, type ResourceList } from '../ports/teleport.ts';
import { surveyOwners, type Survey, type SurveyedResource } from '../doctor/survey-owners.ts';
import { messageOf } from '../core/values/cause.ts';
import { MINUTE } from '../core/values/instant.ts';
import type { OwnedRow, OwnedThings } from '../http/pages/owners-page.ts';
import type { Clock } from '../ports/clock.ts';

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

/** What is listed for a page is good for so long: it takes a list of everything in Teleport. */
const KEPT_MS = 5 * MINUTE;
const DEADLINE_MS = MINUTE;
/** Of more only the number is known. */
const MOST_ROWS = 20_000;

/** Lists whose everything is, once for all who look within five minutes. Rejects with what went wrong, in words. */
export function ownedThings(
  survey: () => Omit<Survey, 'onResource'>,
  clock: Clock,
): () => Promise<OwnedThings | null> {
  let kept: { readonly at: number; readonly things: Promise<OwnedThings> } | null = null;

  async function list(): Promise<OwnedThings> {
    const given = survey();
    const at = clock.now();
    const rows: OwnedRow[] = [];
    const cluster = given.rootCluster ?? '';
    const onResource = (each: SurveyedResource): void => {
      if (rows.length < MOST_ROWS) rows.push(rowOf(each, cluster));
    };
    const ask = { signal: AbortSignal.timeout(DEADLINE_MS), priority: 'background' } as const;
    const { resources, unowned } = await surveyOwners({ ...given, onResource }, ask);
    return { at, rows, resources, unowned };
  }

  return async () => {
    const now = performance.now();
    if (!survey().rules.some(({ onCall }) => onCall.owner !== undefined)) return null;
    if (kept === null || now - kept.at > KEPT_MS) kept = { at: now, things: list() };
    const mine = kept;
    try {
      return await mine.things;
    } catch (error) {
      if (kept === mine) kept = null;
      throw new Error(messageOf(error), { cause: error });
    }
  };
}

function rowOf({ kind, name, hostName, rule, owners, why }: SurveyedResource, cluster: string): OwnedRow {
  return {
    ...{ cluster, kind, name: hostName ?? name, rule, why },
    owners: owners.map(({ asked, team, service, onCall }) => ({
      name: `${team === true ? 'team ' : ''}${service ?? asked}`,
      onCall:
        service === null ? 'no such service that pages' : onCall.length === 0 ? 'nobody' : onCall.join(', '),
    })),
  };
}
