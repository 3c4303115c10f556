import { afterAll, beforeAll } from 'vitest';
import { PostgresDatabase } from '../../src/ledger/postgres/database.ts';
import { firstAddressesContract } from '../ledger/first-addresses.contract.ts';
import type { ForgersPlace } from '../ledger/forgers-stage.ts';
import { forgeryContract } from '../ledger/forgery.contract.ts';
import { sharedPagesContract } from '../ledger/shared-pages.contract.ts';
import { sightingsContract } from '../ledger/sightings.contract.ts';
import { PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function inPostgres(): Promise<ForgersPlace> {
  const url = await server.database();
  // With its tables, as the service has made them.
  await (await PostgresDatabase.open({ url: () => url })).close();
  return {
    settings: { postgres: { url: { reveal: () => url } } },
    sql: (text) => server.sql(url, text),
    async disarm() {
      await server.sql(url, 'ALTER TABLE entry DISABLE TRIGGER USER');
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

forgeryContract('a ledger in PostgreSQL', inPostgres);
firstAddressesContract('PostgreSQL', inPostgres);
sightingsContract('PostgreSQL', inPostgres);
sharedPagesContract('PostgreSQL', inPostgres);
