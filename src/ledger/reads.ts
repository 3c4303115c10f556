import type { RequestId } from '../core/access-request.ts';
import type { LedgerEntry } from '../core/record/ledger-entry.ts';
import { codesUnder, pagesUnder, type AskedOn, type PageBegun } from '../core/record/ledger-entry.ts';
import {
  LedgerForgedError,
  type Asked,
  type EndedEntry,
  type GroupPages,
  type LedgerSize,
} from '../ports/ledger.ts';
import { believedEntries, isBehind, ownRows, rangeUnder } from './believed.ts';
import type { Queries } from './queries.ts';
import { entryOf, ledgerIdIn, storedOf, type EntryRow, type SealedEntry, type Sealing } from './rows.ts';
import { TipMemory } from './tip-memory.ts';

/** A page, whether anybody waits on it as far as the database says (1 or true), and how many codes it has. */
type PageRow = EntryRow & { readonly waits: unknown; readonly codes: number };

const COLUMNS = ['seq', 'at', 'kind', 'request_id', 'once_key', 'event', 'hash', 'seal'] as const;
/** A code, and the entry by which its request has ended; nulls where there is none. */
type CodeRow = EntryRow & {
  readonly [Column in keyof EntryRow as `ended_${Column}`]: EntryRow[Column] | null;
};

/** As many entries of others as these do not hide one of the service's own. */
const FIRST = 20;
/** Somebody else may have written that those who are asked about on a page are over: the last pages are looked at more closely. */
const LAST_PAGES = 20;

/** As many rows are read at once. */
const PAGE = 500;
/** The checkpoints that are asked whether they stand for an entry that is gone. */
export const CHECKPOINTS = "SELECT * FROM entry WHERE kind = 'checkpoint' ORDER BY seq DESC LIMIT 20";
export const MARK = "SELECT * FROM entry WHERE once_key = 'sealed-from' LIMIT 1";

/** The mark of the ledger, or the checkpoint that stands for it; null where there is none. */
export function markAmong(marks: readonly EntryRow[], checkpoints: readonly EntryRow[]): SealedEntry | null {
  const found = marks[0] ?? checkpoints[0];
  return found === undefined || ledgerIdIn(found.event) === null ? null : storedOf(found);
}

/** What both databases answer alike: by the service's own entries, what others wrote into the database is passed over. */
export abstract class LedgerReads {
  /** Null for a ledger without seals. */
  readonly sealing: Sealing | null;
  protected readonly database: Queries;
  protected readonly memory = new TipMemory();
  readonly #sql: ReturnType<typeof sqlIn>;
  /** Pages on which nobody waits, by the entries themselves, with how many codes they had. */
  readonly #over = new Map<string, number>();

  constructor(database: Queries, sealing: Sealing | null) {
    this.database = database;
    this.#sql = sqlIn(database);
    this.sealing = sealing;
  }

  async entriesOf(requestId: RequestId): Promise<readonly LedgerEntry[]> {
    // As it was before the rows are read: another append may be faster.
    const lastKnown = this.memory.lastOf(requestId);
    const sql = 'SELECT * FROM entry WHERE request_id = $1 ORDER BY seq';
    const rows = await this.database.query<EntryRow>(sql, [requestId]);
    const sealing = this.sealing;
    if (sealing === null) return rows.map(entryOf);
    const believed = (checkpoints: readonly EntryRow[]) =>
      believedEntries(requestId, rows, sealing, {
        lastKnown,
        isRemoved: (seq) => isBehind(checkpoints, seq, sealing),
      });
    try {
      return believed([]);
    } catch (error) {
      if (!(error instanceof LedgerForgedError)) throw error;
      return believed(await this.database.query(CHECKPOINTS));
    }
  }

  async open(): Promise<readonly RequestId[]> {
    const sql = 'SELECT request_id FROM open_request ORDER BY request_id';
    const rows = await this.database.query<{ readonly request_id: RequestId }>(sql);
    return rows.map(({ request_id: id }) => id);
  }

  async endedAfter(seq: number, limit: number): Promise<readonly EndedEntry[]> {
    const sql = `SELECT seq, at, request_id AS "requestId" FROM entry WHERE kind = 'ended' AND seq > $1 ORDER BY seq LIMIT $2`;
    return (await this.database.query<EndedEntry>(sql, [seq, limit])).map((row) => ({ ...row }));
  }

  async size(): Promise<LedgerSize> {
    const [size] = await this.database.query<LedgerSize>(sizeSql(this.database.bytes));
    return size ?? { open: 0, entries: 0, bytes: 0, oldestPage: null };
  }

  async *entries(): AsyncIterable<LedgerEntry> {
    const sql = `SELECT * FROM entry WHERE seq > $1 ORDER BY seq LIMIT ${PAGE}`;
    for (let last = 0; ;) {
      const rows = await this.database.query<EntryRow>(sql, [last]);
      yield* rows.map(entryOf);
      if (rows.length < PAGE) return;
      last = rows.at(-1)?.seq ?? last;
    }
  }

