import { setTimeout as delay } from 'node:timers/promises';

/**
 * Does the work with a signal that aborts with `signal`, or after `ms` milliseconds with a `TimeoutError`. Like
 * `AbortSignal.timeout`, but nothing is left of it once the work is done: ten thousand requests would keep as many timers.
 */
export async function within<T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  delay(ms, undefined, { signal: done.signal, ref: false }).then(
    () => late.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
    () => undefined,
  );
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    done.abort('done');
  }
}
