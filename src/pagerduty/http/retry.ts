import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND } from '../../core/values/instant.ts';
import { PagerDutyError } from '../../ports/pagerduty.ts';
import { RateLimitedError } from './errors.ts';

const MAX_RETRIES = 2;
const BASE_MS = 250;
const RATE_LIMIT_BASE_MS = 1 * SECOND;
const RATE_LIMIT_JITTER_MS = 250;
/** A longer wait is the asker's to decide: by then it would rather tell a person. */
const MAX_WAIT_MS = 5 * SECOND;

/**
 * Tries a read again after a transient failure: at most twice more, with full jitter, as long as the signal lives.
 * Throws the last failure itself, also when the signal ends the wait: it says more than "timed out" would.
 * For reads only: a write that failed may have been done.
 */
export async function withRetries<T>(
  read: () => Promise<T>,
  { signal, random }: { readonly signal: AbortSignal; readonly random: () => number },
): Promise<T> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await read();
    } catch (error) {
      if (retry === MAX_RETRIES || !(error instanceof PagerDutyError) || !error.transient) throw error;
      const waitMs = waitBefore(retry, error, random);
      if (waitMs > MAX_WAIT_MS || !(await waited(waitMs, signal))) throw error;
    }
  }
}

function waitBefore(retry: number, error: PagerDutyError, random: () => number): number {
  if (!(error instanceof RateLimitedError)) return random() * BASE_MS * 2 ** retry;
  if (error.resetMs === null) return random() * RATE_LIMIT_BASE_MS * 2 ** retry;
  return error.resetMs + random() * RATE_LIMIT_JITTER_MS;
}

async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

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
