import type { PostgresDatabase } from './database.ts';
import { newPageSecret, pageSecretOf } from '../page-secret.ts';

/** The secret for the keys of pages where the ledger has no key: the first replica makes it. Throws LedgerUnavailableError. */
export async function postgresPageSecret(database: Pick<PostgresDatabase, 'query'>): Promise<Uint8Array> {
  await database.query('INSERT INTO page_secret (secret) VALUES ($1) ON CONFLICT DO NOTHING', [
    newPageSecret(),
  ]);
  const [row] = await database.query<{ secret: string }>('SELECT secret FROM page_secret');
  return pageSecretOf(row?.secret ?? '', 'the table `page_secret`');
}
