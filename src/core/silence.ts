import type { Cause } from './values/cause.ts';
import { SECOND, type Instant } from './values/instant.ts';

/** Something that was found again and again, without a gap in asking. */
export interface Lasting {
  /** When the first of these questions was put, by this machine's clock: for people. */
  readonly since: Instant;
  /** From putting the first question to the end of the last one, by a clock that nobody can set. Milliseconds. */
  readonly forMs: number;
  readonly times: number;
}

/** What came of asking PagerDuty one thing again and again, for this request and in this process. */
export type SilenceReading =
  | (Lasting & {
      /** No answer, or 5xx, each time. */
      readonly state: 'silent';
      /** The last failure. */
      readonly cause: Cause;
    })
  /** It answered the last time, be it by a refusal (4xx, 429). */
  | { readonly state: 'answered' }
  | { readonly state: 'not-asked' };

/**
 * Whether PagerDuty is silent, by questions of their own. Facts that could not be had are no evidence for that: a listing may be
 * slow, a key may be refused, and our own budget may be used up.
 */
export interface Silence {
  /** A cheap read that was made for this and nothing else. */
  readonly reads: SilenceReading;
  /** Opening the page that asks a person. */
  readonly pages: SilenceReading;
}

export const NOT_LISTENED: Silence = { reads: { state: 'not-asked' }, pages: { state: 'not-asked' } };

/** What happened once is no pattern. */
const FEWEST_TIMES = 3;

/** One question: when it was put, and when its answer came or was given up. Milliseconds of a clock that never goes back. */
export interface Look {
  readonly begunMs: number;
  readonly endedMs: number;
}

/** Looks that found the same, so far. */
export interface Streak {
  readonly since: Instant;
  readonly begunMs: number;
  readonly endedMs: number;
  readonly times: number;
}

/** The streak with one look more. After a gap of more than `longestGapMs` it begins anew: nobody knows what was in between. */
export function longer(streak: Streak | null, look: Look, at: Instant, longestGapMs: number): Streak {
  const goesOn = streak !== null && look.begunMs - streak.endedMs <= longestGapMs;
  if (!goesOn) return { since: at, begunMs: look.begunMs, endedMs: look.endedMs, times: 1 };
  return { ...streak, endedMs: look.endedMs, times: streak.times + 1 };
}

export function lastingOf({ since, begunMs, endedMs, times }: Streak): Lasting {
  return { since, forMs: Math.round(endedMs - begunMs), times };
}

/** Whether it went on all that time. */
export function hasLasted({ forMs, times }: Lasting, withinMs: number): boolean {
  return forMs >= withinMs && times >= FEWEST_TIMES;
}

/** How long it must go on still, in milliseconds: at least a moment, for one look more; 0 once it has lasted. */
export function lacksMs(lasting: Lasting, withinMs: number): number {
  return hasLasted(lasting, withinMs) ? 0 : Math.max(SECOND, withinMs - lasting.forMs);
}
