import { bindingOf } from '../ledger/first-address-row.ts';
import type { LedgerSettings } from '../ledger/ledger-settings.ts';
import { openHistory } from '../ledger/open-ledger.ts';
import { nothingRemembered, type FirstAddresses } from '../ports/first-addresses.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';

/**
 * First addresses as they stand beside the ledger, of which nothing is written and no seal is asked for; null where the ledger cannot
 * be read from here. Whom the service has not seen yet it would believe.
 */
export async function rememberedAddresses(settings: LedgerSettings): Promise<FirstAddresses | null> {
  try {
    const history = await openHistory(settings);
    try {
      const rows = new Map((await history.addresses()).map((row) => [row.user_id, row]));
      return {
        compare(user, now) {
          const row = rows.get(user.id);
          return row === undefined
            ? nothingRemembered.compare(user, now)
            : Promise.resolve(bindingOf(row, user));
        },
      };
    } finally {
      await history.close();
    }
  } catch (error) {
    if (error instanceof LedgerUnavailableError) return null;
    throw error;
  }
}
