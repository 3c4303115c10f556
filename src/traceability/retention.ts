import type { Instant } from '../core/values/instant.ts';
import { isOver } from '../core/effects/is-over.ts';
import { storyOf } from '../core/record/story.ts';
import type { Checkpoint, LedgerEvent } from '../core/record/ledger-entry.ts';
import type { Policy } from '../core/rule.ts';
import type { LedgerPruning, SearchableHistory, StoredEntry, Seals } from '../ports/ledger-history.ts';
import { entryOf } from './finding.ts';
import { checkpointIn } from './verify.ts';

/** What may be removed, or why nothing may. */
export type PruningPlan =
  | { readonly kind: 'nothing'; readonly why: string }
  | {
      readonly kind: 'remove';
      readonly checkpoint: Checkpoint;
      /** Why no more than that, where something older has to stay; null when all that is old goes. */
      readonly stopsBecause: string | null;
    };

/**
 * Which entries may go: all from the beginning that are earlier than `before`, up to the first that belongs to a request which
 * is not over or was still going on later. A chain can lose its beginning only, so what stays keeps all behind it. The policies
 * that later decisions name are carried over in the checkpoint.
 */
export async function planPruning(
  history: SearchableHistory,
  before: Instant,
  seals?: Seals,
): Promise<PruningPlan> {
  const open = new Set(await history.open());
  const policies = new Map<string, Policy>();
  const judged = new Map<string, string | null>();
  const earlier = (await history.checkpoints())
    .filter((entry) => seals === undefined || seals.faultIn(entry) === null)
    .flatMap(checkpointIn);
  let first: StoredEntry | null = null;
  let last: StoredEntry | null = null;
  let entries = 0;
  let decisions = 0;
  let stopsBecause: string | null = null;

  for (const { policies: carried } of earlier)
    for (const each of carried) policies.set(each.digest, each.policy);
  for await (const entry of history.entries()) {
    if (entry.at >= before) break;
    const fault = seals?.faultIn(entry) ?? null;
    if (fault !== null) {
      stopsBecause = `entry ${entry.seq} ${fault}: it is kept for whoever looks into that`;
      break;
    }
    const event = JSON.parse(entry.eventText) as LedgerEvent;
    const requestId = 'requestId' in event ? event.requestId : null;
    if (requestId !== null && !judged.has(requestId)) {
      judged.set(requestId, await whyKept(requestId, { history, before, open, seals }));
    }
    stopsBecause = requestId === null ? null : (judged.get(requestId) ?? null);
    if (stopsBecause !== null) break;
    if (event.kind === 'policy') policies.set(event.digest, event.policy);
    if (event.kind === 'decided') decisions += 1;
    if (event.kind === 'ended' && requestId !== null) judged.delete(requestId);
    first ??= entry;
    last = entry;
    entries += 1;
  }
  if (first === null || last === null) {
    return { kind: 'nothing', why: stopsBecause ?? `no entry is earlier than ${before}` };
  }
  const origin = first.seq === 1 ? first.hash : (earlier[0]?.origin ?? first.hash);
  return {
    kind: 'remove',
    stopsBecause,
    checkpoint: {
      kind: 'checkpoint',
      origin,
      through: { seq: last.seq, at: last.at as Instant, hash: last.hash },
      removed: { from: first.seq, entries, decisions },
      before,
      policies: await stillNamed(history, last.seq, policies),
      ...(seals === undefined ? {} : { ledger: seals.ledgerId }),
    },
  };
}

/** The list of open requests keeps entries, and lets none go: whether a request is over, its own entries say. */
async function whyKept(requestId: string, { history, before, open, seals }: Looking): Promise<string | null> {
  if (open.has(requestId)) return `request ${requestId} is not over`;
  const entries = await history.entriesOf(requestId);
  const foreign = entries.find((entry) => (seals?.faultIn(entry) ?? null) !== null);
  if (foreign !== undefined) return `request ${requestId} has an entry that others wrote, ${foreign.seq}`;
  if (!isOver(storyOf(entries.map(entryOf)), before))
    return `request ${requestId} is not over by its entries`;
  const last = entries.at(-1);
  return last !== undefined && last.at >= before
    ? `request ${requestId} was still going on at ${last.at}`
    : null;
}

interface Looking {
  readonly history: SearchableHistory;
  readonly before: Instant;
  readonly open: ReadonlySet<string>;
  readonly seals: Seals | undefined;
}

const POLICY_DIGEST = /"policyDigest":"(?<digest>[0-9a-f]{64})"/u;

/** Those that a decision behind the cut names, and the newest one: the service that runs now may decide by it again. */
async function stillNamed(
  history: SearchableHistory,
  throughSeq: number,
  policies: ReadonlyMap<string, Policy>,
): Promise<Checkpoint['policies']> {
  const named = new Set([...policies.keys()].slice(-1));
  for await (const { seq, eventText } of history.decisions({ since: null, until: null, before: null })) {
    const digest = seq > throughSeq ? POLICY_DIGEST.exec(eventText)?.groups?.['digest'] : undefined;
    if (digest !== undefined) named.add(digest);
  }
  return [...policies]
    .filter(([digest]) => named.has(digest))
    .map(([digest, policy]) => ({ digest, policy }));
}

/** Plans and, unless it is only to be looked at, removes. Throws LedgerUnavailableError. */
export async function pruneLedger(options: {
  readonly history: SearchableHistory;
  readonly pruning: LedgerPruning;
  /** Entries before this instant go. */
  readonly before: Instant;
  readonly now: Instant;
  readonly dryRun: boolean;
  readonly seals?: Seals | undefined;
}): Promise<PruningPlan> {
  const plan = await planPruning(options.history, options.before, options.seals);
  if (plan.kind === 'remove' && !options.dryRun) await options.pruning.prune(plan.checkpoint, options.now);
  return plan;
}
