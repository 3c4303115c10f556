import type { Account } from './account.ts';
import { isTimeZone } from './iso-time.ts';
import { badInstant, invalidInput } from './refusal.ts';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;
/** PagerDuty: offset + limit beyond this is a 400; narrow the filters instead. */
const OFFSET_CEILING = 10_000;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * A repeated parameter, `name[]=A&name[]=B`.
 * @throws Refusal 400 for the name without brackets, which would silently filter nothing
 */
export function listOf(params: URLSearchParams, name: string): readonly string[] {
  if (params.has(name)) throw invalidInput(`${name} must be given as ${name}[]`);
  return params.getAll(`${name}[]`);
}

/** A list whose values are fixed by PagerDuty, e.g. `statuses[]`. */
export function listOfKnown(
  params: URLSearchParams,
  name: string,
  known: readonly string[],
): ReadonlySet<string> {
  const values = listOf(params, name);
  const unknown = values.filter((value) => !known.includes(value));
  if (unknown.length > 0) throw invalidInput(`${name}[] has an invalid value \`${unknown.join(', ')}\``);
  return new Set(values);
}

export function flagOf(params: URLSearchParams, name: string): boolean {
  const value = params.get(name);
  if (value === null) return false;
  if (!['true', 'false', '1', '0'].includes(value)) throw invalidInput(`${name} must be a boolean`);
  return value === 'true' || value === '1';
}

/**
 * An instant with its offset. PagerDuty would read one without an offset in the account's zone, which is how wrong shifts
 * are read; here it is refused.
 */
export function instantOf(params: URLSearchParams, name: string): Date | undefined {
  const value = params.get(name);
  if (value === null) return undefined;
  const instant = new Date(value);
  if (!INSTANT.test(value) || Number.isNaN(instant.getTime())) {
    throw badInstant(`${name} must be an ISO 8601 date-time with an offset`);
  }
  return instant;
}

export function timeZoneOf(params: URLSearchParams, account: Account): string {
  const name = params.get('time_zone');
  if (name === null) return account.timeZone;
  if (!isTimeZone(name)) throw invalidInput('time_zone is invalid');
  return name;
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
  /** Whether the caller asked for the count of all rows (slower, so off by default). */
  readonly withTotal: boolean;
}

export function pageOf(
  params: URLSearchParams,
  options: { readonly max?: number; readonly limit?: number } = {},
): Page {
  const limit = wholeNumber(params, 'limit') ?? options.limit ?? DEFAULT_LIMIT;
  const offset = wholeNumber(params, 'offset') ?? 0;
  const max = options.max ?? MAX_LIMIT;
  if (limit < 1 || limit > max) throw invalidInput(`limit must be between 1 and ${max}`);
  if (offset + limit > OFFSET_CEILING) throw invalidInput('offset plus limit must not exceed 10000');
  return { limit, offset, withTotal: flagOf(params, 'total') };
}

/** One page in the documented wrapper. */
export function paged<T>(
  wrapper: string,
  rows: readonly T[],
  page: Page,
  render: (row: T) => unknown,
): object {
  const end = page.offset + page.limit;
  return {
    [wrapper]: rows.slice(page.offset, end).map(render),
    limit: page.limit,
    offset: page.offset,
    total: page.withTotal ? rows.length : null,
    more: rows.length > end,
  };
}

/** Substring match without regard to case; an absent or empty filter matches everything. */
export function contains(text: string, part: string | null): boolean {
  return part === null || text.toLowerCase().includes(part.toLowerCase());
}

function wholeNumber(params: URLSearchParams, name: string): number | undefined {
  const value = params.get(name);
  if (value === null) return undefined;
  if (!/^\d+$/.test(value)) throw invalidInput(`${name} must be a whole number`);
  return Number(value);
}
