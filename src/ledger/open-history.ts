import type { SearchableHistory } from '../ports/ledger-history.ts';
import type { LedgerSettings } from './ledger-settings.ts';
import { SqliteHistory } from './sqlite/history.ts';

/** Opens the ledger for reading, where the configuration says that it is. Throws LedgerUnavailableError. */
export async function openHistory(settings: LedgerSettings): Promise<SearchableHistory> {
  if ('sqlite' in settings) return new SqliteHistory(settings.sqlite);
  const { url } = settings.postgres;
  const { PostgresHistory } = await import('./postgres/history.ts');
  return await PostgresHistory.open({ url: () => url.reveal() });
}
