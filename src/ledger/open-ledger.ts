import { soleClaim, type Claims } from '../ports/claims.ts';
import { openKeys } from './open-keys.ts';
import type { LedgerForgedError } from '../ports/ledger.ts';
import type { LedgerSettings, OpenLedger } from './ledger-settings.ts';
import { pageMac, sealedPageMac, sqlitePageSecret } from './page-secret.ts';
import { sqliteFirstAddresses } from './sqlite/first-addresses.ts';
import { SqliteLedger } from './sqlite/ledger.ts';

/** The only instance on its file handles everything. */
const everything: Claims = {
  take: () => Promise.resolve(soleClaim),
  abandoned: () => Promise.resolve([]),
};

/** Opens the ledger where the configuration says. Throws LedgerUnavailableError, also where the key is not the ledger's; waits a minute for a PostgreSQL that restarts. */
export async function openLedger(
  settings: LedgerSettings,
  signal: AbortSignal,
  onForged: (forged: LedgerForgedError) => void = () => undefined,
): Promise<OpenLedger> {
  const keys = settings.key === undefined ? null : openKeys(settings.key);
  if ('sqlite' in settings) {
    const ledger = new SqliteLedger(settings.sqlite, { keys, onForged });
    const addresses = sqliteFirstAddresses(settings.sqlite, keys);
    return {
      keyMac: keys === null ? pageMac(sqlitePageSecret(settings.sqlite)) : sealedPageMac(keys),
      ledger,
      claims: everything,
      addresses,
      keys,
      [Symbol.asyncDispose]() {
        addresses[Symbol.dispose]();
        return ledger.close();
      },
    };
  }
  // Only where it is used: an instance with a file of its own need not carry the driver in memory.
  const { openPostgres } = await import('./postgres/open.ts');
  return openPostgres(settings.postgres, { keys, onForged, signal });
}
