import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantOf, plusMs } from '../../src/core/values/instant.ts';
import type { Checkpoint } from '../../src/core/record/ledger-entry.ts';
import { openHistory, openPruning } from '../../src/ledger/open-ledger.ts';
import type { StoredEntry } from '../../src/ports/ledger-history.ts';
import { LedgerUnavailableError } from '../../src/ports/ledger.ts';
import { NOW } from '../support/builders.ts';
import { aFailure, allEntries, someEvents } from '../ledger/some-events.ts';
import { aPostgresLedger } from './postgres-place.ts';
import { PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function settingsOf(url: string) {
  return { postgres: { url: { reveal: () => url } } };
}

async function collected(entries: AsyncIterable<StoredEntry>): Promise<readonly StoredEntry[]> {
  const all: StoredEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

describe('the history in PostgreSQL', () => {
  it('gives every entry to the letter, and where they begin and end', async () => {
    await using place = await aPostgresLedger(server);
    const many = Array.from({ length: 1_000 }, (_, index) => aFailure(`request-${index}`));
    const appended = await place.ledger.append([...Object.values(someEvents('a')), ...many], NOW);
    const history = await openHistory(settingsOf(place.url));

    const entries = await collected(history.entries());

    expect(entries.map(({ seq, hash }) => ({ seq, hash }))).toEqual(
      appended.map(({ seq, hash }) => ({ seq, hash })),
    );
    expect(entries.map(({ eventText }) => eventText)).toEqual(
      appended.map(({ event }) => JSON.stringify(event)),
    );
    expect(await history.extent()).toEqual({
      entries: appended.length,
      firstSeq: 1,
      lastSeq: appended.length,
    });
    expect(await history.requestIds('request-11', 3)).toEqual(['request-11', 'request-110', 'request-111']);
    await history.close();
  });

  it('gives decisions newest first, within their bounds', async () => {
    await using place = await aPostgresLedger(server);
    for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) {
      await place.ledger.append([someEvents(id).decided], plusMs(NOW, index * 1_000));
    }
    const history = await openHistory(settingsOf(place.url));
    const since = plusMs(NOW, 1_000);

    const found = await collected(history.decisions({ since, until: plusMs(NOW, 3_000), before: null }));
    const older = await collected(
      history.decisions({ since: null, until: null, before: { at: since, seq: 2 } }),
    );

    expect(found.map(({ columns }) => columns?.requestId)).toEqual(['c', 'b']);
    expect(older.map(({ columns }) => columns?.requestId)).toEqual(['a']);
    await history.close();
  });

  it('of a database without a ledger is refused, and nothing is made in it', async () => {
    const url = await server.database();

    await expect(openHistory(settingsOf(url))).rejects.toThrow(LedgerUnavailableError);

    expect(await server.sql(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
  });

  it('loses what a checkpoint stands for, and nothing else', async () => {
    await using place = await aPostgresLedger(server);
    const events = Array.from({ length: 1_500 }, (_, index) => aFailure(`request-${index}`));
    const entries = await place.ledger.append(events, NOW);
    const through = entries[1_199];
    if (through === undefined) throw new Error('no entry');
    const checkpoint: Checkpoint = {
      kind: 'checkpoint',
      origin: entries[0]?.hash ?? '',
      through: { seq: through.seq, at: through.at, hash: through.hash },
      removed: { from: 1, entries: 1_200, decisions: 0 },
      before: instantOf(Date.parse(NOW) + 1),
      policies: [],
    };
    const pruning = openPruning(settingsOf(place.url), place.ledger);

    await pruning.prune(checkpoint, NOW);
    await pruning.prune(checkpoint, NOW);

    expect((await allEntries(place.ledger)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 301 }, (_, index) => 1_201 + index),
    );
    const history = await openHistory(settingsOf(place.url));
    expect(await history.checkpoints()).toHaveLength(1);
    await history.close();
  });
});
