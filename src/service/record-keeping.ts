import type { Config } from '../config/load.ts';
import { plusMs } from '../core/values/instant.ts';
import type { Live } from '../http/pages/live-pages.ts';
import type { HttpPlugin } from '../http/server.ts';
import { openHistory, openPruning, openSeals } from '../ledger/open-ledger.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { SearchableHistory, Seals } from '../ports/ledger-history.ts';
import type { Reporter } from '../ports/reporter.ts';
import { pruneLedger } from '../traceability/retention.ts';
import { messageOf } from '../core/values/cause.ts';

export interface RecordKeepingOptions {
  readonly config: Pick<Config, 'ledger' | 'pages' | 'keepMs'>;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Teleport's web address, once it is known; empty before. */
  readonly proxyPublicAddr: () => string;
  readonly live: Live;
}

/** What the service does with its record beside writing it: shows it, and lets go of what is too old. */
export interface RecordKeeping extends AsyncDisposable {
  readonly plugins: readonly HttpPlugin[];
  /** Removes what is older than the ledger is to keep, if it is not to keep everything; reports, never throws. */
  prune(): Promise<void>;
  /** A reader of the ledger for whoever closes it, and how entries are known; null where it is not sealed. Throws LedgerUnavailableError. */
  openSealed(): Promise<{ readonly history: SearchableHistory; readonly seals: Seals } | null>;
}

/** In the night, and not at the full hour, when everything else happens. */
export const PRUNE_EVERY = '0 17 3 * * *';

/** Opens a reader of its own on the ledger, where pages are configured. Throws LedgerUnavailableError. */
export async function keepRecord(options: RecordKeepingOptions): Promise<RecordKeeping> {
  const { config, clock, reporter, proxyPublicAddr, live } = options;
  const { pages } = config;
  const history = pages === null ? null : await openHistory(config.ledger);
  const access = pages?.kind === 'token' ? { kind: pages.kind, token: () => pages.token.reveal() } : pages;
  // Only where they are shown: the pages bring libraries of their own.
  const pagesModule = history === null ? null : await import('../http/pages/decision-pages.ts');
  return {
    plugins:
      history === null || access === null || pagesModule === null
        ? []
        : [
            pagesModule.decisionPages({
              history,
              seals: await openSeals(config.ledger, history),
              access,
              clock,
              proxyPublicAddr,
              live,
              onRead: (read) => reporter.pageRead(read),
            }),
          ],
    async prune() {
      try {
        await pruneNow(options);
      } catch (error) {
        reporter.pruningFailed({ cause: messageOf(error) });
      }
    },
    async openSealed() {
      if (config.ledger.key === undefined) return null;
      await using opened = new AsyncDisposableStack();
      const own = opened.adopt(await openHistory(config.ledger), (each) => each.close());
      const seals = await openSeals(config.ledger, own);
      if (seals === undefined) return null;
      opened.move();
      return { history: own, seals };
    },
    async [Symbol.asyncDispose]() {
      await history?.close();
    },
  };
}

/** Two replicas may come to it at the same time: the second finds the checkpoint recorded, which is as good. */
async function pruneNow({ config, ledger, clock, reporter }: RecordKeepingOptions): Promise<void> {
  if (config.keepMs === null) return;
  await using history = await openHistory(config.ledger);
  const now = clock.now();
  const plan = await pruneLedger({
    history,
    pruning: openPruning(config.ledger, ledger),
    before: plusMs(now, -config.keepMs),
    now,
    dryRun: false,
    seals: await openSeals(config.ledger, history),
  });
  if (plan.kind === 'remove') {
    reporter.pruned({ checkpoint: plan.checkpoint, stopsBecause: plan.stopsBecause });
  }
}
