import { canonicalEmail, type PagerDutyUser } from '../core/identity.ts';
import type { Instant } from '../core/values/instant.ts';
import type { AddressBinding } from '../ports/first-addresses.ts';
import type { LedgerKeys } from '../ports/ledger-keys.ts';

/** A row of table `first_address`. Without a MAC it is from before there was a key. */
export interface FirstAddressRow {
  readonly user_id: string;
  readonly address: string;
  readonly seen_at: string;
  readonly mac: string | null;
}

export function firstAddressRow(
  { id, email }: PagerDutyUser,
  now: Instant,
  keys: LedgerKeys | null,
): FirstAddressRow {
  const row = { user_id: id, address: canonicalEmail(email), seen_at: now };
  return { ...row, mac: keys === null ? null : sealOf(row, keys) };
}

/**
 * Whether the address is the one in the row, and the MAC that the row is to have where that is another one: a key took the place of
 * another. With a key, a row without a MAC is somebody else's: `ledger key init` seals what was there before.
 */
export function compareWith(
  row: FirstAddressRow,
  { email }: PagerDutyUser,
  keys: LedgerKeys | null,
): { readonly binding: AddressBinding; readonly seal: string | null } {
  if (keys !== null && (row.mac === null || !keys.verify('first-seen', textOf(row), row.mac))) {
    return { binding: 'unknown-address', seal: null };
  }
  const seal = keys === null ? null : sealOf(row, keys);
  return {
    binding: row.address === canonicalEmail(email) ? 'unchanged-address' : 'changed-address',
    seal: seal === row.mac ? null : seal,
  };
}

/** The MAC of a row from before there was a key. */
export function sealedFirst(row: FirstAddressRow, keys: LedgerKeys): string | null {
  return row.mac === null ? sealOf(row, keys) : null;
}

/** The MAC under the current key; null where the row has none, or one that does not hold. */
export function sealedAnew(row: FirstAddressRow, keys: LedgerKeys): string | null {
  return row.mac !== null && keys.verify('first-seen', textOf(row), row.mac) ? sealOf(row, keys) : null;
}

type Sealed = Omit<FirstAddressRow, 'mac'>;

function sealOf(row: Sealed, keys: LedgerKeys): string {
  return keys.mac('first-seen', textOf(row));
}

function textOf({ user_id: id, address, seen_at: seenAt }: Sealed): string {
  return JSON.stringify([id, address, seenAt]);
}
