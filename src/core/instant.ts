declare const instant: unique symbol;

/**
 * A moment in UTC as ISO 8601 text with milliseconds, for instance `2026-03-03T02:14:07.000Z`.
 * Text of this one form orders as time does, and stands in the ledger as an auditor reads it.
 */
export type Instant = string & { readonly [instant]: true };

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Milliseconds since the epoch → instant. Throws RangeError outside of what a Date can hold. */
export function instantOf(epochMs: number): Instant {
  return new Date(epochMs).toISOString() as Instant;
}

/** Any ISO 8601 text with an offset → instant; null when it is not a time. */
export function parseInstant(text: string): Instant | null {
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? null : instantOf(epochMs);
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
