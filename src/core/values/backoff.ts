export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait before attempt `attempt` (1 = the first repetition), in milliseconds: doubling, capped, and spread evenly
 * over its upper half so that many waiters do not come back at once. `random` is in [0, 1).
 */
export function backoffMs({ firstMs, maxMs }: Backoff, attempt: number, random: number): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling * (0.5 + random / 2));
}
