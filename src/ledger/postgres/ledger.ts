import { randomUUID } from 'node:crypto';
import type { QueryResultRow } from 'pg';
import type { RequestId } from '../../core/access-request.ts';
import type { Instant } from '../../core/values/instant.ts';
import type { LedgerEntry, LedgerEvent } from '../../core/record/ledger-entry.ts';
import type { Fence } from '../../ports/claims.ts';
import {
  LedgerForgedError,
  type Asked,
  type EndedEntry,
  type GroupPages,
  type Ledger,
  type LedgerSize,
} from '../../ports/ledger.ts';
import { believedEntries, isBehind } from '../believed.ts';
import type { OnForged } from '../ledger-settings.ts';
import { addressesIn, SEALS_BEFORE, write, type Waiting } from './append.ts';
import type { PostgresDatabase } from './database.ts';
import {
  endedAfterSql,
  entryOf,
  sizeSql,
  storedOf,
  ledgerIdIn,
  type EntryRow,
  type SealedEntry,
  type Sealing,
} from '../rows.ts';
import { SharedPages, type PagesDialect } from '../shared-pages.ts';
import { AddressCount, TipMemory } from '../tip-memory.ts';

const DIALECT: PagesDialect = {
  field: (alias, name) => `(${alias}.event::json ->> '${name}') COLLATE "C"`,
  values: ['$1', '$2', '$3'],
};
const PAGE = 500;
const MARK = "SELECT * FROM entry WHERE once_key = 'sealed-from' LIMIT 1";
const CHECKPOINTS = "SELECT * FROM entry WHERE kind = 'checkpoint' ORDER BY seq DESC LIMIT 20";
export interface PostgresLedgerOptions {
  /** With which entries are sealed and believed; null for a ledger without seals. */
  readonly sealing?: Sealing | null;
  /** Shared with whoever keeps the first addresses. */
  readonly addresses?: AddressCount;
  /** Told of entries that are gone. */
  readonly onForged?: OnForged;
}

/** The mark of the ledger, or the checkpoint that stands for it; null where there is none. */
export async function postgresMark(database: PostgresDatabase): Promise<SealedEntry | null> {
  const [mark] = await database.query<EntryRow>(MARK);
  const [standIn] = mark === undefined ? await database.query<EntryRow>(CHECKPOINTS) : [mark];
  return standIn === undefined || ledgerIdIn(standIn.event) === null ? null : storedOf(standIn);
}

/**
 * The ledger in PostgreSQL, for several replicas: one chain without gaps, since writers take turns. Appends that wait in one
 * process while a transaction is under way share the next one, each all-or-nothing for itself.
 */
export class PostgresLedger implements Ledger {
  readonly #database: PostgresDatabase;
  readonly sealing: Sealing | null;
  readonly #pages: SharedPages;
  readonly #memory = new TipMemory();
  readonly #addresses: AddressCount;
  readonly #onForged: OnForged;
  #waiting: Waiting[] = [];
  #committing: Promise<void> | null = null;

  constructor(database: PostgresDatabase, { sealing, addresses, onForged }: PostgresLedgerOptions = {}) {
    this.#database = database;
    this.sealing = sealing ?? null;
    this.#addresses = addresses ?? new AddressCount();
    this.#onForged = onForged ?? (() => undefined);
    const ask = async (sql: string, values: readonly string[]) =>
      (await database.query(sql, values)) as never;
    this.#pages = new SharedPages(ask, DIALECT, this.sealing);
  }

  append(
    events: readonly LedgerEvent[],
    at: Instant,
    fence: Fence | null = null,
  ): Promise<readonly LedgerEntry[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly LedgerEntry[]>();
    this.#waiting.push({ events, at, fence, resolve, reject });
    this.#committing ??= this.#commitAll();
    return promise;
  }

