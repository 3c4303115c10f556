import type { Policy } from '../core/rule.ts';
import type { SearchableHistory, StoredEntry } from '../ports/ledger-history.ts';
import type { Seals } from '../ports/seals.ts';
import type { Hashing } from './hashing.ts';
import { createMarkCollector, summaryOf, type LedgerSummary } from './summary.ts';
import { checkpointIn, verifyLedger } from './verify.ts';

/** What an auditor needs to believe the entries of one request without the service. */
export interface RequestProof {
  /** The entry's hash is that of `before`, `seq`, `at` and its text; `before` is the hash of the entry before it. */
  readonly entries: readonly {
    readonly seq: number;
    readonly at: string;
    readonly before: string | null;
    readonly hash: string;
  }[];
  /** Of the whole ledger as it was then. */
  readonly summary: LedgerSummary;
  /** What is wrong with the ledger, the first findings. */
  readonly faults: readonly string[];
  /** By digest: those that were asked for, as far as the ledger has them. */
  readonly policies: Readonly<Record<string, Policy>>;
}

interface Asked {
  readonly stored: readonly StoredEntry[];
  /** Of the policies by which was decided. */
  readonly digests: readonly string[];
  readonly seals: Seals | undefined;
}

/** Verifies the whole ledger, and takes from it what belongs to one request's entries. Throws LedgerUnavailableError. */
export async function requestProof(
  history: SearchableHistory,
  { stored, digests, seals }: Asked,
  { hashing, ...made }: { readonly hashing: Hashing; readonly made: string; readonly program: string },
): Promise<RequestProof> {
  const wanted = new Set(digests);
  const own = new Set(stored.map(({ seq }) => seq));
  const policies: Record<string, Policy> = {};
  const before = new Map<number, string>();
  const marks = createMarkCollector();
  let last: string | null = null;
  const verification = await verifyLedger({
    history,
    hashing,
    seals,
    onEvent(event) {
      const known = event.kind === 'checkpoint' ? event.policies : event.kind === 'policy' ? [event] : [];
      for (const { digest, policy } of known) if (wanted.has(digest)) policies[digest] = policy;
    },
    onEntry(entry) {
      marks.take(entry);
      const prior: string | null = entry.seq === 1 ? hashing.genesis : last;
      if (own.has(entry.seq) && prior !== null) before.set(entry.seq, prior);
      last = entry.hash;
      return [];
    },
  });
  for (const { policies: kept, through } of (await history.checkpoints()).flatMap(checkpointIn)) {
    for (const { digest, policy } of kept) if (wanted.has(digest)) policies[digest] ??= policy;
    // The first entry that is left is chained to what was removed.
    if (own.has(through.seq + 1)) before.set(through.seq + 1, through.hash);
  }
  return {
    entries: stored.map(({ seq, at, hash }) => ({ seq, at, before: before.get(seq) ?? null, hash })),
    summary: summaryOf(verification, { ...made, marks: marks.marks, exportDigest: null }, hashing),
    faults: verification.findings.filter(({ severity }) => severity === 'fault').map(({ text }) => text),
    policies,
  };
}
