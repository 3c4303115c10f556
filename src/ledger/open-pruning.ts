import type { LedgerPruning } from '../ports/ledger-history.ts';
import { LedgerUnavailableError, type Ledger } from '../ports/ledger.ts';
import type { LedgerSettings } from './open-ledger.ts';
import { sqlitePruning } from './sqlite-pruning.ts';

/** How entries are removed from this ledger. Throws LedgerUnavailableError where that is not possible. */
export function openPruning(settings: LedgerSettings, ledger: Ledger): LedgerPruning {
  if ('sqlite' in settings) return sqlitePruning({ file: settings.sqlite, ledger });
  throw new LedgerUnavailableError('entries cannot be removed from a PostgreSQL ledger yet');
}
