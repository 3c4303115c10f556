import { addressOf, bindingOf } from '../ledger/first-address-row.ts';
import type { LedgerSettings } from '../ledger/ledger-settings.ts';
import { openHistory } from '../ledger/open-ledger.ts';
import { pinKeyOf } from '../core/roster/pin.ts';
import type { FirstSights } from '../ports/pins.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';

/**
 * First addresses, and what names first led to, as they stand beside the ledger, of which nothing is written and no seal is asked for;
 * null where the ledger cannot be read from here. What the service has not seen yet it would believe.
 */
export async function rememberedSights(settings: LedgerSettings): Promise<FirstSights | null> {
  try {
    const history = await openHistory(settings);
    try {
      const rows = new Map((await history.addresses()).map((row) => [row.user_id, row]));
      return {
        addresses: {
          compare: (user) => Promise.resolve(bindingOf(rows.get(user.id) ?? addressOf(user), user)),
        },
        pins: {
          first: (target, id) => Promise.resolve(rows.get(pinKeyOf(target))?.address ?? id),
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
