import type { PagerDutyUser } from '../core/identity.ts';
import type { Instant } from '../core/values/instant.ts';
import type { AddressBinding, FirstAddresses } from '../ports/first-addresses.ts';
import type { StoredAddress } from '../ports/ledger-history.ts';
import type { LedgerKeys } from '../ports/ledger-keys.ts';
import type { OnForged } from './ledger-settings.ts';
import type { Sealing } from './sealing.ts';
import {
  bindingOf,
  firstAddressRow,
  isOwnRow,
  missingOf,
  sealedRow,
  type AddressSeal,
} from './first-address-row.ts';
import type { AddressCount } from './tip-memory.ts';

/** Table `first_address` in one of the databases. Every method throws LedgerUnavailableError. */
export interface AddressTable {
  find(userId: string): Promise<StoredAddress | undefined>;
  all(): Promise<readonly StoredAddress[]>;
  /** Does nothing where the user or the number is there already. */
  insert(row: StoredAddress): Promise<void>;
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
  return `${which} counted by the seals of the ledger, and missing from table \`first_address\` or changed there by somebody else: whoever is seen for the first time is not recognised by address. Restore the table from a backup, or add them to \`identities.map\`, and find out who can write to the database`;
}

/** Two replicas may want to write the same number. */
const ATTEMPTS = 5;

/**
 * First addresses in the ledger's database. With a key each row has a number, and every entry of the ledger says how many there
 * were: who has no row was never seen only if none is missing. Else somebody may have taken theirs out, and it is unknown.
 */
export function firstAddresses(table: AddressTable, known: KnownAddresses | null): FirstAddresses {
  return {
    async compare(user, now) {
      if (known !== null) return await compareSealed(table, known, user, now);
      if ((await table.find(user.id)) === undefined) await table.insert(firstAddressRow(user, now, null));
      const row = await table.find(user.id);
      return row === undefined ? 'unknown-address' : bindingOf(row, user);
    },
  };
}

async function compareSealed(
  table: AddressTable,
  known: KnownAddresses,
  user: PagerDutyUser,
  now: Instant,
): Promise<AddressBinding> {
  await numberAll(table, known);
  const row = (await table.find(user.id)) ?? (await written(table, known, user, now));
  if (row === undefined || !isOwnRow(row, known)) return 'unknown-address';
  const sealed = sealedRow(row, known);
  // Another key took the place of the one that it was sealed with.
  if (sealed.mac !== row.mac) await table.seal(sealed);
  return bindingOf(row, user);
}

/** The row of somebody who was never seen; undefined where that cannot be known. */
async function written(
  table: AddressTable,
  known: KnownAddresses,
  user: PagerDutyUser,
  now: Instant,
): Promise<StoredAddress | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    // In this order: what another replica adds meanwhile is not missed.
    const count = known.count.raise(await known.inLedger());
    const rows = await table.all();
    const missing = missingOf(rows, count, known);
    if (missing.length > 0) {
      known.onMissing(missing);
      return undefined;
    }
    const number = highestOf(rows, known) + 1;
    await table.insert(firstAddressRow(user, now, { seal: known, number }));
    const row = await table.find(user.id);
    if (row?.number === number) known.count.raise(number);
    if (row !== undefined) return row;
  }
  return undefined;
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
