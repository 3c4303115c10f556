import type { Instant } from '../core/values/instant.ts';
import type { StoredAddress, StoredEntry, StoredWatched } from './ledger-history.ts';

/** Whether what is stored is this service's own: only who has the ledger's key can tell. */
export interface Seals {
  readonly ledgerId: string;
  /**
   * Why an entry is not to be believed, as the end of a sentence; null when its seal holds. Whoever has checked the chain need not
   * have the hash worked out again.
   */
  readonly faultIn: (entry: StoredEntry, known?: { readonly hashIsRight: boolean }) => string | null;
  /** The entry of the same request that a seal names as the one before, 0 where there is none, and how many first addresses it counts. */
  readonly read: (seal: string | null) => { readonly prior: number; readonly addresses: number };
  /** What is wrong with the first addresses where there were so many, as sentences. */
  readonly addressFaults: (rows: readonly StoredAddress[], count: number) => readonly string[];
  /** The same of what was seen, where the entries say that each of these targets was watched until then. */
  readonly sightingFaults: (
    rows: readonly StoredWatched[],
    until: ReadonlyMap<string, Instant>,
  ) => readonly string[];
}
