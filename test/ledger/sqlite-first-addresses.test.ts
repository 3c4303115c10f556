import { expect, it } from 'vitest';
import { sqliteFirstAddresses } from '../../src/ledger/sqlite/first-addresses.ts';
import { LedgerUnavailableError } from '../../src/ports/ledger.ts';
import { NOW } from '../support/builders.ts';
import { firstAddressesContract } from './first-addresses.contract.ts';
import { aSqliteLedger } from './sqlite-place.ts';

firstAddressesContract('SQLite', async () => {
  const place = await aSqliteLedger();
  const opened = new DisposableStack();
  return {
    addresses: (keys) => opened.use(sqliteFirstAddresses(place.file, keys)),
    sql: (text) => place.sql(text),
    async [Symbol.asyncDispose]() {
      opened.dispose();
      await place[Symbol.asyncDispose]();
    },
  };
});

it('a table that is gone makes the ledger unavailable', async () => {
  await using place = await aSqliteLedger();
  using addresses = sqliteFirstAddresses(place.file, null);
  await place.sql('DROP TABLE first_address');

  await expect(addresses.compare({ id: 'P', name: '', email: 'a@b' }, NOW)).rejects.toThrow(
    LedgerUnavailableError,
  );
});
