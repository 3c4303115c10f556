import type { StoredEntry, SearchableHistory, Seals } from '../ports/ledger-history.ts';
import { fault, warning, type Finding } from './finding.ts';
import type { Hashing } from './hashing.ts';
import { checkpointIn, verifyLedger, type Mark, type Verification } from './verify.ts';
import type { Policy } from '../core/rule.ts';

const FORMAT = 'oncall-approver ledger summary 1';
/** A mark at every entry whose number this divides: what was there then is told apart from what came after. */
const MARK_EVERY = 10_000;

/**
 * What to keep away from the ledger, with somebody who cannot write to it: it shows later whether the ledger still begins with
 * the same entries, and whether its end was cut off.
 */
export interface LedgerSummary {
  readonly format: typeof FORMAT;
  readonly made: string;
  readonly program: string;
  /** The hash of entry 1: which ledger this is. */
  readonly origin: string | null;
  readonly entries: number;
  readonly decisions: number;
  readonly first: Mark | null;
  readonly last: Mark | null;
  /** Places in between, oldest first. */
  readonly marks: readonly Mark[];
  /** SHA-256 of the export that was written at the same time; null when there was none. */
  readonly exportDigest: string | null;
  /** SHA-256 of the summary as JSON without this field: whoever wrote down these characters has written down all of it. */
  readonly digest: string;
}

/** Collects the marks of a summary, entry by entry. */
export function createMarkCollector(): { readonly marks: readonly Mark[]; take(entry: StoredEntry): void } {
  const marks: Mark[] = [];
  return {
    marks,
    take({ seq, at, hash }) {
      if (seq % MARK_EVERY === 0) marks.push({ seq, at, hash });
    },
  };
}

export function summaryOf(
  verification: Pick<Verification, 'origin' | 'entries' | 'decisions' | 'first' | 'last'>,
  context: {
    readonly made: string;
    readonly program: string;
    readonly marks: readonly Mark[];
    readonly exportDigest: string | null;
  },
  { digest }: Hashing,
): LedgerSummary {
  const { origin, entries, decisions, first, last } = verification;
  const { made, program, marks, exportDigest } = context;
  // In this order: the digest is of the text.
  const content = {
    ...({ format: FORMAT, made, program, origin, entries, decisions } as const),
    ...{ first, last, marks, exportDigest },
  };
  return { ...content, digest: digest(JSON.stringify(content)) };
}

/** The summary in a file's text. Null when the text is none. */
export function summaryIn(text: string): LedgerSummary | null {
  try {
    const value = JSON.parse(text) as Partial<LedgerSummary> | null;
    return value?.format === FORMAT && Array.isArray(value.marks) ? (value as LedgerSummary) : null;
  } catch {
    return null;
  }
}

/** What is no summary has none. */
export function hasItsDigest(summary: LedgerSummary, digest: Hashing['digest']): boolean {
  const { digest: stored, ...content } = summary;
  return digest(JSON.stringify(content)) === stored;
}

export interface SummaryComparison {
  take(entry: StoredEntry): readonly Finding[];
  /** What can be said only at the end: whether the ledger got as far as the summary. */
  end(verification: Verification): readonly Finding[];
}

/** Compares a ledger with a summary of it that was made before. */
export function compareWithSummary(summary: LedgerSummary, { digest }: Hashing): SummaryComparison {
  const known = new Map(
    [...summary.marks, summary.first, summary.last].flatMap((mark) =>
      mark === null ? [] : [[mark.seq, mark]],
    ),
  );
  let foreign = false;
  return {
    take({ seq, hash }) {
      const mark = known.get(seq);
      if (mark === undefined || mark.hash === hash || foreign) return [];
      foreign = seq === summary.first?.seq;
      const isNot = `entry ${seq} is not the one that the summary`;
      return foreign
        ? [fault('other-ledger', seq, `${isNot} begins with: this is another ledger`)]
        : [fault('summary', seq, `${isNot} of ${summary.made} knows: it or one before it was changed since`)];
    },
    end({ last, first, origin }) {
      const end = summary.last;
      const found: Finding[] = [];
      if (!hasItsDigest(summary, digest)) {
        found.push(fault('summary', null, 'the summary does not have the digest it carries: it was changed'));
      }
      if (end !== null && (last === null || last.seq < end.seq)) {
        const text = `the ledger ends at entry ${last?.seq ?? 0}, the summary of ${summary.made} knows it up to entry ${end.seq}: the end was cut off`;
        found.push(fault('cut-off', last?.seq ?? null, text));
      }
      if (!foreign && origin !== null && summary.origin !== null && origin !== summary.origin) {
        const text = 'the ledger has another first entry than the summary: it is another one';
        found.push(fault('other-ledger', null, text));
      }
      if (end !== null && first !== null && first.seq > end.seq) {
        const text = `the summary ends at entry ${end.seq}, before the first entry that is left: only the ledger's identity could be compared`;
        found.push(warning('summary', first.seq, text));
      }
      return found;
    },
  };
}

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
