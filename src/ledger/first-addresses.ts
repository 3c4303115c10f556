import { setImmediate as nextTurn } from 'node:timers/promises';
import { canonicalEmail, type PagerDutyUser } from '../core/identity.ts';
import type { Instant } from '../core/values/instant.ts';
import type { AddressBinding, FirstSights } from '../ports/pins.ts';
import type { StoredAddress, LedgerKeys } from '../ports/ledger-history.ts';
import { pinKeyOf } from '../core/roster/pin.ts';
import type { OnForged } from './ledger-settings.ts';
import type { Sealing } from './rows.ts';
import type { AddressCount } from './tip-memory.ts';

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
function firstAddressRow(
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

/** Table `first_address` in one of the databases. Every method throws LedgerUnavailableError. */
export interface AddressTable {
  find(userId: string): Promise<StoredAddress | undefined>;
  all(): Promise<readonly StoredAddress[]>;
  /** Does nothing for those whose user or number is there already. */
  insert(rows: readonly StoredAddress[]): Promise<void>;
  /** Number and MAC of a row that is there. */
  seal(row: StoredAddress): Promise<void>;
}

/** How the rows of a sealed ledger are known. */
export interface KnownAddresses extends AddressSeal {
  readonly count: AddressCount;
  /** How many there were by the newest entry of the ledger. */
  readonly inLedger: () => Promise<number>;
  /** Told of rows that are gone. */
  readonly onMissing: (numbers: readonly number[]) => void;
}

/** A ledger as first addresses know it. */
interface SealedLedger {
  readonly sealing: Sealing | null;
  addressesKnown(): Promise<number>;
}

/** Null where the ledger is not sealed. `count` is the ledger's own. */
export function addressesBeside(
  ledger: SealedLedger,
  { keys, count, onForged }: { keys: LedgerKeys | null; count: AddressCount; onForged: OnForged },
): KnownAddresses | null {
  if (keys === null || ledger.sealing === null) return null;
  let told = false;
  return {
    keys,
    ledgerId: ledger.sealing.ledgerId,
    count,
    inLedger: () => ledger.addressesKnown(),
    onMissing(numbers) {
      if (!told) onForged({ requestId: null, message: addressesGone(numbers) });
      told = true;
    },
  };
}

/** What is wrong where rows are gone, and what to do. */
export function addressesGone(numbers: readonly number[]): string {
  const which =
    numbers.length === 1
      ? `first address ${numbers[0] ?? 0} is`
      : `${numbers.length} first addresses, the first of them ${numbers[0] ?? 0}, are`;
  return `${which} counted by the seals of the ledger, and missing from table \`first_address\` or changed there by somebody else: whoever is seen for the first time is not recognised by address, and no name in rules is believed that is looked up for the first time. Restore the table from a backup, or add them to \`identities.map\` and write ids in place of names, and find out who can write to the database`;
}

/** Two replicas that begin at the same time want to write the same numbers, for each name of the rules. */
const ATTEMPTS = 20;

/**
 * First addresses, and the ids that names first led to, in the ledger's database. With a key each row has a number, and every entry of
 * the ledger says how many there were: what has no row was never seen only if none is missing. Else somebody may have taken it out, and
 * it is unknown.
 */
export function firstSights(table: AddressTable, known: KnownAddresses | null): FirstSights {
  const write = together((unseen) => written(table, known, unseen));
  let numbered: Promise<void> | null = null;

  /** The row of what was seen first, which this may be; undefined where that is not known. */
  async function rowOf(seen: Seen, now: Instant): Promise<StoredAddress | undefined> {
    if (known !== null) {
      numbered ??= numberAll(table, known);
      await numbered.catch((error: unknown) => {
        numbered = null;
        throw error;
      });
    }
    const row = (await table.find(seen.user_id)) ?? (await write({ seen, now }));
    if (known === null || row === undefined) return row;
    if (!isOwnRow(row, known)) return undefined;
    const sealed = sealedRow(row, known);
    // Another key took the place of the one that it was sealed with.
    if (sealed.mac !== row.mac) await table.seal(sealed);
    return row;
  }

  return {
    addresses: {
      async compare(user, now) {
        const row = await rowOf(addressOf(user), now);
        return row === undefined ? 'unknown-address' : bindingOf(row, user);
      },
    },
    pins: {
      async first(target, id, now) {
        return (await rowOf({ user_id: pinKeyOf(target), address: id }, now))?.address ?? null;
      },
    },
  };
}

/** What was not there when it was looked for. */
interface Unseen {
  readonly seen: Seen;
  readonly now: Instant;
}

type Rows = ReadonlyMap<string, StoredAddress>;

/** What is to be written at the same moment is written together, and nothing else meanwhile. */
function together(
  write: (unseen: readonly Unseen[]) => Promise<Rows>,
): (unseen: Unseen) => Promise<StoredAddress | undefined> {
  let last: Promise<unknown> = Promise.resolve();
  let next: { readonly unseen: Unseen[]; readonly rows: Promise<Rows> } | null = null;
  function begin() {
    const unseen: Unseen[] = [];
    const rows = last
      .catch(() => undefined)
      .then(() => nextTurn())
      .then(() => {
        next = null;
        return write(unseen);
      });
    last = rows;
    return { unseen, rows };
  }
  return async (each) => {
    next ??= begin();
    next.unseen.push(each);
    return (await next.rows).get(each.seen.user_id);
  };
}

/** The rows of what was never seen; without those of which that cannot be known. */
async function written(
  table: AddressTable,
  known: KnownAddresses | null,
  unseen: readonly Unseen[],
): Promise<Rows> {
  const rows = new Map<string, StoredAddress>();
  if (known === null) {
    await table.insert(unseen.map(({ seen, now }) => firstAddressRow(seen, now, null)));
    for (const { seen } of unseen) {
      const row = await table.find(seen.user_id);
      if (row !== undefined) rows.set(seen.user_id, row);
    }
    return rows;
  }
  let left = unseen;
  for (let attempts = ATTEMPTS; left.length > 0 && attempts > 0; attempts -= 1) {
    // In this order: what another replica adds meanwhile is not missed.
    const count = known.count.raise(await known.inLedger());
    const all = await table.all();
    const missing = missingOf(all, count, known);
    if (missing.length > 0) {
      known.onMissing(missing);
      return rows;
    }
    for (let number = highestOf(all, known) + 1; left.length > 0;) {
      const [{ seen, now }] = left as readonly [Unseen];
      await table.insert([firstAddressRow(seen, now, { seal: known, number })]);
      const row = await table.find(seen.user_id);
      // Another replica took the number: first it is looked at what that has written.
      if (row === undefined) break;
      rows.set(seen.user_id, row);
      left = left.filter((each) => each.seen.user_id !== seen.user_id);
      attempts = ATTEMPTS;
      if (row.number !== number) continue;
      known.count.raise(number);
      number += 1;
    }
  }
  return rows;
}

/** Once in a process: rows of earlier versions get their numbers, and the seals from now on count them. */
async function numberAll(table: AddressTable, known: KnownAddresses): Promise<void> {
  if (known.count.isComplete) return;
  const rows = await table.all();
  const highest = Math.max(highestOf(rows, known), known.count.raise(await known.inLedger()));
  const without = rows.filter((row) => row.number === null && isOwnRow(row, known));
  for (const [index, row] of without.entries()) await table.seal(sealedRow(row, known, highest + 1 + index));
  known.count.raise(highest + without.length);
  known.count.isComplete = true;
}

function highestOf(rows: readonly StoredAddress[], known: KnownAddresses): number {
  return Math.max(0, ...rows.map((row) => (isOwnRow(row, known) ? (row.number ?? 0) : 0)));
}
