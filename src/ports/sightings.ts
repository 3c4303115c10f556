import type { Watched, WatchedTarget } from '../core/roster/watched.ts';

/** What was seen of targets by watching them, kept in the ledger's database, beside its chain, for all replicas. */
export interface Sightings {
  /** What is kept of a target; null for one that was never watched. Throws LedgerUnavailableError. */
  of(target: WatchedTarget): Promise<Watched | null>;
  /** Puts together what is kept and what was seen. Throws LedgerUnavailableError. */
  keep(watched: Watched): Promise<void>;
}

/** For commands that look without a ledger: nothing was ever watched. */
export const nothingWatched: Sightings = {
  of: () => Promise.resolve(null),
  keep: () => Promise.resolve(),
};
