import type { LedgerPruning } from '../ports/ledger-history.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { LedgerSettings } from './ledger-settings.ts';
import { sqlitePruning } from './sqlite-pruning.ts';

/** How entries are removed from this ledger. */
export async function openPruning(settings: LedgerSettings, ledger: Ledger): Promise<LedgerPruning> {
  if ('sqlite' in settings) return sqlitePruning({ file: settings.sqlite, ledger });
  const { url } = settings.postgres;
  const { postgresPruning } = await import('./postgres-pruning.ts');
  return postgresPruning({ url: () => url.reveal(), ledger });
}
