import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import { GENESIS, hashOf, sha256, ledgerIdIn, markOf } from '../../ledger/rows.ts';
import { ExportHistory } from '../../ledger/export.ts';
import { openHistory } from '../../ledger/open-ledger.ts';
import { openSealThread, type SealThread } from '../../ledger/seal-thread.ts';
import { openKeys } from '../../ledger/open-keys.ts';
import { sealsOf } from '../../ledger/seals.ts';
import type { LedgerHistory, SearchableHistory, Seals } from '../../ports/ledger-history.ts';
import { fault, type Finding } from '../../traceability/finding.ts';
import type { Hashing } from '../../traceability/hashing.ts';
import { usualConfig } from '../options.ts';
import type { Terminal } from '../terminal.ts';

/** Where the ledger is: as the configuration says, or a SQLite file, for instance a copy. */
export interface Place {
  readonly config?: string | undefined;
  readonly ledger?: string | undefined;
}

export const hashing: Hashing = { digest: sha256, hashOf, genesis: GENESIS };

/** Throws ConfigError, LedgerUnavailableError. */
export async function openPlace(
  { config, ledger }: Place,
  { environment }: Terminal,
): Promise<SearchableHistory & AsyncDisposable> {
  if (ledger !== undefined) return openHistory({ sqlite: ledger });
  const file = config ?? usualConfig(environment);
  try {
    return await openHistory(loadConfig(file, environment, { offline: true }).ledger);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      `${error.message}\nThe ledger can be read without the configuration: \`--ledger FILE\` instead of \`--config\`.`,
    );
  }
}

/** What the configuration knows of the ledger beside where it is. */
export interface KnownOfLedger {
  /** Undefined where the ledger is not sealed, or the key is not at hand. */
  readonly seals: Seals | undefined;
  /** Has them checked in another thread. */
  readonly openThread: (() => SealThread) | null;
  readonly keepMs: number | null;
  /** Why the seals could not be checked; null when they can be, or there are none. */
  readonly unchecked: string | null;
  readonly findings: readonly Finding[];
}

/** Whether entries can be told from what somebody else wrote. Throws ConfigError. */
export async function knownOf(
  place: Place & { readonly export?: string | undefined },
  history: Pick<SearchableHistory, 'mark' | 'checkpoints'>,
  { environment }: Terminal,
): Promise<KnownOfLedger> {
  // A copy or an export may be of another ledger than that of the service on this machine.
  const isElsewhere = place.ledger !== undefined || place.export !== undefined;
  const config = place.config ?? (isElsewhere ? undefined : usualConfig(environment));
  const { ledger, keepMs } =
    config === undefined
      ? { ledger: null, keepMs: null }
      : loadConfig(config, environment, { offline: true });
  const known = { seals: undefined, openThread: null, keepMs, unchecked: null, findings: [] };
  const mark = await markOf(history);
  const key = ledger?.key;
  if (key === undefined) {
    return mark === null
      ? known
      : {
          ...known,
          unchecked: 'the ledger is sealed: to have its seals checked, name a configuration with its key',
        };
  }
  if (mark === null) {
    const text =
      'the ledger has no mark from which its entries are sealed, and a key is configured: its entries were removed, or `ledger key init` has not been run';
    return { ...known, findings: [fault('seal', null, text)] };
  }
  try {
    const text = key.reveal();
    const seals = sealsOf(openKeys(key), ledgerIdIn(mark.eventText) ?? '');
    return { ...known, seals, openThread: () => openSealThread(text, seals) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ...known, unchecked: `the seals were not checked: ${error.message}` };
  }
}

/** The same, or an export of it. */
export async function openPlaceOrExport(
  place: Place & { readonly export?: string | undefined },
  terminal: Terminal,
): Promise<(SearchableHistory | LedgerHistory) & AsyncDisposable> {
  return place.export === undefined ? openPlace(place, terminal) : new ExportHistory(place.export);
}
