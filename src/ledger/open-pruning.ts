import type { LedgerPruning, SearchableHistory } from '../ports/ledger-history.ts';
import { openKeys } from './open-keys.ts';
import { markOf } from './open-marking.ts';
import { sealingFor, type Sealing } from './sealing.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { LedgerSettings } from './ledger-settings.ts';
import { sqlitePruning } from './sqlite/pruning.ts';

/** How entries are removed from this ledger. */
export async function openPruning(settings: LedgerSettings, ledger: Ledger): Promise<LedgerPruning> {
  if ('sqlite' in settings) return sqlitePruning({ file: settings.sqlite, ledger });
  const { url } = settings.postgres;
  const { postgresPruning } = await import('./postgres/pruning.ts');
  return postgresPruning({ url: () => url.reveal(), ledger });
}

/** How the entries of this ledger are known; undefined where no key is configured. Throws LedgerUnavailableError. */
export async function openSeals(
  settings: LedgerSettings,
  history: SearchableHistory,
): Promise<Sealing | undefined> {
  if (settings.key === undefined) return undefined;
  return sealingFor(openKeys(settings.key), await markOf(history)) ?? undefined;
}