  async entriesOf(requestId: RequestId): Promise<readonly LedgerEntry[]> {
    const lastKnown = this.#memory.lastOf(requestId);
    const rows = await this.#database.query<EntryRow>(
      'SELECT * FROM entry WHERE request_id = $1 ORDER BY seq',
      [requestId],
    );
    const sealing = this.sealing;
    if (sealing === null) return rows.map(entryOf);
    const options = (checkpoints: readonly EntryRow[]) => ({
      // As it was before the rows were read: another append may have been faster.
      lastKnown,
      isRemoved: (seq: number) => isBehind(checkpoints, seq, sealing),
    });
    try {
      return believedEntries(requestId, rows, sealing, options([]));
    } catch (error) {
      if (!(error instanceof LedgerForgedError)) throw error;
      return believedEntries(requestId, rows, sealing, options(await this.#database.query(CHECKPOINTS)));
    }
  }

  async open(): Promise<readonly RequestId[]> {
    const sql = 'SELECT request_id FROM open_request ORDER BY request_id';
    return (await this.#database.query<{ request_id: string }>(sql)).map(({ request_id }) => request_id);
  }

  endedAfter(seq: number, limit: number): Promise<readonly EndedEntry[]> {
    return this.#database.query<EndedEntry & QueryResultRow>(endedAfterSql('$1', '$2'), [seq, limit]);
  }

  async markSettled(requestId: RequestId, settled: boolean): Promise<void> {
    const sql = settled
      ? 'DELETE FROM open_request WHERE request_id = $1'
      : 'INSERT INTO open_request VALUES ($1) ON CONFLICT DO NOTHING';
    await this.#database.query(sql, [requestId]);
    if (settled) this.#memory.forget(requestId);
  }

  /** How many first addresses there were when the last entry that this service wrote was sealed. Throws LedgerUnavailableError. */
  async addressesKnown(): Promise<number> {
    if (this.sealing === null) return 0;
    const read = (values: number[]) => this.#database.query<EntryRow>(SEALS_BEFORE, values);
    return this.#addresses.raise(await addressesIn(this.sealing, read));
  }

  async *entries(): AsyncIterable<LedgerEntry> {
    const page = `SELECT * FROM entry WHERE seq > $1 ORDER BY seq LIMIT ${PAGE}`;
    for (let last = 0; ;) {
      const rows = await this.#database.query<EntryRow>(page, [last]);
      yield* rows.map(entryOf);
      if (rows.length < PAGE) return;
      last = rows.at(-1)?.seq ?? last;
    }
  }

  pagesOf(group: string): Promise<GroupPages> {
    return this.#pages.pagesOf(group);
  }

  askedOn(page: string): Promise<readonly Asked[]> {
    return this.#pages.askedOn(page);
  }

  isWaitedOn(page: string, except: RequestId): Promise<boolean> {
    return this.#pages.isWaitedOn(page, except);
  }

  /** One transaction that adds a mark and removes it: the server must have room for it, and flush it to disk. */
  async probe(): Promise<void> {
    const mark = `probe ${randomUUID()}`;
    await this.#database.exclusively(async (client) => {
      await client.query('BEGIN');
      await client.query('INSERT INTO open_request VALUES ($1)', [mark]);
      await client.query('DELETE FROM open_request WHERE request_id = $1', [mark]);
      await client.query('COMMIT');
    });
  }

  async size(): Promise<LedgerSize> {
    const [size] = await this.#database.query<LedgerSize & QueryResultRow>(
      sizeSql("pg_total_relation_size('entry')"),
    );
    return size ?? { open: 0, entries: 0, bytes: 0, oldestPage: null };
  }

  async close(): Promise<void> {
    await this.#committing;
    await this.#database.close();
  }

  #remember(rows: readonly EntryRow[]): void {
    const last = rows.at(-1);
    if (this.sealing === null || last === undefined) return;
    this.#memory.saw(last);
    for (const { request_id: id, seq } of rows) if (id !== null) this.#memory.remember(id, seq);
  }

  /** Never rejects: each waiting caller gets its own answer. */
  async #commitAll(): Promise<void> {
    // A turn's delay lets those who append at this moment share the first transaction.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const context = { sealing: this.sealing, memory: this.#memory, addresses: this.#addresses };
        const { answers, rows, lost } = await this.#database.exclusively((client) =>
          write(client, batch, context),
        );
        this.#remember(rows);
        if (lost !== null) this.#onForged(lost);
        for (const answer of answers) answer();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#committing = null;
  }
}
