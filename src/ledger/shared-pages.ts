import type { RequestId } from '../core/access-request.ts';
import { codesUnder, pagesUnder, type AskedOn, type PageBegun } from '../core/record/ledger-entry.ts';
import type { Asked, Ledger } from '../ports/ledger.ts';
import { ownRows, rangeUnder } from './believed.ts';
import type { EntryRow, Sealing } from './rows.ts';

/** What the two databases do differently. */
export interface PagesDialect {
  /** How a field of an entry's event is read. */
  readonly field: (alias: string, name: string) => string;
  /** What stands for the first three values. */
  readonly values: readonly [string, string, string];
}

/** Throws LedgerUnavailableError. */
type Ask = <Row>(sql: string, values: readonly string[]) => Promise<readonly Row[]>;

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

/** Which requests are asked about on which pages, by the service's own entries: what others wrote into the database is passed over. */
export class SharedPages implements Pick<Ledger, 'pagesOf' | 'askedOn' | 'isWaitedOn'> {
  readonly #ask: Ask;
  readonly #sql: ReturnType<typeof sqlIn>;
  readonly #sealing: Sealing | null;
  /** Pages on which nobody waits, by the entries themselves, with how many codes they had. */
  readonly #over = new Map<string, number>();

  constructor(ask: Ask, dialect: PagesDialect, sealing: Sealing | null) {
    this.#ask = ask;
    this.#sql = sqlIn(dialect);
    this.#sealing = sealing;
  }

  async pagesOf(group: string): ReturnType<Ledger['pagesOf']> {
    const rows = this.#believed(await this.#ask<PageRow>(this.#sql.pages, rangeUnder(pagesUnder(group))));
    const live: PageBegun[] = [];
    for (const [index, row] of rows.entries()) {
      const begun = JSON.parse(row.event) as PageBegun;
      const isLive =
        this.#sealing === null ? Boolean(row.waits) : await this.#isLive(begun, row, rows.length - index);
      if (isLive) live.push(begun);
    }
    const last = rows.at(-1);
    return { last: last === undefined ? 0 : (JSON.parse(last.event) as PageBegun).number, live };
  }

  async askedOn(page: string): Promise<readonly Asked[]> {
    const rows = this.#believed(await this.#ask<CodeRow>(this.#sql.codes, rangeUnder(codesUnder(page))));
    return rows.map((row) => {
      const { asked: requestId, code } = JSON.parse(row.event) as AskedOn;
      return { requestId, code, waits: this.#believed(endOf(row)).length === 0 };
    });
  }

  async isWaitedOn(page: string, except: RequestId): Promise<boolean> {
    const rows = await this.#ask<EntryRow>(this.#sql.waiting, [...rangeUnder(codesUnder(page)), except]);
    if (this.#sealing === null || this.#believed(rows).length > 0) return rows.length > 0;
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
    return this.#sealing === null ? rows : ownRows(rows, this.#sealing);
  }
}

function sqlIn({ field, values: [from, to, except] }: PagesDialect) {
  const isOf = (asked: string) => `ended.once_key = 'ended ' || ${field(asked, 'asked')}`;
  const isOver = (asked: string) => `EXISTS (SELECT 1 FROM entry AS ended WHERE ${isOf(asked)})`;
  const bound = (end: string) => `'asked-on ' || ${field('one', 'page')} || '${end}'`;
  const ofPage = `FROM entry AS asked WHERE asked.once_key >= ${bound(' ')} AND asked.once_key < ${bound('!')}`;
  const isBetween = `one.once_key >= ${from} AND one.once_key < ${to}`;
  return {
    pages: `SELECT one.*, EXISTS (SELECT 1 ${ofPage} AND NOT ${isOver('asked')}) AS waits, (SELECT count(*) ${ofPage}) AS codes
      FROM entry AS one WHERE ${isBetween} ORDER BY one.seq`,
    codes: `SELECT one.*, ${COLUMNS.map((column) => `ended.${column} AS ended_${column}`).join(', ')}
      FROM entry AS one LEFT JOIN entry AS ended ON ${isOf('one')} WHERE ${isBetween} ORDER BY one.seq`,
    waiting: `SELECT one.* FROM entry AS one
      WHERE ${isBetween} AND ${field('one', 'asked')} <> ${except} AND NOT ${isOver('one')} LIMIT ${FIRST}`,
  };
}

function endOf(row: CodeRow): readonly EntryRow[] {
  if (row.ended_seq === null) return [];
  return [
    Object.fromEntries(COLUMNS.map((column) => [column, row[`ended_${column}`]])) as unknown as EntryRow,
  ];
}
