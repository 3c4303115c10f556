import { PostgresDatabase } from '../../src/ledger/postgres/database.ts';
import { PostgresLedger } from '../../src/ledger/postgres/ledger.ts';
import type { ForgersPlace } from '../ledger/forgers-stage.ts';
import type { LedgerPlace } from '../ledger/ledger.contract.ts';
import type { PostgresServer } from './postgres-server.ts';

export interface PostgresPlace extends LedgerPlace {
  readonly url: string;
}

/** A new database with a ledger in it. */
export async function aPostgresLedger(server: PostgresServer): Promise<PostgresPlace> {
  const url = await server.database();
  const opened = new Set<PostgresLedger>();
  async function open(): Promise<PostgresLedger> {
    const ledger = new PostgresLedger(await PostgresDatabase.open({ url: () => url }));
    opened.add(ledger);
    return ledger;
  }
  return {
    url,
    ledger: await open(),
    openAgain: open,
    sql: (text) => server.sql(url, text),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...opened].map((each) => each.close()));
    },
  };
}

/** A new database with the tables of a ledger, as the service has made them, for a test that opens it itself. */
export async function inPostgres(server: PostgresServer): Promise<ForgersPlace> {
  const url = await server.database();
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
