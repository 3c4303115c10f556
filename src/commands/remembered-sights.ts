import { addressOf, bindingOf } from '../ledger/first-addresses.ts';
import type { LedgerSettings } from '../ledger/ledger-settings.ts';
import { openHistory } from '../ledger/open-ledger.ts';
import { pinKeyOf } from '../core/roster/pin.ts';
import { openKeys } from '../ledger/open-keys.ts';
import { markOf, sealingFor } from '../ledger/rows.ts';
import { sightings, sightingsBeside } from '../ledger/sightings.ts';
import type { FirstSights } from '../ports/pins.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';
import type { Sightings } from '../ports/sightings.ts';

/**
 * First addresses, what names first led to, and who was seen on call since when, as they stand beside the ledger, of which nothing is
 * written; null where the ledger, or its key, cannot be read from here. What the service has not seen yet it would believe, and of
 * sightings nothing that others wrote.
 */
export async function rememberedSights(
  settings: LedgerSettings,
): Promise<(FirstSights & { readonly sightings: Sightings }) | null> {
  try {
    await using history = await openHistory(settings);
    const keys = settings.key === undefined ? null : openKeys(settings.key);
    // A key that cannot be read is told now.
    keys?.derive('sighting');
    const sealing = keys === null ? null : sealingFor(keys, await markOf(history));
    const watched = new Map((await history.watched()).map((row) => [row.target, row]));
    const rows = new Map((await history.addresses()).map((row) => [row.user_id, row]));
    return {
      addresses: {
        compare: (user) => Promise.resolve(bindingOf(rows.get(user.id) ?? addressOf(user), user)),
      },
      pins: { first: (target, id) => Promise.resolve(rows.get(pinKeyOf(target))?.address ?? id) },
      sightings: sightings(
        {
          find: (target) => Promise.resolve(watched.get(target)),
          put: () => Promise.resolve(),
          all: () => Promise.resolve([...watched.values()]),
          // What was taken away is missed by the service, and by `ledger verify`.
          entries: () => Promise.resolve([]),
        },
        sightingsBeside({ sealing, append: () => Promise.resolve([]) }, keys, () => undefined),
      ),
    };
  } catch (error) {
    if (error instanceof LedgerUnavailableError) return null;
    throw error;
  }
}
