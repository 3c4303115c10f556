import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { firstAddressesContract } from './first-addresses.contract.ts';
import type { ForgersPlace } from './forgers-stage.ts';
import { forgeryContract } from './forgery.contract.ts';
import { sharedPagesContract } from './shared-pages.contract.ts';
import { sightingsContract } from './sightings.contract.ts';
import { aFolder } from './sqlite-place.ts';
import { tamper } from '../traceability/tampering.ts';

async function inSqlite(): Promise<ForgersPlace> {
  const folder = await aFolder();
  const file = join(folder.path, 'ledger.sqlite');
  return {
    settings: { sqlite: file },
    async sql(text) {
      using db = new DatabaseSync(file);
      return await Promise.resolve(db.prepare(text).all());
    },
    disarm() {
      tamper(file, () => undefined);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

forgeryContract('a ledger in SQLite', inSqlite);
firstAddressesContract('SQLite', inSqlite);
sightingsContract('SQLite', inSqlite);
sharedPagesContract('SQLite', inSqlite);
