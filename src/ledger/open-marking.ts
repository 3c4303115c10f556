import { randomUUID } from 'node:crypto';
import type { Instant } from '../core/values/instant.ts';
import type { SearchableHistory, LedgerHistory, StoredEntry, LedgerKeys } from '../ports/ledger-history.ts';
import { LedgerUnavailableError, LedgerForgedError, type Ledger } from '../ports/ledger.ts';
import { isOwnRow, sealedRow, type AddressTable } from './first-addresses.ts';
import type { LedgerSettings } from './ledger-settings.ts';
import { openHistory } from './open-ledger.ts';
import { isOwn, sealedSighting, type WatchedTable } from './sightings.ts';
import { createSealing, markOf, sealingFor, readSeal, GENESIS, type Sealing } from './rows.ts';
import { SqliteDatabase } from './sqlite/database.ts';
import { SqliteLedger } from './sqlite/ledger.ts';
import { addressTable, watchedTable } from './tables.ts';
import { AddressCount } from './tip-memory.ts';
import { subjectOf, type LedgerEvent } from '../core/record/ledger-entry.ts';

type Progress = (entries: number) => void;

/** A ledger opened to be sealed: nothing but its mark and its seals is written. */
export interface Marking extends AsyncDisposable {
  readonly history: SearchableHistory;
  readonly isMarked: () => Promise<boolean>;
  /** Seals what is there and sets the mark. Throws LedgerUnavailableError when somebody has written meanwhile. */
  setMark(keys: LedgerKeys, at: Instant, onProgress: Progress): Promise<void>;
  /** Seals everything anew under the current key. Throws LedgerForgedError, LedgerUnavailableError. */
  sealAnew(keys: LedgerKeys, onProgress: Progress): Promise<void>;
}

/** What the two databases do differently. */
interface Database extends AsyncDisposable {
  readonly write: WriteSeals;
  readonly open: (sealing: Sealing, addresses: AddressCount) => Promise<Ledger>;
  readonly addresses: AddressTable;
  readonly watched: Pick<WatchedTable, 'all' | 'put'>;
}

