import { subjectOf, type LedgerEvent } from '../core/record/ledger-entry.ts';
import type { StoredEntry } from '../ports/ledger-history.ts';
import { fault, type Finding } from './finding.ts';

/** Whether entries are this service's own: handed in, since only it has the key. */
export interface Seals {
  /** Why an entry is not to be believed, as the end of a sentence; null when its seal holds. */
  readonly faultIn: (entry: StoredEntry) => string | null;
  /** The entry of the same request that the seal names as the one before; 0 where there is none. */
  readonly priorIn: (seal: string | null) => number;
}

/** Requests of one generation: more than are ever open at once. */
const GENERATION = 20_000;

/**
 * Checks that each entry carries the service's seal, for its place, and that the entry of the same request that it names is the
 * one that comes before it. The requests of the longest ago are forgotten.
 */
export function createSealCheck({
  faultIn,
  priorIn,
}: Seals): (entry: StoredEntry, event: LedgerEvent | null) => readonly Finding[] {
  let lastOf = new Map<string, number>();
  let before = new Map<string, number>();
  let first: number | null = null;

  return function check(entry, event) {
    first ??= entry.seq;
    const why = faultIn(entry);
    if (why !== null) return [fault('seal', entry.seq, `entry ${entry.seq} of ${entry.at} ${why}`)];
    const requestId = event === null ? null : subjectOf(event);
    if (requestId === null) return [];
    const known = lastOf.get(requestId) ?? before.get(requestId);
    if (lastOf.size >= GENERATION) {
      before = lastOf;
      lastOf = new Map();
    }
    lastOf.set(requestId, entry.seq);
    const prior = priorIn(entry.seal);
    // What is not known any more, or was removed behind a checkpoint, cannot be compared.
    if (prior === known || (known === undefined && (prior === 0 || prior < first || before.size > 0)))
      return [];
    return [
      fault(
        'seal',
        entry.seq,
        `entry ${entry.seq} of request ${requestId} was written after entry ${prior} of it, and comes after ${known ?? 'none'}: what stood between was removed, or put in`,
      ),
    ];
  };
}
