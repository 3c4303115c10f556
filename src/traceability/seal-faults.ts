import type { StoredEntry } from '../ports/ledger-history.ts';
import type { Seals } from '../ports/seals.ts';

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
