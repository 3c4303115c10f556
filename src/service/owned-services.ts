import { labelledServices } from '../core/ownership.ts';
import { LABELLED_KINDS } from '../core/resources/labels.ts';
import type { Policy, Target } from '../core/rule.ts';
import { PagerDutyError, type OnCallDirectory } from '../ports/pagerduty.ts';
import { TeleportError, type ResourceList } from '../ports/teleport.ts';

/** More are not watched ahead: whoever may write labels may write any number of them. */
const MOST = 2_000;
/** Of an account with more services none is looked up ahead. */
const MOST_PAGES = 100;

interface Looking {
  readonly policy: () => Policy;
  readonly resources: ResourceList;
  readonly directory: Pick<OnCallDirectory, 'services'>;
}

/**
 * The services that labels name as owners. The roster watches them before anybody asks: only what was watched for long enough counts, and
 * nobody shall wait for the first read.
 */
export class OwnedServices {
  readonly #looking: Looking;
  #found: readonly Target[] = [];

  constructor(looking: Looking) {
    this.#looking = looking;
  }

  /** As the last look found them; those that PagerDuty does not have are left out. */
  targets(): readonly Target[] {
    return this.#found;
  }

  /** Lists everything that has labels, where rules go by them. What fails leaves all as it was: decisions read for themselves. */
  async look(signal: AbortSignal): Promise<void> {
    const { policy, resources, directory } = this.#looking;
    const labels = policy().rules.flatMap(({ onCall }) => onCall.owner?.label ?? []);
    const names = [...new Set(labels)].sort();
    const found = new Set<string>();
    try {
      for (const kind of names.length === 0 ? [] : LABELLED_KINDS) {
        for await (const page of resources.pages({ kind, names }, signal))
          for (const { labels: own } of page)
            for (const service of labelledServices(own)) if (found.size < MOST) found.add(service);
      }
      const ask = { signal, priority: 'background' } as const;
      const known = found.size === 0 ? null : await directory.services([...found], MOST_PAGES, ask);
      this.#found = [...(known?.keys() ?? [])].map((asked) => ({ kind: 'service', asked }));
    } catch (error) {
      const isTheirs = error instanceof TeleportError || error instanceof PagerDutyError;
      if (!signal.aborted && !isTheirs) throw error;
    }
  }
}
