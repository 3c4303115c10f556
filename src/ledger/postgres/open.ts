import { addressesBeside, firstSights } from '../first-addresses.ts';
import type { OnForged, OpenLedger, PostgresSettings } from '../ledger-settings.ts';
import type { LedgerKeys } from '../../ports/ledger-history.ts';
import { PostgresClaims } from './claims.ts';
import { PostgresDatabase } from './database.ts';
import { postgresAddressTable } from './first-addresses.ts';
import { pageMac, sealedPageMac } from '../page-secret.ts';
import { postgresPageSecret } from './page-secret.ts';
import { PostgresLedger, postgresMark } from './ledger.ts';
import { sightings, sightingsBeside } from '../sightings.ts';
import { postgresWatchedTable } from './sightings.ts';
import { usageStore } from '../usage-store.ts';
import { postgresUsageTable } from './usage-table.ts';
import { sealingFor } from '../rows.ts';
import { AddressCount } from '../tip-memory.ts';

export interface PostgresOpening {
  readonly keys: LedgerKeys | null;
  readonly onForged: OnForged;
  /** Ends a start that waits for the server. */
  readonly signal: AbortSignal;
}

/** The ledger and the claims in one PostgreSQL database. Throws LedgerUnavailableError; waits a minute for a server that restarts. */
export async function openPostgres(
  { url }: PostgresSettings,
  { keys, onForged, signal }: PostgresOpening,
): Promise<OpenLedger> {
  const database = await PostgresDatabase.open({ url: () => url.reveal(), signal });
  const keyMac = keys === null ? await storedMac(database) : sealedPageMac(keys);
  const count = new AddressCount();
  const ledger = await sealed(database, { keys, onForged, count });
  const claims = new PostgresClaims(database);
  return {
    ledger,
    claims,
    keys,
    keyMac,
    ...firstSights(postgresAddressTable(database), addressesBeside(ledger, { keys, count, onForged })),
    sightings: sightings(postgresWatchedTable(database), sightingsBeside(ledger, keys, onForged)),
    usage: usageStore(postgresUsageTable(database), keys),
    async [Symbol.asyncDispose]() {
      try {
        await claims.close();
      } finally {
        await ledger.close();
      }
    },
  };
}

async function storedMac(database: PostgresDatabase): Promise<(text: string) => string> {
  try {
    return pageMac(await postgresPageSecret(database));
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function sealed(
  database: PostgresDatabase,
  { keys, onForged, count }: Omit<PostgresOpening, 'signal'> & { readonly count: AddressCount },
): Promise<PostgresLedger> {
  try {
    return new PostgresLedger(database, {
      sealing: sealingFor(keys, await postgresMark(database)),
      onForged,
      addresses: count,
    });
  } catch (error) {
    await database.close();
    throw error;
  }
}
