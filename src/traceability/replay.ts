import type { RequestId } from '../core/access-request.ts';
import { decide } from '../core/decide.ts';
import { policyFor } from '../core/ownership.ts';
import type { Decision, Reason, Verdict } from '../core/decision.ts';
import type { Facts, TargetFact } from '../core/facts.ts';
import type { Instant } from '../core/values/instant.ts';
import type { LedgerEvent, RecordedDecision, Ending, LedgerEntry } from '../core/record/ledger-entry.ts';
import type { OnCallRow, Reference } from '../core/on-call.ts';
import { targetsOf, type Policy, type Target } from '../core/rule.ts';
import type { LedgerHistory, SearchableHistory } from '../ports/ledger-history.ts';
import { lockInPlace } from '../core/effects/access-end.ts';
import { reviewBehind } from '../core/effects/page-effects.ts';
import { storyOf } from '../core/record/story.ts';
import { accountOf, type UseOutcome } from '../core/usage/account.ts';
import { entryOf } from './finding.ts';

/** A past decision that other rules would have made otherwise. */
export interface Difference {
  readonly requestId: RequestId;
  readonly decisionId: string;
  readonly decidedAt: Instant;
  readonly requester: string;
  readonly roles: readonly string[];
  readonly was: Verdict;
  readonly wouldBe: Verdict;
  /** Why, in the words of the decision under the other rules. */
  readonly reasons: readonly Reason[];
  readonly rules: { readonly were: readonly string[]; readonly wouldBe: readonly string[] };
  /** The other rules ask for something that was not looked up then: nobody can tell what PagerDuty would have said. */
  readonly lacksEvidence: boolean;
}

export interface Replay {
  readonly decisions: number;
  readonly same: number;
  readonly different: number;
  /** Of the different ones, how many for want of evidence. */
  readonly lackEvidence: number;
  /** How many went from which verdict to which, for instance `approve → escalate`. */
  readonly changes: Readonly<Record<string, number>>;
}

export interface ReplayOptions {
  readonly history: LedgerHistory;
  readonly policy: Policy;
  /** Decisions earlier than this are left out; null for all. */
  readonly since: Instant | null;
  /** Called for each difference as it is come upon, oldest first. */
  readonly onDifference: (difference: Difference) => void;
  readonly onProgress?: (entries: number) => void;
}

const PROGRESS_EVERY = 1_000;

/**
 * What other rules would have made of the requests of the past: every recorded decision is made again from the facts of that
 * moment. Differences of wording, or of the rule that gave the same verdict, do not count. Throws LedgerUnavailableError.
 */
export async function replayLedger(options: ReplayOptions): Promise<Replay> {
  const { history, policy, since, onDifference, onProgress } = options;
  const changes: Record<string, number> = {};
  const counts = { decisions: 0, different: 0, lackEvidence: 0 };
  let entries = 0;
  for await (const { eventText } of history.entries()) {
    entries += 1;
    if (entries % PROGRESS_EVERY === 0) onProgress?.(entries);
    const decided = decisionIn(eventText);
    if (decided === null || (since !== null && decided.decidedAt < since)) continue;
    counts.decisions += 1;
    const difference = differenceOf(decided, policy);
    if (difference === null) continue;
    counts.different += 1;
    if (difference.lacksEvidence) counts.lackEvidence += 1;
    const change = `${difference.was} → ${difference.wouldBe}`;
    changes[change] = (changes[change] ?? 0) + 1;
    onDifference(difference);
  }
  onProgress?.(entries);
  return { ...counts, same: counts.decisions - counts.different, changes };
}

/** Null when the verdict stays what it was. */
function differenceOf(decided: RecordedDecision, policy: Policy): Difference | null {
  const { request, decision: was } = decided;
  const { facts, missing } = factsFor(decided, policy);
  const wouldBe: Decision = decide(request, facts, policy, decided.decidedAt);
  if (wouldBe.verdict === was.verdict) return null;
  return {
    requestId: request.id,
    decisionId: decided.decisionId,
    decidedAt: decided.decidedAt,
    requester: request.requester,
    roles: request.roles,
    was: was.verdict,
    wouldBe: wouldBe.verdict,
    reasons: wouldBe.reasons,
    rules: { were: was.rules, wouldBe: wouldBe.rules },
    lacksEvidence: missing && wouldBe.reasons.some(({ code }) => code === 'condition-unknown'),
  };
}

