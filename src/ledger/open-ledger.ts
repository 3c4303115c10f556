import type { LedgerPruning, SearchableHistory, Seals } from '../ports/ledger-history.ts';
import { SqliteHistory } from './sqlite/history.ts';
import { markOf, sealingFor } from './rows.ts';
import { sealsOf } from './seals.ts';
import type { Ledger } from '../ports/ledger.ts';
import { sqlitePruning } from './sqlite/pruning.ts';
import { soleClaim, type Claims } from '../ports/claims.ts';
import { openKeys } from './open-keys.ts';
import { addressesBeside, firstSights } from './first-addresses.ts';
import type { LedgerSettings, OnForged, OpenLedger } from './ledger-settings.ts';
import { pageMac, sealedPageMac, sqlitePageSecret } from './page-secret.ts';
import { sightings, sightingsBeside } from './sightings.ts';
import { sqliteAddressTable } from './sqlite/first-addresses.ts';
import { SqliteLedger } from './sqlite/ledger.ts';
import { sqliteWatchedTable } from './sqlite/sightings.ts';
import { sqliteUsageTable } from './sqlite/usage-table.ts';
import { AddressCount } from './tip-memory.ts';
import { usageStore } from './usage-store.ts';

/** The only instance on its file handles everything. */
const everything: Claims = {
  take: () => Promise.resolve(soleClaim),
  abandoned: () => Promise.resolve([]),
};

/** Opens the ledger where the configuration says. Throws LedgerUnavailableError, also where the key is not the ledger's; waits a minute for a PostgreSQL that restarts. */
export async function openLedger(
  settings: LedgerSettings,
  signal: AbortSignal,
  onForged: OnForged = () => undefined,
): Promise<OpenLedger> {
  const keys = settings.key === undefined ? null : openKeys(settings.key);
  if ('sqlite' in settings) {
    const count = new AddressCount();
    const ledger = new SqliteLedger(settings.sqlite, { keys, onForged, addresses: count });
    const table = sqliteAddressTable(settings.sqlite);
    const watched = sqliteWatchedTable(settings.sqlite);
    const usage = sqliteUsageTable(settings.sqlite);
    return {
      keyMac: keys === null ? pageMac(sqlitePageSecret(settings.sqlite)) : sealedPageMac(keys),
      ledger,
      claims: everything,
      ...firstSights(table, addressesBeside(ledger, { keys, count, onForged })),
      sightings: sightings(watched, sightingsBeside(ledger, keys, onForged)),
      usage: usageStore(usage, keys),
      keys,
      [Symbol.asyncDispose]() {
        watched[Symbol.dispose]();
        usage[Symbol.dispose]();
        table[Symbol.dispose]();
        return ledger.close();
      },
    };
  }
  // Only where it is used: an instance with a file of its own need not carry the driver in memory.
  const { openPostgres } = await import('./postgres/open.ts');
  return openPostgres(settings.postgres, { keys, onForged, signal });
}

/** Opens the ledger for reading, where the configuration says that it is. Throws LedgerUnavailableError. */
export async function openHistory(settings: LedgerSettings): Promise<SearchableHistory> {
  if ('sqlite' in settings) return new SqliteHistory(settings.sqlite);
  const { url } = settings.postgres;
  const { PostgresHistory } = await import('./postgres/history.ts');
  return await PostgresHistory.open({ url: () => url.reveal() });
}

/** How entries are removed from this ledger. */
export async function openPruning(settings: LedgerSettings, ledger: Ledger): Promise<LedgerPruning> {
  if ('sqlite' in settings) return sqlitePruning({ file: settings.sqlite, ledger });
  const { url } = settings.postgres;
  const { postgresPruning } = await import('./postgres/pruning.ts');
  return postgresPruning({ url: () => url.reveal(), ledger });
}

/** How the entries of this ledger are known; undefined where no key is configured. Throws LedgerUnavailableError. */
export async function openSeals(
  settings: LedgerSettings,
  history: SearchableHistory,
): Promise<Seals | undefined> {
  if (settings.key === undefined) return undefined;
  const keys = openKeys(settings.key);
  const sealing = sealingFor(keys, await markOf(history));
  return sealing === null ? undefined : sealsOf(keys, sealing.ledgerId);
}
