import type { OpenLedger, PostgresSettings } from './ledger-settings.ts';
import type { LedgerKeys } from '../ports/ledger-keys.ts';
import { PostgresClaims } from './postgres-claims.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { postgresFirstAddresses } from './postgres-first-addresses.ts';
import { PostgresLedger } from './postgres-ledger.ts';

/** The ledger and the claims in one PostgreSQL database. Throws LedgerUnavailableError; waits a minute for a server that restarts. */
export async function openPostgres(
  { url }: PostgresSettings,
  keys: LedgerKeys | null,
  signal: AbortSignal,
): Promise<OpenLedger> {
  const database = await PostgresDatabase.open({ url: () => url.reveal(), signal });
  const ledger = new PostgresLedger(database);
  const claims = new PostgresClaims(database);
  return {
    ledger,
    claims,
    keys,
    addresses: postgresFirstAddresses(database, keys),
    async [Symbol.asyncDispose]() {
      try {
        await claims.close();
      } finally {
        await ledger.close();
      }
    },
  };
}
