import { setImmediate as turn } from 'node:timers/promises';
import type { RequestId } from '../core/access-request.ts';
import type {
  DecisionsQuery,
  Extent,
  SearchableHistory,
  StoredAddress,
  StoredEntry,
  StoredWatched,
} from '../ports/ledger-history.ts';
import { LedgerUnavailableError } from '../ports/ledger.ts';
import type { ReadDatabase } from './queries.ts';
import { storedOf, type EntryRow } from './rows.ts';

/** Rows read in one go: between two goes others get their turn, in this process and in the database. */
const PAGE_ROWS = 500;
/** Above every character that an id can have. */
const LAST_CHARACTER = '\u{10FFFF}';

type Values = readonly (string | number)[];

/** A ledger that is only read, also while the service writes to it: a database, a copy, a back-up, a damaged file. */
export class DatabaseHistory implements SearchableHistory, AsyncDisposable {
  readonly #database: ReadDatabase;
  readonly #columns: string;

  private constructor(database: ReadDatabase, hasSeals: boolean) {
    this.#database = database;
    this.#columns = `seq, at, kind, request_id, once_key, event, hash, ${hasSeals ? 'seal' : 'NULL AS seal'}`;
  }

  /** Closes the database where it holds no ledger, and throws LedgerUnavailableError. */
  static async in(database: ReadDatabase): Promise<DatabaseHistory> {
    try {
      const columns = await database.columnsOf('entry');
      if (columns.length > 0) return new DatabaseHistory(database, columns.includes('seal'));
      throw new LedgerUnavailableError(`${database.shown} holds no ledger: it has no table \`entry\``);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async extent(): Promise<Extent | null> {
    const [row] = await this.#database.query<Extent>(
      'SELECT count(*) AS entries, min(seq) AS "firstSeq", max(seq) AS "lastSeq" FROM entry',
    );
    return row === undefined || row.entries === 0 ? null : { ...row };
  }

  async *entries(from = Number.MIN_SAFE_INTEGER): AsyncIterable<StoredEntry> {
    const last = (await this.extent())?.lastSeq ?? 0;
    yield* this.#paged('seq > $1 AND seq <= $2 ORDER BY seq', [from, last], ({ seq }) => [seq, last]);
  }

  backwards(from: number): AsyncIterable<StoredEntry> {
    return this.#paged('seq < $1 ORDER BY seq DESC', [from], ({ seq }) => [seq]);
  }

  checkpoints(): Promise<readonly StoredEntry[]> {
    return this.#rows("kind = 'checkpoint' ORDER BY seq");
  }

  async mark(): Promise<StoredEntry | null> {
    return (await this.#rows("once_key = 'sealed-from'"))[0] ?? null;
  }

  entriesOf(requestId: RequestId): Promise<readonly StoredEntry[]> {
    return this.#rows('request_id = $1 ORDER BY seq', [requestId]);
  }

  decisions({ since, until, before }: DecisionsQuery): AsyncIterable<StoredEntry> {
    const valuesBefore = ({ at, seq }: { readonly at: string; readonly seq: number }) => [
      since ?? '',
      until ?? LAST_CHARACTER,
      at,
      seq,
    ];
    return this.#paged(
      `kind = 'decided' AND at >= $1 AND at < $2 AND (at, seq) < ($3, $4) ORDER BY at DESC, seq DESC`,
      valuesBefore(before ?? { at: LAST_CHARACTER, seq: 0 }),
      valuesBefore,
    );
  }

  requestIds(prefix: string, limit: number): Promise<readonly RequestId[]> {
    return this.#ids(
      'SELECT DISTINCT request_id FROM entry WHERE request_id >= $1 AND request_id < $2 ORDER BY request_id LIMIT $3',
      [prefix, `${prefix}${LAST_CHARACTER}`, limit],
    );
  }

  open(): Promise<readonly RequestId[]> {
    return this.#ids('SELECT request_id FROM open_request');
  }

  async addresses(): Promise<readonly StoredAddress[]> {
    const columns = await this.#database.columnsOf('first_address');
    return columns.includes('number')
      ? await this.#database.query('SELECT * FROM first_address ORDER BY number')
      : [];
  }

  async watched(): Promise<readonly StoredWatched[]> {
    const columns = await this.#database.columnsOf('watched');
    return columns.length === 0 ? [] : await this.#database.query('SELECT * FROM watched');
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** `after` gives the values for what comes after an entry. */
  async *#paged(
    where: string,
    first: Values,
    after: (last: StoredEntry) => Values,
  ): AsyncIterable<StoredEntry> {
    for (let values = first; ;) {
      const page = await this.#rows(`${where} LIMIT ${PAGE_ROWS}`, values);
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_ROWS) return;
      values = after(last);
      await turn();
    }
  }

  async #rows(where: string, values: Values = []): Promise<readonly StoredEntry[]> {
    const sql = `SELECT ${this.#columns} FROM entry WHERE ${where}`;
    return (await this.#database.query<EntryRow>(sql, values)).map(storedOf);
  }

  async #ids(sql: string, values: Values = []): Promise<readonly RequestId[]> {
    const rows = await this.#database.query<{ readonly request_id: RequestId }>(sql, values);
    return rows.map(({ request_id: id }) => id);
  }
}
