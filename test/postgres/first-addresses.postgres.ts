import { afterAll, beforeAll } from 'vitest';
import { PostgresDatabase } from '../../src/ledger/postgres/database.ts';
import { postgresFirstAddresses } from '../../src/ledger/postgres/first-addresses.ts';
import { firstAddressesContract } from '../ledger/first-addresses.contract.ts';
import { PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

firstAddressesContract('PostgreSQL', async () => {
  const url = await server.database();
  const database = await PostgresDatabase.open({ url: () => url });
  return {
    addresses: (keys) => postgresFirstAddresses(database, keys),
    sql: (text) => server.sql(url, text),
    [Symbol.asyncDispose]: () => database.close(),
  };
});
