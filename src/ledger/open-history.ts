import type { SearchableHistory } from '../ports/ledger-history.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';
import type { LedgerSettings } from './open-ledger.ts';
import { SqliteHistory } from './sqlite-history.ts';

/** Opens the ledger for reading, where the configuration says that it is. Throws LedgerUnavailableError. */
export function openHistory(settings: LedgerSettings): Promise<SearchableHistory> {
  if ('sqlite' in settings) return Promise.resolve(new SqliteHistory(settings.sqlite));
  throw new LedgerUnavailableError('reading a PostgreSQL ledger is not possible yet');
}
