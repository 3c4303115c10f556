import { z } from 'zod';
import type { Instant } from '../../core/values/instant.ts';
import { PagerDutyError, type Ask } from '../../ports/pagerduty.ts';
import type { Call, PagerDutyClient } from './client.ts';
import { malformed, sentence } from './errors.ts';

/** PagerDuty: at most 100 rows a page. */
const PAGE = 100;
/** PagerDuty answers 400 when offset + limit exceeds this. */
const CEILING = 10_000;

export interface Listing<T> extends Omit<Call<unknown>, 'method' | 'body' | 'answer'> {
  /** The key the rows stand under, for instance `oncalls`. */
  readonly rows: string;
  readonly row: z.ZodType<T>;
  /** Where PagerDuty does not document `more` for every answer: without it the next page is asked for until one brings nothing new. */
  readonly mayLackMore?: boolean;
  /**
   * Whether rows may come and go while it is read, so that one could slip from a page that is still to be read to one that was: each
   * page then begins with the last row of the page before.
   */
  readonly mayChange?: boolean;
}

export interface Listed<T> {
  readonly rows: readonly T[];
  /** The oldest `Date` of the pages: nothing in them is known to be newer. Null when a page came without. */
  readonly at: Instant | null;
}

/**
 * Every row of a listing, or a PagerDutyError: a page that fails fails the whole, since half a list proves nothing.
 * Kind `refused` beyond 10,000 rows, which PagerDuty does not page through; `malformed` and transient where it changed meanwhile.
 */
export async function listAll<T>(client: PagerDutyClient, listing: Listing<T>, ask: Ask): Promise<Listed<T>> {
  return (await listUpTo(client, listing, Infinity, ask)) ?? { rows: [], at: null };
}

/** The same, but null when the listing has more pages than these. */
export async function listUpTo<T>(
  client: PagerDutyClient,
  listing: Listing<T>,
  mostPages: number,
  ask: Ask,
): Promise<Listed<T> | null> {
  const { rows: key, row, query, mayLackMore = false, mayChange = false, ...call } = listing;
  const operation = { doing: call.doing, scope: call.scope, host: client.host };
  const answer = z.object({ [key]: z.array(row), more: mayLackMore ? z.boolean().nullish() : z.boolean() });
  const rows: T[] = [];
  let last = '';
  const times: (Instant | null)[] = [];
  for (let more = true; more;) {
    const again = mayChange && rows.length > 0 ? 1 : 0;
    if (times.length >= mostPages) return null;
    if (rows.length + PAGE > CEILING) {
      const problem = `there are more than ${CEILING} rows, which PagerDuty does not page through; narrow the question`;
      throw new PagerDutyError('refused', sentence(operation, problem));
    }
    const { body, at, status } = await client.call(
      { ...call, query: { ...query, limit: String(PAGE), offset: String(rows.length - again) }, answer },
      ask,
    );
    const page = body[key] as readonly T[];
    if (again > 0 && JSON.stringify(page[0]) !== JSON.stringify(rows.at(-1)))
      throw changed(operation, status);
    const received = page.slice(again);
    const said = body['more'] as boolean | null | undefined;
    if (typeof said !== 'boolean') {
      // One that knows no pages would give the same again and again.
      const text = JSON.stringify(received);
      if (text === last) return { rows, at: oldest(times) };
      last = text;
    }
    more = said ?? received.length > 0;
    if (said === true && received.length === 0) {
      throw malformed(operation, 'an empty page says that there are more rows', status);
    }
    // By rows received, not by `limit`: PagerDuty may give fewer a page than it was asked for.
    rows.push(...received);
    times.push(at);
  }
  return { rows, at: oldest(times) };
}

function changed(operation: Parameters<typeof sentence>[0], status: number): PagerDutyError {
  const problem = 'the list changed while its pages were read; it is asked for again';
  return new PagerDutyError('malformed', sentence(operation, problem), { transient: true, status });
}

function oldest(times: readonly (Instant | null)[]): Instant | null {
  return times.reduce((one, other) => (one === null || other === null ? null : one < other ? one : other));
}