/** Opens or creates the ledger and brings its schema up to date. Throws LedgerUnavailableError. */
export async function openMarking(settings: LedgerSettings, signal: AbortSignal): Promise<Marking> {
  await using resources = new AsyncDisposableStack();
  const database = resources.use(
    'sqlite' in settings ? sqliteDatabase(settings.sqlite) : await postgresDatabase(settings, signal),
  );
  const history = resources.adopt(await openHistory(settings), (each) => each.close());
  const owned = resources.move();
  return {
    history,
    isMarked: async () => (await markOf(history)) !== null,
    async setMark(keys, at, onProgress) {
      const sealing = createSealing(keys, randomUUID());
      const last = await sealAll(history, sealing, database.write, onProgress);
      const count = new AddressCount();
      const seal = { keys, ledgerId: sealing.ledgerId };
      const rows = await database.addresses.all();
      // Numbers of a marking that was broken off.
      for (const row of rows)
        if (row.number !== null) await database.addresses.seal({ ...row, number: null, mac: null });
      for (const row of rows)
        await database.addresses.seal(sealedRow(row, seal, count.raise(count.known + 1)));
      const through = last === null ? null : { seq: last.seq, at: last.at, hash: last.hash };
      const ledger = await database.open(sealing, count);
      try {
        const event = { kind: 'sealed-from', ledger: sealing.ledgerId, through } as const;
        const [mark] = await ledger.append([event], at);
        const expected = (through?.seq ?? 0) + 1;
        if (mark?.seq === expected) return;
        throw new LedgerUnavailableError(
          `entries ${expected} to ${(mark?.seq ?? 1) - 1} were written while the ledger was sealed, and have no seal: stop the service, restore the ledger from before, and set the mark again`,
        );
      } finally {
        await ledger.close();
      }
    },
    async sealAnew(keys, onProgress) {
      const sealing = sealingFor(keys, await markOf(history));
      if (sealing === null) return;
      await sealAnew(history, sealing, database.write, onProgress);
      const seal = { keys, ledgerId: sealing.ledgerId };
      for (const row of await database.addresses.all())
        if (isOwnRow(row, seal)) await database.addresses.seal(sealedRow(row, seal));
      for (const row of await database.watched.all())
        if (isOwn(row, seal)) await database.watched.put(sealedSighting(row, seal));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function sqliteDatabase(file: string): Database {
  const database = SqliteDatabase.open(file);
  return {
    async write(seals) {
      await database.query('BEGIN IMMEDIATE');
      for (const { seq, seal } of seals)
        await database.query('UPDATE entry SET seal = $1 WHERE seq = $2', [seal, seq]);
      await database.query('COMMIT');
    },
    open: (sealing, addresses) => Promise.resolve(new SqliteLedger(file, { sealing, addresses })),
    addresses: addressTable(database),
    watched: watchedTable(database),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

const UPDATE = `
  UPDATE entry SET seal = sealed.seal
  FROM unnest($1::bigint[], $2::text[]) AS sealed (seq, seal) WHERE entry.seq = sealed.seq`;

async function postgresDatabase(
  settings: Extract<LedgerSettings, { readonly postgres: unknown }>,
  signal: AbortSignal,
): Promise<Database> {
  const { PostgresDatabase } = await import('./postgres/database.ts');
  const { PostgresLedger } = await import('./postgres/ledger.ts');
  const open = () => PostgresDatabase.open({ url: () => settings.postgres.url.reveal(), signal });
  const database = await open();
  return {
    async write(seals) {
      await database.query(UPDATE, [seals.map(({ seq }) => seq), seals.map(({ seal }) => seal)]);
    },
    open: async (sealing, addresses) => new PostgresLedger(await open(), { sealing, addresses }),
    addresses: addressTable(database),
    watched: watchedTable(database),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

export interface NewSeal {
  readonly seq: number;
  readonly seal: string;
}

/** Writes seals of entries that are there, as many at once as are handed over. */
export type WriteSeals = (seals: readonly NewSeal[]) => Promise<void>;

const AT_ONCE = 1_000;

/**
 * Seals every entry that is there, before the ledger gets its mark: from then on none is believed without. Whether the entries are
 * the right ones must have been verified. Gives the last one.
 */
async function sealAll(
  history: LedgerHistory,
  sealing: Sealing,
  write: WriteSeals,
  onProgress: (entries: number) => void = () => undefined,
): Promise<StoredEntry | null> {
  const lastOf = new Map<string, number>();
  const removed = (await history.checkpoints()).map(({ eventText }) => throughIn(eventText));
  let last: StoredEntry | null = null;
  await inBatches(history, write, onProgress, (entry) => {
    const requestId = subjectOf(JSON.parse(entry.eventText) as LedgerEvent);
    const prior = requestId === null ? 0 : (lastOf.get(requestId) ?? 0);
    if (requestId !== null) lastOf.set(requestId, entry.seq);
    const before = last?.hash ?? removed.find(({ seq }) => seq === entry.seq - 1)?.hash ?? GENESIS;
    last = entry;
    return sealing.sealOf(entry, { prior, previousHash: before, addresses: 0 });
  });
  return last;
}

/** Seals every entry anew under the current key. Throws LedgerForgedError at the first whose seal does not hold: it gets none. */
async function sealAnew(
  history: LedgerHistory,
  sealing: Sealing,
  write: WriteSeals,
  onProgress: (entries: number) => void = () => undefined,
): Promise<void> {
  await inBatches(history, write, onProgress, (entry) => {
    const fault = sealing.faultIn(entry);
    if (fault !== null) throw new LedgerForgedError(entry.columns?.requestId ?? null, entry.seq, fault);
    return sealing.sealOf(entry, readSeal(entry.seal));
  });
}

async function inBatches(
  history: LedgerHistory,
  write: WriteSeals,
  onProgress: (entries: number) => void,
  sealOf: (entry: StoredEntry) => string,
): Promise<void> {
  let entries = 0;
  let batch: NewSeal[] = [];
  for await (const entry of history.entries()) {
    batch.push({ seq: entry.seq, seal: sealOf(entry) });
    entries += 1;
    if (batch.length < AT_ONCE) continue;
    await write(batch);
    onProgress(entries);
    batch = [];
  }
  if (batch.length > 0) await write(batch);
  onProgress(entries);
}

function throughIn(eventText: string): { readonly seq: number; readonly hash: string } {
  const event = JSON.parse(eventText) as LedgerEvent;
  return event.kind === 'checkpoint' ? event.through : { seq: -1, hash: GENESIS };
}
