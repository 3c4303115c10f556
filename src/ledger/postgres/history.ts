import type { QueryResultRow } from 'pg';
import type { RequestId } from '../../core/access-request.ts';
import type {
  DecisionsQuery,
  Extent,
  SearchableHistory,
  StoredAddress,
  StoredEntry,
  StoredWatched,
} from '../../ports/ledger-history.ts';
import { LedgerUnavailableError } from '../../ports/ledger.ts';
import { PostgresDatabase, type PostgresOptions } from './database.ts';
import { storedOf, type EntryRow } from '../rows.ts';

const COLUMNS = 'seq, at, kind, request_id, once_key, event, hash';
const FOUND = `SELECT to_regclass('entry') AS table,
  EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('entry') AND attname = 'seal') AS sealed`;
const HAS_NUMBERS = `SELECT count(*) AS there FROM pg_attribute
  WHERE attrelid = to_regclass('first_address') AND attname = 'number'`;
const HAS_WATCHED = "SELECT to_regclass('watched') AS table";
const PAGE_ROWS = 500;
/** Above every character that an id can have. */
const LAST_CHARACTER = '\u{10FFFF}';

/** A ledger in PostgreSQL that is only read, also while replicas write to it; its schema is taken as it is found. */
export class PostgresHistory implements SearchableHistory {
  readonly #database: PostgresDatabase;

  readonly #columns: string;

  private constructor(database: PostgresDatabase, hasSeals: boolean) {
    this.#database = database;
    this.#columns = `${COLUMNS}, ${hasSeals ? 'seal' : 'NULL AS seal'}`;
  }

  /** Throws LedgerUnavailableError when the database cannot be reached or holds no ledger. */
  static async open(options: PostgresOptions): Promise<PostgresHistory> {
    const database = await PostgresDatabase.open({ ...options, migrate: false });
    try {
      const [found] = await database.query<{ table: string | null; sealed: boolean }>(FOUND);
      if ((found?.table ?? null) !== null) return new PostgresHistory(database, found?.sealed === true);
      throw new LedgerUnavailableError('the database holds no ledger: it has no table `entry`');
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async extent(): Promise<Extent | null> {
    const [row] = await this.#database.query<{ entries: number; first: number; last: number }>(
      'SELECT count(*) AS entries, min(seq) AS first, max(seq) AS last FROM entry',
    );
    return row === undefined || row.entries === 0
      ? null
      : { entries: row.entries, firstSeq: row.first, lastSeq: row.last };
  }

  async *entries(from = Number.MIN_SAFE_INTEGER): AsyncIterable<StoredEntry> {
    const last = (await this.extent())?.lastSeq ?? 0;
    for (let after = from; ;) {
      const page = await this.#rows('WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3', [
        after,
        last,
        PAGE_ROWS,
      ]);
      yield* page;
      if (page.length < PAGE_ROWS) return;
      after = page.at(-1)?.seq ?? last;
    }
  }

  async *backwards(from: number): AsyncIterable<StoredEntry> {
    for (let before = from; ;) {
      const page = await this.#rows('WHERE seq < $1 ORDER BY seq DESC LIMIT $2', [before, PAGE_ROWS]);
      yield* page;
      if (page.length < PAGE_ROWS) return;
      before = page.at(-1)?.seq ?? 0;
    }
  }

  checkpoints(): Promise<readonly StoredEntry[]> {
    return this.#rows("WHERE kind = 'checkpoint' ORDER BY seq", []);
  }

  async mark(): Promise<StoredEntry | null> {
    return (await this.#rows("WHERE once_key = 'sealed-from'", []))[0] ?? null;
  }

  entriesOf(requestId: RequestId): Promise<readonly StoredEntry[]> {
    return this.#rows('WHERE request_id = $1 ORDER BY seq', [requestId]);
  }

  async *decisions({ since, until, before }: DecisionsQuery): AsyncIterable<StoredEntry> {
    let cursor = before ?? { at: LAST_CHARACTER, seq: 0 };
    for (;;) {
      const page = await this.#rows(
        `WHERE kind = 'decided' AND at >= $1 AND at < $2 AND (at, seq) < ($3, $4) ORDER BY at DESC, seq DESC LIMIT $5`,
        [since ?? '', until ?? LAST_CHARACTER, cursor.at, cursor.seq, PAGE_ROWS],
      );
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_ROWS) return;
      cursor = last;
    }
  }

  async requestIds(prefix: string, limit: number): Promise<readonly RequestId[]> {
    const rows = await this.#database.query<{ request_id: string }>(
      'SELECT DISTINCT request_id FROM entry WHERE request_id >= $1 AND request_id < $2 ORDER BY request_id LIMIT $3',
      [prefix, `${prefix}${LAST_CHARACTER}`, limit],
    );
    return rows.map(({ request_id }) => request_id);
  }

  async open(): Promise<readonly RequestId[]> {
    const rows = await this.#database.query<{ request_id: string }>('SELECT request_id FROM open_request');
    return rows.map(({ request_id }) => request_id);
  }

  async addresses(): Promise<readonly StoredAddress[]> {
    const [{ there } = { there: 0 }] = await this.#database.query<{ there: number }>(HAS_NUMBERS);
    if (there === 0) return [];
    return await this.#database.query<StoredAddress & QueryResultRow>(
      'SELECT * FROM first_address ORDER BY number',
    );
  }

  async watched(): Promise<readonly StoredWatched[]> {
    const [{ table } = { table: null }] = await this.#database.query<{ table: string | null }>(HAS_WATCHED);
    if (table === null) return [];
    return await this.#database.query<StoredWatched & QueryResultRow>('SELECT * FROM watched');
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #rows(where: string, values: readonly unknown[]): Promise<readonly StoredEntry[]> {
    const rows = await this.#database.query<EntryRow>(`SELECT ${this.#columns} FROM entry ${where}`, values);
    return rows.map(storedOf);
  }
}
