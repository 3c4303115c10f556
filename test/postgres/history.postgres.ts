import { afterAll, beforeAll, expect, it } from 'vitest';
import { openHistory } from '../../src/ledger/open-ledger.ts';
import { LedgerUnavailableError } from '../../src/ports/ledger.ts';
import { historyContract } from '../ledger/history.contract.ts';
import { inPostgres } from './postgres-place.ts';
import { PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

historyContract('a ledger in PostgreSQL', () => inPostgres(server));

it('the history of a database without a ledger is refused, and nothing is made in it', async () => {
  const url = await server.database();

  await expect(openHistory({ postgres: { url: { reveal: () => url } } })).rejects.toThrow(
    LedgerUnavailableError,
  );

  expect(await server.sql(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
});
