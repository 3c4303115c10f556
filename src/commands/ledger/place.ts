import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import { GENESIS, hashOf, sha256 } from '../../ledger/chain.ts';
import { ExportHistory } from '../../ledger/export-history.ts';
import { openHistory } from '../../ledger/open-history.ts';
import { SqliteHistory } from '../../ledger/sqlite-history.ts';
import type { LedgerHistory, SearchableHistory } from '../../ports/ledger-history.ts';
import type { Hashing } from '../../traceability/hashing.ts';
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
): Promise<SearchableHistory> {
  if (ledger !== undefined) return new SqliteHistory(ledger);
  if (config === undefined) {
    throw new ConfigError('say where the ledger is: `--config FILE`, or `--ledger FILE` for a SQLite file');
  }
  try {
    return await openHistory(loadConfig(config, environment, { offline: true }).ledger);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      `${error.message}\nThe ledger can be read without the configuration: \`--ledger FILE\` instead of \`--config\`.`,
    );
  }
}

/** The same, or an export of it. */
export async function openPlaceOrExport(
  place: Place & { readonly export?: string | undefined },
  terminal: Terminal,
): Promise<LedgerHistory & { close(): Promise<void> }> {
  return place.export === undefined ? openPlace(place, terminal) : new ExportHistory(place.export);
}
