import { canonicalEmail, type PagerDutyUser } from '../core/identity.ts';
import type { Instant } from '../core/values/instant.ts';
import type { AddressBinding } from '../ports/first-addresses.ts';
import type { StoredAddress } from '../ports/ledger-history.ts';
import type { LedgerKeys } from '../ports/ledger-keys.ts';

/** With what rows of table `first_address` are sealed: the key, and the id of the ledger that they are beside. */
export interface AddressSeal {
  readonly keys: LedgerKeys;
  readonly ledgerId: string;
}

type Unsealed = Omit<StoredAddress, 'mac'>;

/** What is seen for the first time: a user's address, or the id that a name leads to. */
export type Seen = Pick<StoredAddress, 'user_id' | 'address'>;

export function addressOf({ id, email }: PagerDutyUser): Seen {
  return { user_id: id, address: canonicalEmail(email) };
}

/** The row of what is seen for the first time, the `number`th; without a key rows have neither number nor MAC. */
export function firstAddressRow(
  seen: Seen,
  now: Instant,
  sealed: { readonly seal: AddressSeal; readonly number: number } | null,
): StoredAddress {
  const row = { ...seen, seen_at: now, number: sealed?.number ?? null };
  return { ...row, mac: sealed === null ? null : macOf(row, sealed.seal) };
}

/** Whether this service wrote the row. A row without a MAC is somebody else's: `ledger key init` seals what was there before. */
export function isOwnRow(row: StoredAddress, { keys, ledgerId }: AddressSeal): boolean {
  return row.mac !== null && keys.verify('first-seen', textOf(row, ledgerId), row.mac);
}

export function bindingOf(row: Pick<StoredAddress, 'address'>, { email }: PagerDutyUser): AddressBinding {
  return row.address === canonicalEmail(email) ? 'unchanged-address' : 'changed-address';
}

/** The row under the current key, under its number or the one that it is to have. */
export function sealedRow(row: StoredAddress, seal: AddressSeal, number = row.number): StoredAddress {
  return { ...row, number, mac: macOf({ ...row, number }, seal) };
}

/**
 * How many rows of 1 to `count` are missing, or are not as this service wrote them: then nobody who has no row can be taken for
 * somebody who was never seen.
 */
export function missingOf(
  rows: readonly StoredAddress[],
  count: number,
  seal: AddressSeal,
): readonly number[] {
  const there = new Set(rows.filter((row) => isOwnRow(row, seal)).map(({ number }) => number));
  return Array.from({ length: count }, (_, index) => index + 1).filter((number) => !there.has(number));
}

function macOf(row: Unsealed, { keys, ledgerId }: AddressSeal): string {
  return keys.mac('first-seen', textOf(row, ledgerId));
}

/** Rows of earlier versions have no number, and name no ledger. */
function textOf({ user_id: id, address, seen_at: seenAt, number }: Unsealed, ledgerId: string): string {
  return JSON.stringify(number === null ? [id, address, seenAt] : [id, address, seenAt, number, ledgerId]);
}
