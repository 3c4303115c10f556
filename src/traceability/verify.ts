import type { Checkpoint, LedgerEvent } from '../core/record/ledger-entry.ts';
import { epochMsOf, HOUR, SECOND, type Instant } from '../core/values/instant.ts';
import type { LedgerHistory, StoredEntry, Seals } from '../ports/ledger-history.ts';
import { createAnswerCheck, checkUse } from './answer-check.ts';
import { createChainCheck } from './chain-check.ts';
import { createDecisionCheck } from './decision-check.ts';
import { Findings, fault, warning, type Finding } from './finding.ts';
import type { Hashing } from './hashing.ts';
import { createOrderCheck } from './order-check.ts';
import { createSealCheck } from './seal-check.ts';

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
  /** First addresses that its seals count; 0 where seals were not checked. */
  readonly addresses: number;
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
  /** Where the ledger is sealed and its key is at hand. */
  readonly seals?: Seals | undefined;
  /** How the seals of entries whose hash is right are checked beside everything else; by `seals` unless told. */
  readonly faultsIn?: FaultsIn | undefined;
  /** How long entries are kept, in milliseconds: a checkpoint that stands for younger ones is a finding. A day unless told. */
  readonly keepMs?: number | null;
  /** Called now and then with how many entries were checked. */
  readonly onProgress?: (entries: number) => void;
  /** Sees every event that could be read. */
  readonly onEvent?: (event: LedgerEvent) => void;
  /** Sees every entry that is checked, for comparison with what others know of it. */
  readonly onEntry?: (entry: StoredEntry) => readonly Finding[];
}

/** Why each of these entries is not to be believed; null where its seal holds. */
export type FaultsIn = (entries: readonly StoredEntry[]) => Promise<readonly (string | null)[]>;

/** Entries whose seals are checked in one go. */
const AT_ONCE = 500;
/** The chain check works the hashes out. */
const HASH_IS_RIGHT = { hashIsRight: true };
const DAY_MS = 24 * HOUR;
/** What `ledger prune` removes at the youngest. */
export const YOUNGEST_MS = DAY_MS;

/**
 * Checks a ledger from its first entry to its last: the chain, every policy's digest, every decision derived again from its
 * stored facts and rules, and the order of what was done. Reads once, in constant memory. Throws LedgerUnavailableError when
 * the place cannot be read; what is wrong with the entries is a finding, never an error.
 */
export async function verifyLedger(options: VerifyOptions): Promise<Verification> {
  const { history, hashing, onProgress, onEntry, seals } = options;
  const checkpoints = (await history.checkpoints()).flatMap(checkpointIn);
  const checkChain = createChainCheck(checkpoints, hashing);
  const policies = new Map(
    checkpoints.flatMap((checkpoint) => checkpoint.policies).map(({ digest, policy }) => [digest, policy]),
  );
  const checkDecision = createDecisionCheck(policies, hashing);
  const checkAnswer = createAnswerCheck(policies);
  const sealCheck = seals === undefined ? null : createSealCheck(seals);
  const checkOrder = createOrderCheck({ beginsLater: checkpoints.length > 0 });

  const faultsIn: FaultsIn =
    options.faultsIn ??
    ((batch) => Promise.resolve(batch.map((entry) => seals?.faultIn(entry, HASH_IS_RIGHT) ?? null)));

  const findings = new Findings();
  let entries = 0;
  let decisions = 0;
  let first: Mark | null = null;
  let last: Mark | null = null;

  function checked(entry: StoredEntry) {
    const { seq } = entry;
    const { event, findings: ofChain } = checkChain(entry);
    const others =
      event === null
        ? []
        : [
            ...checkDecision(event, seq),
            ...checkAnswer(event, seq),
            ...checkUse(event, seq),
            ...checkOrder(event, seq),
            ...removalFindings(event, entry, options.keepMs ?? YOUNGEST_MS),
          ];
    if (event !== null) options.onEvent?.(event);
    if (event?.kind === 'decided') decisions += 1;
    return { entry, event, ofChain, others: [...others, ...(onEntry?.(entry) ?? [])] };
  }

  for await (const batch of inBatches(history.entries())) {
    const whys = faultsIn(batch);
    const each = batch.map(checked);
    const sealed = await whys;
    for (const [index, { entry, event, ofChain, others }] of each.entries()) {
      findings.add(ofChain);
      if (sealCheck !== null) findings.add(sealCheck.check(entry, event, sealed[index]));
      findings.add(others);
      last = { seq: entry.seq, at: entry.at, hash: entry.hash };
      first ??= last;
    }
    entries += batch.length;
    onProgress?.(entries);
  }
  const origin = first?.seq === 1 ? first.hash : (checkpoints[0]?.origin ?? null);
  findings.add(wholeFindings(entries, checkpoints, origin));
  return {
    entries,
    decisions,
    removed: first === null ? 0 : first.seq - 1,
    addresses: sealCheck?.addresses() ?? 0,
    origin,
    first,
    last,
    faults: findings.faults,
    warnings: findings.warnings,
    findings: findings.kept,
  };
}

async function* inBatches(entries: AsyncIterable<StoredEntry>): AsyncIterable<readonly StoredEntry[]> {
  let batch: StoredEntry[] = [];
  for await (const entry of entries) {
    batch.push(entry);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** Whoever wants to hide entries needs a checkpoint that stands for them; and whoever cuts off the end may be seen at it. */
function removalFindings(event: LedgerEvent, { seq, at }: StoredEntry, keepMs: number): Finding[] {
  if (event.kind === 'cut-off') {
    const { known, found } = event;
    const text = `entry ${known.seq} was there before ${at}, and then the ledger ended at entry ${found.seq}: entries were removed from its end, or replaced`;
    return [fault('cut-off', seq, text)];
  }
  if (event.kind !== 'checkpoint') return [];
  const ageMs = epochMsOf(at as Instant) - epochMsOf(event.through.at);
  // Also an age that is none, of an edited entry.
  if (ageMs >= keepMs) return [];
  const text = `the checkpoint in entry ${seq} stands for entries up to ${event.through.at}, which were only ${ageWords(ageMs)} old`;
  return [
    ageMs >= YOUNGEST_MS
      ? warning('checkpoint', seq, `${text}: they were removed by hand, before their time`)
      : fault('checkpoint', seq, `${text}: no command removes such, somebody hides what happened`),
  ];
}

function ageWords(ageMs: number): string {
  return ageMs >= DAY_MS ? `${Math.floor(ageMs / DAY_MS)} d` : `${Math.floor(ageMs / SECOND)} s`;
}

function* wholeFindings(
  entries: number,
  checkpoints: readonly Checkpoint[],
  origin: string | null,
): Iterable<Finding> {
  if (entries === 0)
    yield warning('empty', null, 'the ledger has no entries: nothing was written yet, or all was removed');
  if (checkpoints.every((checkpoint) => checkpoint.origin === origin)) return;
  const text = 'its checkpoints name another first entry than it has: parts of two ledgers were put together';
  yield fault('other-ledger', null, text);
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
