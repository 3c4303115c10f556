/**
 * Does the work with a signal that aborts with `signal`, or after `ms` milliseconds with a `TimeoutError`. Like
 * `AbortSignal.timeout` and `AbortSignal.any`, but nothing is left of it once the work is done: ten thousand requests would keep as
 * many timers, and as many signals that follow each other.
 */
export async function within<T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const stop = (): void => own.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  // A promise of `timers/promises` would be rejected each time, with an error whose stack costs more than the rest.
  const timer = setTimeout(
    () => own.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
    ms,
  ).unref();
  try {
    return await work(own.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