/**
 * The facts of that moment, and what the stored on-call rows tell of targets that only the other rules ask for: every row names
 * its schedule, its policy and the services that used it.
 */
function factsFor({ request, facts }: RecordedDecision, policy: Policy): { facts: Facts; missing: boolean } {
  const asked = policyFor(policy, request, facts).rules.flatMap((rule) => targetsOf(rule, request));
  const known = new Set(facts.targets.map(keyOf));
  const added = new Map(
    asked.filter((target) => !known.has(keyOf(target))).map((each) => [keyOf(each), each]),
  );
  if (added.size === 0) return { facts, missing: false };
  const rows = facts.onCall.state === 'known' ? facts.onCall.rows : [];
  const found = [...added.values()].flatMap((target) => targetInRows(target, rows));
  return { facts: { ...facts, targets: [...facts.targets, ...found] }, missing: found.length < added.size };
}

function targetInRows(target: Target, rows: readonly OnCallRow[]): TargetFact[] {
  for (const row of rows) {
    const candidates = candidatesIn(row, target.kind);
    const match = candidates.find(
      ({ id, summary }) => target.asked === id || sameName(target.asked, summary),
    );
    if (match === undefined) continue;
    const used = target.kind === 'service' ? row.escalation_policy : null;
    const policy = used === null ? null : { id: used.id, summary: used.summary };
    // A disabled service is on no row.
    return [{ ...target, state: 'known', id: match.id, name: match.summary, policy, disabled: false }];
  }
  return [];
}

function candidatesIn(row: OnCallRow, kind: Target['kind']): readonly Reference[] {
  switch (kind) {
    case 'schedule':
      return row.schedule === null ? [] : [row.schedule];
    case 'escalation policy':
      return [row.escalation_policy].flatMap((policy) => policy ?? []);
    case 'service':
      return [row.escalation_policy].flatMap((policy) => policy?.services ?? []);
  }
}

function sameName(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

function keyOf({ kind, asked }: Target): string {
  return `${kind} ${asked}`;
}

/** Entries are parsed only where they may be decisions: most are not. */
export function decisionIn(eventText: string): RecordedDecision | null {
  if (!eventText.includes('"kind":"decided"')) return null;
  const event = JSON.parse(eventText) as LedgerEvent;
  return event.kind === 'decided' ? event : null;
}

/** What became of a request after it was decided upon, as far as the ledger tells. */
export interface Became {
  /** `open` until it has ended. */
  readonly outcome: Ending['state'] | 'open';
  /** Who let it in or turned it down: by their answer to the page, else Teleport's user; null for nobody. */
  readonly approver: string | null;
  /** What the access was used for by its last account; null where there is none. */
  readonly used: UseOutcome | null;
  /** Names of what it was used on. */
  readonly usedOn: readonly string[];
  /** In between the access was there: from the last moment before its approval to its end; null where none was given. */
  readonly held: { readonly from: Instant; readonly until: Instant | null } | null;
}

/** Throws LedgerUnavailableError. */
export async function becameOf(history: SearchableHistory, requestId: string): Promise<Became> {
  return becameBy((await history.entriesOf(requestId)).map(entryOf));
}

/** The same by its entries. */
export function becameBy(entries: readonly LedgerEntry[]): Became {
  const story = storyOf(entries);
  const { ended, decided } = story;
  const use = story.used.at(-1);
  const approvedAt = entries.find(({ event }) => event.kind === 'ended')?.at;
  const isGiven = ended?.state === 'approved' && approvedAt !== undefined;
  const ends = [
    use?.evidence.until,
    lockInPlace(story)?.since,
    decided?.request.accessExpires ?? undefined,
  ].filter((at) => at !== undefined);
  return {
    outcome: ended?.state ?? 'open',
    approver: ended === null ? null : (reviewBehind(ended, story)?.approver.name ?? ended.by),
    used: use?.outcome ?? null,
    usedOn:
      use === undefined ? [] : accountOf(use.evidence).uses.flatMap(({ resource }) => resource?.name ?? []),
    held: isGiven ? { from: use?.evidence.from ?? approvedAt, until: ends.sort()[0] ?? null } : null,
  };
}
