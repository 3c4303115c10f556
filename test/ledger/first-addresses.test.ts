import { expect, it } from 'vitest';
import {
  addressOf,
  firstSights,
  isOwnRow,
  sealedRow,
  type AddressTable,
} from '../../src/ledger/first-addresses.ts';
import { openKeys } from '../../src/ledger/open-keys.ts';
import { SqliteDatabase } from '../../src/ledger/sqlite/database.ts';
import { addressTable } from '../../src/ledger/tables.ts';
import { AddressCount } from '../../src/ledger/tip-memory.ts';
import { NOW } from '../support/builders.ts';
import { key } from './forgers-stage.ts';

const seal = { keys: openKeys(key), ledgerId: 'one' };
const person = (id: string) => ({ id, name: '', email: `${id}@example.com` });
const people = Array.from({ length: 40 }, (_, index) => person(`P${index}`));

/** A new table, into which others write before the service does, and how often all of it was read, or something written. */
function aTable(isSealed: boolean, others: (table: AddressTable, write: number) => Promise<void>) {
  const table = addressTable(SqliteDatabase.open(':memory:'));
  const done = { looks: 0, writes: 0 };
  const counted: AddressTable = {
    ...table,
    all() {
      done.looks += 1;
      return table.all();
    },
    async insert(rows) {
      done.writes += 1;
      await others(table, done.writes);
      await table.insert(rows);
    },
  };
  const known = {
    ...seal,
    count: new AddressCount(),
    inLedger: () => Promise.resolve(0),
    onMissing: () => expect.unreachable(),
  };
  return { table, done, ...firstSights(counted, isSealed ? known : null) };
}

it.each([
  ['by one write without a key', false, { looks: 0, writes: 1 }],
  ['by one look at all others with a key, once they are numbered', true, { looks: 2, writes: 40 }],
])('people who are seen for the first time at once are kept %s', async (_how, isSealed, expected) => {
  const { table, done, addresses } = aTable(isSealed, () => Promise.resolve());

  const bindings = await Promise.all(people.map((each) => addresses.compare(each, NOW)));

  expect(new Set(bindings)).toEqual(new Set(['unchanged-address']));
  expect((await table.all()).map(({ user_id: id }) => id).sort()).toEqual(people.map(({ id }) => id).sort());
  expect(done).toEqual(expected);
});

it('leaves no number out where another replica writes at the same time: what is missing was taken out', async () => {
  const { table, addresses } = aTable(true, async (shared, write) => {
    if (write % 2 === 0) return;
    const { length } = await shared.all();
    const others = [person(`OTHER${write}`), ...(write === 3 ? [person('P7')] : [])];
    const rows = others.map((each, index) => ({
      ...addressOf(each),
      seen_at: NOW,
      number: length + 1 + index,
    }));
    await shared.insert(rows.map((row) => sealedRow({ ...row, mac: null }, seal)));
  });

  const bindings = await Promise.all(people.map((each) => addresses.compare(each, NOW)));
  const numbers = (await table.all()).map((row) => (isOwnRow(row, seal) ? (row.number ?? 0) : 0));

  expect(new Set(bindings)).toEqual(new Set(['unchanged-address']));
  expect(numbers.length).toBeGreaterThan(60);
  expect(numbers.sort((one, other) => one - other)).toEqual(numbers.map((_, index) => index + 1));
});

it('what cannot be written is told to all who wait for it, and tried again by the next', async () => {
  const { addresses } = aTable(false, () => Promise.resolve());
  const failing = { ...person('P0'), id: undefined as unknown as string };

  const failed = await Promise.allSettled([addresses.compare(failing, NOW), addresses.compare(failing, NOW)]);

  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await addresses.compare(person('P1'), NOW)).toBe('unchanged-address');
});
