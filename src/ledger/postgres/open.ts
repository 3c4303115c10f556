import type { LedgerKeys } from '../../ports/ledger-history.ts';
import type { OnForged, PostgresSettings } from '../ledger-settings.ts';
import { newPageSecret, pageMac, pageSecretOf, sealedPageMac } from '../page-secret.ts';
import { sealingFor } from '../rows.ts';
import type { AddressCount } from '../tip-memory.ts';
import { PostgresClaims } from './claims.ts';
import { PostgresDatabase } from './database.ts';
import { PostgresLedger, postgresMark } from './ledger.ts';

export interface PostgresOpening {
  readonly keys: LedgerKeys | null;
  readonly onForged: OnForged;
  /** Shared with whoever keeps the first addresses. */
  readonly count: AddressCount;
  /** Ends a start that waits for the server. */
  readonly signal: AbortSignal;
}

/** The ledger and the claims in one PostgreSQL database. Throws LedgerUnavailableError; waits a minute for a server that restarts. */
export async function openPostgres(
  { url }: PostgresSettings,
  { keys, onForged, count, signal }: PostgresOpening,
): Promise<{
  database: PostgresDatabase;
  ledger: PostgresLedger;
  claims: PostgresClaims;
  keyMac: (text: string) => string;
}> {
  const database = await PostgresDatabase.open({ url: () => url.reveal(), signal });
  try {
    const keyMac = keys === null ? pageMac(await postgresPageSecret(database)) : sealedPageMac(keys);
    const sealing = sealingFor(keys, await postgresMark(database));
    const ledger = new PostgresLedger(database, { sealing, onForged, addresses: count });
    return { database, ledger, claims: new PostgresClaims(database), keyMac };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The secret for the keys of pages where the ledger has no key: the first replica makes it. Throws LedgerUnavailableError. */
async function postgresPageSecret(database: Pick<PostgresDatabase, 'query'>): Promise<Uint8Array> {
  const insert = 'INSERT INTO page_secret (secret) VALUES ($1) ON CONFLICT DO NOTHING';
  await database.query(insert, [newPageSecret()]);
  const [row] = await database.query<{ secret: string }>('SELECT secret FROM page_secret');
  return pageSecretOf(row?.secret ?? '', 'the table `page_secret`');
}
