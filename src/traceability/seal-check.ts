import type { StoredEntry, Seals } from '../ports/ledger-history.ts';
import { subjectOf, type LedgerEvent } from '../core/record/ledger-entry.ts';
import { fault, type Finding } from './finding.ts';
import { Recent } from './recent.ts';

/** Which of the entries of one request this service did not write, or not there, and why, as the end of a sentence. None without a key. */
export function sealFaults(
  entries: readonly StoredEntry[],
  seals: Seals | undefined,
): ReadonlyMap<number, string> {
  const faults = new Map<number, string>();
  if (seals === undefined) return faults;
  let before: number | null = null;
  for (const entry of entries) {
    const { prior } = seals.read(entry.seal);
    const misplaced =
      before !== null && prior !== before
        ? `was written after entry ${prior}, and others were put in or taken out`
        : null;
    const why = seals.faultIn(entry) ?? misplaced;
    if (why !== null) faults.set(entry.seq, why);
    before = entry.seq;
  }
  return faults;
}

/** The same as a sentence that stands where the entry is shown. */
export function notOurs(why: string): string {
  return `NOT WRITTEN BY THIS SERVICE: it ${why}. Run \`ledger verify\``;
}

export interface SealCheck {
  /** `why` the entry is not to be believed, null where its seal holds. */
  check(entry: StoredEntry, event: LedgerEvent | null, why: string | null | undefined): readonly Finding[];
  /** How many first addresses the seals count that hold. */
  addresses(): number;
}

/** So many of each kind are remembered, and as many from before them: more requests are never open at once. */
const GENERATION = 20_000;

/**
 * Checks that each entry carries the service's seal, for its place, and that the entry of the same request that it names is the
 * last one of it that comes before. What is of the longest ago is forgotten.
 */
export function createSealCheck({ read }: Pick<Seals, 'read'>): SealCheck {
  /** Entries that none of the same request has followed yet. */
  const ends = new Recent<number, true>(GENERATION);
  const begun = new Recent<string, true>(GENERATION);
  let first: number | null = null;
  let addresses = 0;

  const check: SealCheck['check'] = (entry, event, why) => {
    const { seq } = entry;
    first ??= seq;
    if (why !== null) return [fault('seal', seq, `entry ${seq} of ${entry.at} ${why ?? 'was not checked'}`)];
    const { prior, addresses: count } = read(entry.seal);
    if (count > addresses) addresses = count;
    const requestId = event === null ? null : subjectOf(event);
    if (requestId === null) return [];
    const isFirst = prior === 0;
    // What was removed behind a checkpoint, or is not known any more, cannot be compared.
    const follows = isFirst
      ? begun.get(requestId) === undefined
      : ends.take(prior) !== undefined || prior < first || ends.hasForgotten;
    ends.set(seq, true);
    if (isFirst) begun.set(requestId, true);
    if (follows) return [];
    const found = isFirst
      ? 'there are others of it before'
      : 'that does not stand before it as the last of it';
    const text = `entry ${seq} of request ${requestId} was written as the one after ${isFirst ? 'none' : `entry ${prior}`} of it, and ${found}: what stood between was removed, or put in`;
    return [fault('seal', seq, text)];
  };

  return { check, addresses: () => addresses };
}
