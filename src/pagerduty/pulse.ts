import { z } from 'zod';
import { SECOND } from '../core/values/instant.ts';
import { PagerDutyError, type Felt, type Pulse } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';

/** No slowness of PagerDuty's comes near it. */
const TIMEOUT_MS = 15 * SECOND;
/** What was felt no longer ago is not asked again: many requests wait in an outage. */
const FRESH_MS = SECOND;

/**
 * `GET /abilities`: no list of the account's, and nothing that is asked for otherwise, so that no slow listing and no failing part of
 * PagerDuty can look like silence. A key without the right to it is refused, which is an answer too.
 */
export function createPulse(client: Pick<PagerDutyClient, 'call'>): Pulse {
  let last: { readonly felt: Promise<Felt>; endedMs: number } | null = null;

  function latest(): Promise<Felt> {
    if (last !== null && performance.now() - last.endedMs < FRESH_MS) return last.felt;
    const one = { felt: feelOnce(client), endedMs: Infinity };
    last = one;
    const end = (): void => void (one.endedMs = performance.now());
    one.felt.then(end, end);
    return one.felt;
  }

  return {
    feel: async (signal) => {
      signal.throwIfAborted();
      const over = Promise.withResolvers<never>();
      const onAbort = (): void => over.reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await Promise.race([latest(), over.promise]);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}

async function feelOnce(client: Pick<PagerDutyClient, 'call'>): Promise<Felt> {
  const begunMs = performance.now();
  try {
    await client.call(
      {
        ...{ doing: 'see whether PagerDuty answers', scope: 'abilities.read', path: ['abilities'] },
        answer: z.unknown(),
        aside: { timeoutMs: TIMEOUT_MS },
      },
      { signal: new AbortController().signal },
    );
    return { state: 'answered' };
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    const { kind: code, message, transient } = error;
    if (!error.silence) return { state: error.status === null ? 'not-asked' : 'answered' };
    return { state: 'silent', begunMs, endedMs: performance.now(), cause: { code, message, transient } };
  }
}
