import { SECOND } from '../../core/values/instant.ts';

/** Big accounts have listings of 5 to 10 s; everywhere else so long a wait is for an answer that was lost. */
const LONG_MS = 12 * SECOND;
/** An answer that came within this share of the short time is quick. */
const QUICK = 0.5;

/**
 * How long answers are waited for, by what is asked. What timed out is given longer the next time, until it is quick again: so a
 * slow listing is had by the second attempt, and a lost answer costs no more than before.
 */
export function createPatience(shortMs: number): {
  readonly timeoutMs: (doing: string) => number;
  readonly answered: (doing: string, afterMs: number) => void;
  readonly timedOut: (doing: string) => void;
} {
  const slow = new Set<string>();
  return {
    timeoutMs: (doing) => (slow.has(doing) ? Math.max(shortMs, LONG_MS) : shortMs),
    answered: (doing, afterMs) => {
      if (afterMs < shortMs * QUICK) slow.delete(doing);
    },
    timedOut: (doing) => void slow.add(doing),
  };
}
