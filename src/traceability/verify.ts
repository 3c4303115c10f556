import type { Checkpoint } from '../core/record/ledger-entry.ts';
import type { LedgerHistory, StoredEntry } from '../ports/ledger-history.ts';
import { createAnswerCheck } from './answer-check.ts';
import { createChainCheck } from './chain-check.ts';
import { createDecisionCheck } from './decision-check.ts';
import { Findings, fault, warning, type Finding } from './finding.ts';
import type { Hashing } from './hashing.ts';
import { createOrderCheck } from './order-check.ts';

/** A place in the chain: who knows all three knows everything before it. */
export interface Mark {
  readonly seq: number;
  readonly at: string;
  readonly hash: string;
}

/** What was checked, and what was found. */
export interface Verification {
  readonly entries: number;
  /** Decisions that were derived again. */
  readonly decisions: number;
  /** Entries that checkpoints stand for. */
  readonly removed: number;
  /** The hash of entry 1, by which a ledger is told from others; null where it cannot be known. */
  readonly origin: string | null;
  readonly first: Mark | null;
  readonly last: Mark | null;
  readonly faults: number;
  readonly warnings: number;
  /** The first ones of each severity, in the order of the ledger. */
  readonly findings: readonly Finding[];
}

export interface VerifyOptions {
  readonly history: LedgerHistory;
  readonly hashing: Hashing;
  /** Called now and then with how many entries were checked. */
  readonly onProgress?: (entries: number) => void;
  /** Sees every entry that is checked, for comparison with what others know of it. */
  readonly onEntry?: (entry: StoredEntry) => readonly Finding[];
}

const PROGRESS_EVERY = 1_000;

/**
 * Checks a ledger from its first entry to its last: the chain, every policy's digest, every decision derived again from its
 * stored facts and rules, and the order of what was done. Reads once, in constant memory. Throws LedgerUnavailableError when
 * the place cannot be read; what is wrong with the entries is a finding, never an error.
 */
export async function verifyLedger(options: VerifyOptions): Promise<Verification> {
  const { history, hashing, onProgress, onEntry } = options;
  const checkpoints = (await history.checkpoints()).flatMap(checkpointIn);
  const checkChain = createChainCheck(checkpoints, hashing);
  const policies = new Map(
    checkpoints.flatMap((checkpoint) => checkpoint.policies).map(({ digest, policy }) => [digest, policy]),
  );
  const checkDecision = createDecisionCheck(policies, hashing);
  const checkAnswer = createAnswerCheck(policies);
  const checkOrder = createOrderCheck({ beginsLater: checkpoints.length > 0 });

  const findings = new Findings();
  let entries = 0;
  let decisions = 0;
  let first: Mark | null = null;
  let last: Mark | null = null;
  for await (const entry of history.entries()) {
    const { event, findings: ofChain } = checkChain(entry);
    findings.add(ofChain);
    if (event !== null) {
      findings.add(checkDecision(event, entry.seq));
      findings.add(checkAnswer(event, entry.seq));
      findings.add(checkOrder(event, entry.seq));
      if (event.kind === 'decided') decisions += 1;
    }
    if (onEntry !== undefined) findings.add(onEntry(entry));
    entries += 1;
    last = { seq: entry.seq, at: entry.at, hash: entry.hash };
    first ??= last;
    if (entries % PROGRESS_EVERY === 0) onProgress?.(entries);
  }
  onProgress?.(entries);
  const origin = first?.seq === 1 ? first.hash : (checkpoints[0]?.origin ?? null);
  findings.add(wholeFindings(entries, checkpoints, origin));
  return {
    entries,
    decisions,
    removed: first === null ? 0 : first.seq - 1,
    origin,
    first,
    last,
    faults: findings.faults,
    warnings: findings.warnings,
    findings: findings.kept,
  };
}

function wholeFindings(
  entries: number,
  checkpoints: readonly Checkpoint[],
  origin: string | null,
): Finding[] {
  return [
    ...(entries === 0
      ? [warning('empty', null, 'the ledger has no entries: nothing was written yet, or all was removed')]
      : []),
    ...(checkpoints.every((checkpoint) => checkpoint.origin === origin)
      ? []
      : [
          fault(
            'other-ledger',
            null,
            'its checkpoints name another first entry than it has: parts of two ledgers were put together',
          ),
        ]),
  ];
}

/** The checkpoint in a stored entry; none when its text is not one. Whether to believe it the chain tells. */
export function checkpointIn({ eventText }: StoredEntry): Checkpoint[] {
  try {
    const event = JSON.parse(eventText) as Partial<Checkpoint> | null;
    const whole =
      event?.kind === 'checkpoint' &&
      Number.isInteger(event.through?.seq) &&
      typeof event.through?.hash === 'string' &&
      Array.isArray(event.policies);
    return whole ? [event as Checkpoint] : [];
  } catch {
    return [];
  }
}
