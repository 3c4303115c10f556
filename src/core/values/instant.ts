declare const instant: unique symbol;

/**
 * A moment in UTC as ISO 8601 text with milliseconds, for instance `2026-03-03T02:14:07.000Z`.
 * Text of this one form orders as time does, and stands in the ledger as an auditor reads it.
 */
export type Instant = string & { readonly [instant]: true };

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Clocks that differ by more are wrong, and by a wrong clock nobody is approved. Ours, Teleport's and PagerDuty's, in milliseconds. */
export const CLOCKS_DIFFER_MS = 60 * SECOND;

/** Milliseconds since the epoch → instant. Throws RangeError outside of what a Date can hold. */
export function instantOf(epochMs: number): Instant {
  return new Date(epochMs).toISOString() as Instant;
}

/** A date and a time of day with an offset, years 0000 to 9999: what stands without an offset means another moment elsewhere. */
const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/u;

const FIRST_MS = Date.parse('0000-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** ISO 8601 text with an offset → instant; null for anything else, and for days that no calendar has. */
export function parseInstant(text: string): Instant | null {
  if (!ISO_8601.test(text) || !isDay(text.slice(0, 10))) return null;
  const epochMs = Date.parse(text);
  return epochMs >= FIRST_MS && epochMs <= LAST_MS ? instantOf(epochMs) : null;
}

/** 31 February would otherwise be read as 3 March. */
function isDay(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.getUTCDate() === Number(date.slice(8));
}

export function epochMsOf(at: Instant): number {
  return Date.parse(at);
}

/** Milliseconds from `from` to `to`; negative when `to` is the earlier one. */
export function msBetween(from: Instant, to: Instant): number {
  return epochMsOf(to) - epochMsOf(from);
}

export function plusMs(at: Instant, ms: number): Instant {
  return instantOf(epochMsOf(at) + ms);
}

/** Later than all that is written down. */
export const NEVER = instantOf(LAST_MS);

/** Whether an end is reached; null for none. */
export function isPast(end: Instant | null, at: Instant): boolean {
  return (end ?? NEVER) <= at;
}

export function earlierOf(one: Instant, other: Instant): Instant {
  return one < other ? one : other;
}

export function laterOf(one: Instant, other: Instant): Instant {
  return one < other ? other : one;
}
