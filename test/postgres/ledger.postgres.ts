import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresDatabase } from '../../src/ledger/postgres/database.ts';
import { LedgerUnavailableError } from '../../src/ports/ledger.ts';
import { NOW } from '../support/builders.ts';
import { ledgerContract } from '../ledger/ledger.contract.ts';
import { aFailure, allEntries, chained, someEvents } from '../ledger/some-events.ts';
import { aPostgresLedger } from './postgres-place.ts';
import { PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

ledgerContract('PostgresLedger', () => aPostgresLedger(server));

describe('the table in PostgreSQL', () => {
  it.each([
    'TRUNCATE entry',
    "INSERT INTO entry SELECT * FROM entry ON CONFLICT (seq) DO UPDATE SET event = ''",
  ])('refuses %s', async (statement) => {
    await using place = await aPostgresLedger(server);
    await place.ledger.append([someEvents('request-1').policy, someEvents('request-1').decided], NOW);
    const before = await allEntries(place.ledger);

    await expect(place.sql(statement)).rejects.toThrow('the ledger is append-only');

    expect(await allEntries(place.ledger)).toEqual(before);
  });

  it('is flushed to disk at every commit, whatever the server is set to', async () => {
    await using place = await aPostgresLedger(server);
    await server.sql(
      place.url,
      `ALTER DATABASE ${new URL(place.url).pathname.slice(1)} SET synchronous_commit = off`,
    );
    const ledger = await place.openAgain();
    const flushed = 'SELECT pg_current_wal_insert_lsn() = pg_current_wal_flush_lsn() AS all';

    await ledger.append([someEvents('request-1').policy], NOW);

    expect(await server.sql(place.url, flushed)).toEqual([{ all: true }]);
  });

  it('takes a thousand appends of three replicas at once, in one chain', async () => {
    await using place = await aPostgresLedger(server);
    const ledgers = [place.ledger, await place.openAgain(), await place.openAgain()];

    await Promise.all(
      Array.from({ length: 1_000 }, async (_, index) => {
        await ledgers[index % 3]?.append([aFailure(`request-${index}`)], NOW);
      }),
    );

    const entries = await allEntries(place.ledger);
    expect(entries).toHaveLength(1_000);
    expect(entries).toEqual(chained(entries));
  });

  it('is let go by a writer that stops in the middle', async () => {
    await using place = await aPostgresLedger(server);
    const locked = server.sql(
      place.url,
      `BEGIN; SET LOCAL idle_in_transaction_session_timeout = '5s';
       SELECT pg_advisory_xact_lock(28513, 'entry'::regclass::oid::integer), pg_sleep(1); COMMIT`,
    );

    const [entry] = await place.ledger.append([someEvents('request-1').policy], NOW);
    await locked;

    expect(entry?.seq).toBe(1);
  });
});

describe('a PostgreSQL that fails', () => {
  it.each([
    ['with a wrong name of the database', (url: string) => `${url}x`, 'it has no such database'],
    ['with no host', (url: string) => url.replace('127.0.0.1', 'nowhere.invalid'), 'host name is not known'],
  ])('is refused %s, and the message says what to do', async (_case, spoil, words) => {
    const url = spoil(await server.database());

    await expect(PostgresDatabase.open({ url: () => url })).rejects.toThrow(words);
  });

  it('of a newer schema is left to the newer version', async () => {
    await using place = await aPostgresLedger(server);
    await server.sql(place.url, 'INSERT INTO schema_version VALUES (99, now())');

    await expect(place.openAgain()).rejects.toThrow(
      /schema version 99, this program knows versions up to \d+/u,
    );
  });

  it('answers nothing as written while it is down, and goes on after its restart', async () => {
    await using own = await PostgresServer.start();
    await using place = await aPostgresLedger(own);
    await place.ledger.append([someEvents('request-1').policy], NOW);

    await own.stop();
    await expect(place.ledger.append([aFailure('request-1')], NOW)).rejects.toThrow(LedgerUnavailableError);
    await expect(place.ledger.entriesOf('request-1')).rejects.toThrow(LedgerUnavailableError);
    const opening = place.openAgain();
    await own.start();

    const [next] = await place.ledger.append([aFailure('request-1')], NOW);
    expect(next?.seq).toBe(2);
    expect(await allEntries(await opening)).toHaveLength(2);
  });

  it('loses nothing that was answered when it is killed in the middle of appending', async () => {
    await using own = await PostgresServer.start();
    await using place = await aPostgresLedger(own);
    const answered: number[] = [];
    let failed = false;
    const appending = Array.from({ length: 8 }, async (_, writer) => {
      for (let number = 0; !failed; number += 1) {
        try {
          const [entry] = await place.ledger.append([aFailure(`${writer}-${number}`)], NOW);
          answered.push(entry?.seq ?? 0);
        } catch {
          failed = true;
        }
      }
    });
    await expect.poll(() => answered.length, { timeout: 10_000 }).toBeGreaterThan(200);

    await own.stop('SIGQUIT');
    await Promise.all(appending);
    await own.start();

    const entries = await allEntries(await place.openAgain());
    expect(entries).toEqual(chained(entries));
    expect(entries.length).toBeGreaterThanOrEqual(Math.max(...answered));
    expect(new Set(answered).size).toBe(answered.length);
  });
});
