import type { LedgerPruning, SearchableHistory } from '../ports/ledger-history.ts';
import { openKeys } from './open-keys.ts';
import { markOf } from './open-marking.ts';
import { sealingFor } from './sealing.ts';
import { sealsOf } from './seals.ts';
import type { Seals } from '../ports/seals.ts';
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
): Promise<Seals | undefined> {
  if (settings.key === undefined) return undefined;
  const keys = openKeys(settings.key);
  const sealing = sealingFor(keys, await markOf(history));
  return sealing === null ? undefined : sealsOf(keys, sealing.ledgerId);
}
