import { epochMsOf, SECOND } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import { remember } from '../core/values/remember.ts';

export interface SourceLimitOptions {
  readonly clock: Clock;
  /** How much one source may take at once. */
  readonly burst: number;
  readonly perSecond: number;
  /** How many sources are remembered; the one that was idle longest is forgotten first. */
  readonly sources: number;
}

export interface SourceLimit {
  /** Takes `cost` from what the source has left; false when there is not that much. */
  take(source: string, cost: number): boolean;
}

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/** A token bucket for each address that somebody sends from. */
export function createSourceLimit({ clock, burst, perSecond, sources }: SourceLimitOptions): SourceLimit {
  const buckets = new Map<string, Bucket>();
  return {
    take(source, cost) {
      const nowMs = epochMsOf(clock.now());
      const { left, atMs } = buckets.get(source) ?? { left: burst, atMs: nowMs };
      const refilled = Math.min(burst, left + (Math.max(0, nowMs - atMs) / SECOND) * perSecond);
      const enough = refilled >= cost;
      remember(buckets, source, { left: enough ? refilled - cost : refilled, atMs: nowMs }, sources);
      return enough;
    },
  };
}
