import { codesUnder, pagesUnder, type AskedOn, type PageBegun } from '../core/record/ledger-entry.ts';
import type { Asked, GroupPages } from '../ports/ledger.ts';
import { storedOf, type EntryRow } from './rows.ts';
import type { Sealing } from './sealing.ts';

/** How a database reads a field of an entry's event. */
type Field = (alias: string, name: string) => string;

/** An entry, and whether somebody who is asked about waits still: 1 or true for yes. */
export type WaitingRow = EntryRow & { readonly waits: unknown };

/** Entries between two once-keys in order, each with whether its request waits, or whether anybody waits on its page. */
export function sharedPagesSql(field: Field, [from, to, except]: readonly [string, string, string]) {
  const over = (asked: string) =>
    `EXISTS (SELECT 1 FROM entry AS ended WHERE ended.once_key = 'ended ' || ${field(asked, 'asked')})`;
  const codesOf = (bound: string) => `'asked-on ' || ${field('one', 'page')} || '${bound}'`;
  const select = (waits: string) =>
    `SELECT one.*, ${waits} AS waits FROM entry AS one WHERE one.once_key >= ${from} AND one.once_key < ${to} ORDER BY one.seq`;
  return {
    pages: select(`EXISTS (
      SELECT 1 FROM entry AS asked WHERE asked.once_key >= ${codesOf(' ')} AND asked.once_key < ${codesOf('!')}
      AND NOT ${over('asked')})`),
    codes: select(`NOT ${over('one')}`),
    waiting: `SELECT 1 FROM entry AS one
      WHERE one.once_key >= ${from} AND one.once_key < ${to} AND ${field('one', 'asked')} <> ${except} AND NOT ${over('one')} LIMIT 1`,
  };
}

/** The once-keys that begin with this, which ends in a blank: from it to what comes after all of them. */
function keysUnder(prefix: string): readonly [string, string] {
  return [prefix, `${prefix.slice(0, -1)}!`];
}

export function pageKeys(group: string): readonly [string, string] {
  return keysUnder(pagesUnder(group));
}

export function codeKeys(page: string): readonly [string, string] {
  return keysUnder(codesUnder(page));
}

/** What others wrote into the database is passed over. */
export function groupPagesIn(rows: readonly WaitingRow[], sealing: Sealing | null): GroupPages {
  const pages = believed(rows, sealing);
  const begun = pages.map(({ event }) => JSON.parse(event) as PageBegun);
  return {
    last: begun.at(-1)?.number ?? 0,
    live: begun.filter((_, index) => Boolean(pages[index]?.waits)),
  };
}

export function askedIn(rows: readonly WaitingRow[], sealing: Sealing | null): readonly Asked[] {
  return believed(rows, sealing).map(({ event, waits }) => {
    const { asked: requestId, code } = JSON.parse(event) as AskedOn;
    return { requestId, code, waits: Boolean(waits) };
  });
}

function believed(rows: readonly WaitingRow[], sealing: Sealing | null): readonly WaitingRow[] {
  return rows.filter((row) => (sealing?.faultIn(storedOf(row)) ?? null) === null);
}
