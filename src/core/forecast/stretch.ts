import {
  earlierOf,
  epochMsOf,
  instantOf,
  laterOf,
  MINUTE,
  msBetween,
  type Instant,
} from '../values/instant.ts';
import { isWithin, type OpeningHours } from '../values/opening-hours.ts';

/** A time from its first instant on until its last, which is no part of it any more. */
export interface Stretch {
  readonly from: Instant;
  readonly until: Instant;
}

type Stretches = readonly Stretch[];

/** In order; those that touch or overlap made one, empty ones left out. */
export function joined(stretches: Stretches): Stretches {
  const whole: Stretch[] = [];
  const inOrder = stretches.filter(isSome).toSorted((one, other) => (one.from < other.from ? -1 : 1));
  for (const each of inOrder) {
    const last = whole.at(-1);
    if (last === undefined || last.until < each.from) whole.push(each);
    else whole.splice(-1, 1, { from: last.from, until: laterOf(last.until, each.until) });
  }
  return whole;
}

/** What is left of the first when the others are taken out. */
export function without(stretches: Stretches, taken: Stretches): Stretches {
  let left = joined(stretches);
  for (const hole of joined(taken)) {
    left = left.flatMap(({ from, until }) =>
      [
        { from, until: earlierOf(until, hole.from) },
        { from: laterOf(from, hole.until), until },
      ].filter(isSome),
    );
  }
  return left;
}

/** What the two have in common. */
export function within(stretches: Stretches, others: Stretches): Stretches {
  return without(stretches, without(stretches, others));
}

/** Milliseconds of all of them together. */
export function lengthOf(stretches: Stretches): number {
  return joined(stretches).reduce((sum, { from, until }) => sum + msBetween(from, until), 0);
}

/** When something holds within the window that changes at no other times than these. */
export function whenSo(
  window: Stretch,
  changes: readonly Instant[],
  isSo: (at: Instant) => boolean,
): Stretches {
  const inside = changes.filter((at) => window.from < at && at < window.until);
  const starts = [...new Set([window.from, ...inside])].sort();
  return joined(
    starts.flatMap((from, index) => (isSo(from) ? [{ from, until: starts[index + 1] ?? window.until }] : [])),
  );
}

/** Every offset in force from UTC is a number of such quarters. */
const QUARTER_MS = 15 * MINUTE;

/** When the hours are open, summer time included; null is always. */
export function openStretches(hours: OpeningHours | null, window: Stretch): Stretches {
  if (hours === null) return [window];
  // A day of the week ends at midnight, which is a bound like the others.
  const bounds = [0, ...hours.spans.flatMap(({ from, until }) => [from, until])];
  const first = Math.floor(epochMsOf(window.from) / QUARTER_MS);
  const last = Math.ceil(epochMsOf(window.until) / QUARTER_MS);
  const changes = Array.from({ length: last - first }, (_, index) => (first + index) * QUARTER_MS).flatMap(
    (quarter) => bounds.map((minute) => instantOf(quarter + ((minute * MINUTE) % QUARTER_MS))),
  );
  return whenSo(window, changes, (at) => isWithin(hours, at));
}

function isSome({ from, until }: Stretch): boolean {
  return from < until;
}
