import type { Instant } from '../core/values/instant.ts';
import type { Watched, WatchedTarget } from '../core/roster/watched.ts';

/** What was seen of targets by watching them, kept in the ledger's database, beside its chain, for all replicas. */
export interface Sightings {
  /**
   * What is kept of a target; null for one that was never watched. Where somebody else wrote it, or took it away, the target was
   * watched until `now`, and nobody was seen. Throws LedgerUnavailableError.
   */
  of(target: WatchedTarget, now: Instant): Promise<Watched | null>;
  /** Puts together what is kept and what was seen. Throws LedgerUnavailableError. */
  keep(watched: Watched, now: Instant): Promise<void>;
}

/** For commands that look without a ledger: nothing was ever watched. */
export const nothingWatched: Sightings = { of: () => Promise.resolve(null), keep: () => Promise.resolve() };
