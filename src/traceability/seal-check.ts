import { subjectOf, type LedgerEvent } from '../core/record/ledger-entry.ts';
import type { StoredEntry } from '../ports/ledger-history.ts';
import type { Seals } from '../ports/seals.ts';
import { fault, type Finding } from './finding.ts';

export interface SealCheck {
  check(entry: StoredEntry, event: LedgerEvent | null): readonly Finding[];
  /** How many first addresses the seals count that hold. */
  addresses(): number;
}

/** Requests of one generation: more than are ever open at once. */
const GENERATION = 20_000;
const HASH_IS_RIGHT = { hashIsRight: true };

/**
 * Checks that each entry carries the service's seal, for its place, and that the entry of the same request that it names is the
 * one that comes before it. The requests of the longest ago are forgotten.
 */
export function createSealCheck({ faultIn, read }: Seals): SealCheck {
  let lastOf = new Map<string, number>();
  let before = new Map<string, number>();
  let first: number | null = null;
  let addresses = 0;

  function check(entry: StoredEntry, event: LedgerEvent | null): readonly Finding[] {
    first ??= entry.seq;
    // The chain check works the hashes out.
    const why = faultIn(entry, HASH_IS_RIGHT);
    if (why !== null) return [fault('seal', entry.seq, `entry ${entry.seq} of ${entry.at} ${why}`)];
    const sealed = read(entry.seal);
    addresses = Math.max(addresses, sealed.addresses);
    const requestId = event === null ? null : subjectOf(event);
    if (requestId === null) return [];
    const known = lastOf.get(requestId) ?? before.get(requestId);
    if (lastOf.size >= GENERATION) {
      before = lastOf;
      lastOf = new Map();
    }
    lastOf.set(requestId, entry.seq);
    const { prior } = sealed;
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
  }

  return { check, addresses: () => addresses };
}
