import { existsSync } from 'node:fs';
import { SECOND } from '../core/values/instant.ts';
import type { LedgerSettings } from './ledger-settings.ts';
import { schemaVersionOf } from './sqlite/database.ts';
import { SQLITE_MIGRATIONS } from './sqlite/migrations.ts';
import { refuseNewer } from './schema-version.ts';

const PATIENCE_MS = 5 * SECOND;

/**
 * What a start would find where the configuration says that the ledger is, without changing it: whether there is one. Throws
 * LedgerUnavailableError for one that this version could not open, or a database that cannot be reached.
 */
export async function tryLedger(settings: LedgerSettings): Promise<'there' | 'absent'> {
  if ('sqlite' in settings) {
    if (!existsSync(settings.sqlite)) return 'absent';
    refuseNewer(schemaVersionOf(settings.sqlite), SQLITE_MIGRATIONS.length);
    return 'there';
  }
  const { url } = settings.postgres;
  const { PostgresDatabase } = await import('./postgres/database.ts');
  const database = await PostgresDatabase.open({
    url: () => url.reveal(),
    migrate: false,
    patienceMs: PATIENCE_MS,
  });
  try {
    return (await database.schemaVersion()) === null ? 'absent' : 'there';
  } finally {
    await database.close();
  }
}
