import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
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
import { storedOf, type EntryRow } from '../rows.ts';
import { sqliteGuard } from './database.ts';

const COLUMNS = 'seq, at, kind, request_id, once_key, event, hash';
const HAS_SEALS = "SELECT 1 FROM pragma_table_info('entry') WHERE name = 'seal'";
const HAS_NUMBERS = "SELECT 1 FROM pragma_table_info('first_address') WHERE name = 'number'";
const HAS_WATCHED = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'watched'";
/** Rows read in one go: between two goes others get their turn, in this process and in the database. */
const PAGE_ROWS = 500;
/** Above every character that an id can have. */
const LAST_CHARACTER = '\u{10FFFF}';

/**
 * A ledger file opened for reading only: a copy, a back-up, a damaged file, or one that the service is writing to. The schema
 * is taken as it is found, so that a file of any version can be read.
 */
export class SqliteHistory implements SearchableHistory {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #columns: string;

  /** Throws LedgerUnavailableError when the file is not there or holds no ledger. */
  constructor(file: string) {
    if (!existsSync(file)) throw new LedgerUnavailableError(`there is no ledger \`${file}\``);
    this.#file = file;
    this.#db = sqliteGuard(file, () => openForReading(file));
    const tables = this.#all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'entry'");
    if (tables.length === 0) {
      this.#db.close();
      throw new LedgerUnavailableError(`\`${file}\` holds no ledger: it has no table \`entry\``);
    }
    this.#columns = `${COLUMNS}, ${this.#all(HAS_SEALS).length > 0 ? 'seal' : 'NULL AS seal'}`;
  }

  extent(): Promise<Extent | null> {
    return this.#answer(() => {
      const [row] = this.#all('SELECT count(*) AS entries, min(seq) AS first, max(seq) AS last FROM entry');
      const entries = Number(row?.['entries'] ?? 0);
      return entries === 0
        ? null
        : { entries, firstSeq: Number(row?.['first']), lastSeq: Number(row?.['last']) };
    });
  }

  async *entries(from = Number.MIN_SAFE_INTEGER): AsyncIterable<StoredEntry> {
    const [end] = this.#all('SELECT max(seq) AS last FROM entry');
    const last = Number(end?.['last'] ?? 0);
    let after = from;
    for (;;) {
      const page = this.#rows('WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?', after, last, PAGE_ROWS);
      yield* page;
      if (page.length < PAGE_ROWS) return;
      after = page.at(-1)?.seq ?? last;
      await turn();
    }
  }

  async *backwards(from: number): AsyncIterable<StoredEntry> {
    for (let before = from; ;) {
      const page = this.#rows('WHERE seq < ? ORDER BY seq DESC LIMIT ?', before, PAGE_ROWS);
      yield* page;
      if (page.length < PAGE_ROWS) return;
      before = page.at(-1)?.seq ?? 0;
      await turn();
    }
  }

  checkpoints(): Promise<readonly StoredEntry[]> {
    return this.#answer(() => this.#rows("WHERE kind = 'checkpoint' ORDER BY seq"));
  }

  mark(): Promise<StoredEntry | null> {
    return this.#answer(() => this.#rows("WHERE once_key = 'sealed-from'")[0] ?? null);
  }

  entriesOf(requestId: RequestId): Promise<readonly StoredEntry[]> {
    return this.#answer(() => this.#rows('WHERE request_id = ? ORDER BY seq', requestId));
  }

  async *decisions({ since, until, before }: DecisionsQuery): AsyncIterable<StoredEntry> {
    let cursor = before ?? { at: LAST_CHARACTER, seq: 0 };
    for (;;) {
      const page = this.#rows(
        `WHERE kind = 'decided' AND at >= ? AND at < ? AND (at, seq) < (?, ?) ORDER BY at DESC, seq DESC LIMIT ?`,
        since ?? '',
        until ?? LAST_CHARACTER,
        cursor.at,
        cursor.seq,
        PAGE_ROWS,
      );
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_ROWS) return;
      cursor = last;
      await turn();
    }
  }

  requestIds(prefix: string, limit: number): Promise<readonly RequestId[]> {
    return this.#answer(() =>
      this.#all(
        'SELECT DISTINCT request_id FROM entry WHERE request_id >= ? AND request_id < ? ORDER BY request_id LIMIT ?',
        prefix,
        `${prefix}${LAST_CHARACTER}`,
        limit,
      ).map((row) => String(row['request_id'])),
    );
  }

  open(): Promise<readonly RequestId[]> {
    return this.#answer(() =>
      this.#all('SELECT request_id FROM open_request').map((row) => String(row['request_id'])),
    );
  }

  addresses(): Promise<readonly StoredAddress[]> {
    return this.#answer(() =>
      this.#all(HAS_NUMBERS).length === 0
        ? []
        : (this.#all('SELECT * FROM first_address ORDER BY number') as unknown as StoredAddress[]),
    );
  }

  watched(): Promise<readonly StoredWatched[]> {
    return this.#answer(() =>
      this.#all(HAS_WATCHED).length === 0
        ? []
        : (this.#all('SELECT * FROM watched') as unknown as StoredWatched[]),
    );
  }

  close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
    return Promise.resolve();
  }

  #rows(where: string, ...values: readonly SQLInputValue[]): StoredEntry[] {
    return this.#all(`SELECT ${this.#columns} FROM entry ${where}`, ...values).map((row) =>
      storedOf(row as unknown as EntryRow),
    );
  }

  #all(sql: string, ...values: readonly SQLInputValue[]) {
    return sqliteGuard(this.#file, () => this.#db.prepare(sql).all(...values));
  }

  #answer<T>(use: () => T): Promise<T> {
    return new Promise((resolve) => resolve(use()));
  }
}

/** A file in a folder that nobody may write to, on a read-only medium for instance, has no room for SQLite's own files. */
function openForReading(file: string): DatabaseSync {
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    db.prepare('PRAGMA schema_version').get();
    return db;
  } catch (error) {
    if (existsSync(`${file}-wal`)) throw error;
    return new DatabaseSync(`${pathToFileURL(file).href}?immutable=1`, { readOnly: true });
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