  async pagesOf(group: string): Promise<GroupPages> {
    const rows = this.#believed(
      await this.database.query<PageRow>(this.#sql.pages, rangeUnder(pagesUnder(group))),
    );
    const live: PageBegun[] = [];
    for (const [index, row] of rows.entries()) {
      const begun = JSON.parse(row.event) as PageBegun;
      const isLive =
        this.sealing === null ? Boolean(row.waits) : await this.#isLive(begun, row, rows.length - index);
      if (isLive) live.push(begun);
    }
    const last = rows.at(-1);
    return { last: last === undefined ? 0 : (JSON.parse(last.event) as PageBegun).number, live };
  }

  async askedOn(page: string): Promise<readonly Asked[]> {
    const rows = this.#believed(
      await this.database.query<CodeRow>(this.#sql.codes, rangeUnder(codesUnder(page))),
    );
    return rows.map((row) => {
      const { asked: requestId, code } = JSON.parse(row.event) as AskedOn;
      return { requestId, code, waits: this.#believed(endOf(row)).length === 0 };
    });
  }

  async isWaitedOn(page: string, except: RequestId): Promise<boolean> {
    const rows = await this.database.query<EntryRow>(this.#sql.waiting, [
      ...rangeUnder(codesUnder(page)),
      except,
    ]);
    if (this.sealing === null || this.#believed(rows).length > 0) return rows.length > 0;
    return (await this.askedOn(page)).some(({ requestId, waits }) => waits && requestId !== except);
  }

  async #isLive({ page }: PageBegun, { waits, codes }: PageRow, fromEnd: number): Promise<boolean> {
    if (!Boolean(waits) && (fromEnd > LAST_PAGES || this.#over.get(page) === codes)) return false;
    const isLive = await this.isWaitedOn(page, '');
    if (this.#over.size > 1_000) this.#over.clear();
    if (!isLive) this.#over.set(page, codes);
    return isLive;
  }

  #believed<Row extends EntryRow>(rows: readonly Row[]): readonly Row[] {
    return this.sealing === null ? rows : ownRows(rows, this.sealing);
  }
}

/**
 * How big the ledger is; `bytes` says how the database counts its size. The oldest page is that of a request that has not ended: those
 * about broken glass wait for nobody. It is asked for at every scrape, so it goes by the few open requests, in this order, and by
 * the ends of the table, never through all entries.
 */
export function sizeSql(bytes: string): string {
  return `SELECT (SELECT count(*) FROM open_request) AS open,
    (SELECT min(page.at) FROM open_request CROSS JOIN entry AS page
      WHERE page.request_id = open_request.request_id AND page.kind = 'effect-done'
        AND (page.once_key = 'done ' || page.request_id || ' page' OR page.once_key LIKE 'done ' || page.request_id || ' page %')
        AND NOT EXISTS (SELECT 1 FROM entry AS e WHERE e.request_id = page.request_id AND e.kind = 'ended')
    ) AS "oldestPage",
    coalesce((SELECT max(seq) FROM entry) - (SELECT min(seq) FROM entry) + 1, 0) AS entries,
    ${bytes} AS bytes`;
}

function sqlIn(database: Queries) {
  const field = (alias: string, name: string) => database.field(alias, name);
  const isOf = (asked: string) => `ended.once_key = 'ended ' || ${field(asked, 'asked')}`;
  const isOver = (asked: string) => `EXISTS (SELECT 1 FROM entry AS ended WHERE ${isOf(asked)})`;
  const bound = (end: string) => `'asked-on ' || ${field('one', 'page')} || '${end}'`;
  const ofPage = `FROM entry AS asked WHERE asked.once_key >= ${bound(' ')} AND asked.once_key < ${bound('!')}`;
  const isBetween = `one.once_key >= $1 AND one.once_key < $2`;
  return {
    pages: `SELECT one.*, EXISTS (SELECT 1 ${ofPage} AND NOT ${isOver('asked')}) AS waits, (SELECT count(*) ${ofPage}) AS codes
      FROM entry AS one WHERE ${isBetween} ORDER BY one.seq`,
    codes: `SELECT one.*, ${COLUMNS.map((column) => `ended.${column} AS ended_${column}`).join(', ')}
      FROM entry AS one LEFT JOIN entry AS ended ON ${isOf('one')} WHERE ${isBetween} ORDER BY one.seq`,
    waiting: `SELECT one.* FROM entry AS one
      WHERE ${isBetween} AND ${field('one', 'asked')} <> $3 AND NOT ${isOver('one')} LIMIT ${FIRST}`,
  };
}

function endOf(row: CodeRow): readonly EntryRow[] {
  if (row.ended_seq === null) return [];
  return [
    Object.fromEntries(COLUMNS.map((column) => [column, row[`ended_${column}`]])) as unknown as EntryRow,
  ];
}
