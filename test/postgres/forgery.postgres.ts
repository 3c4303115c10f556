import { afterAll, beforeAll } from 'vitest';
import { PostgresDatabase } from '../../src/ledger/postgres/database.ts';
import { forgeryContract } from '../ledger/forgery.contract.ts';
import { PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

forgeryContract('a ledger in PostgreSQL', async () => {
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
});
