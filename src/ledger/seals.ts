import type { LedgerKeys, Seals } from '../ports/ledger-history.ts';
import { isOwnRow, missingOf, addressesGone } from './first-addresses.ts';
import { sightingFault, sightingGone } from './sightings.ts';
import { createSealing, readSeal } from './rows.ts';

/** How the entries of a ledger, and the first addresses beside it, are told from what others wrote. */
export function sealsOf(keys: LedgerKeys, ledgerId: string): Seals {
  const sealing = createSealing(keys, ledgerId);
  const seal = { keys, ledgerId };
  return {
    ledgerId,
    faultIn: (entry, known) => sealing.faultIn(entry, known),
    read: readSeal,
    addressFaults(rows, count) {
      const missing = missingOf(rows, count, seal);
      const foreign = rows.filter((row) => !isOwnRow(row, seal) && !missing.includes(row.number ?? 0));
      return [
        ...(missing.length === 0 ? [] : [addressesGone(missing)]),
        ...foreign.map(({ user_id: id }) =>
          id.includes(' ')
            ? `what the name of ${id} first led to was not written by this service: it is not believed`
            : `the first address of PagerDuty user ${id} was not written by this service: they are not recognised by address`,
        ),
      ];
    },
    sightingFaults(rows, until) {
      const stored = new Map(rows.map((row) => [row.target, row]));
      return [...until].flatMap(([target, at]) => {
        const why = sightingFault(stored.get(target), at, seal);
        return why === null ? [] : [sightingGone(target, why)];
      });
    },
  };
}
