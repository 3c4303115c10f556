import type { RequestId } from '../core/access-request.ts';
import { storyOf } from '../core/record/story.ts';
import type { RecordedDecision } from '../core/record/ledger-entry.ts';
import type { UseOutcome } from '../core/usage/account.ts';
import { findingsOf, type FindingKind, type UseFinding } from '../core/usage/findings.ts';
import type { Instant } from '../core/values/instant.ts';
import type { SearchableHistory, Seals } from '../ports/ledger-history.ts';
import { becameBy, decisionIn } from './replay.ts';
import { sealFaults } from './seal-check.ts';
import { entryOf } from './finding.ts';

/** An access that was given, what became of it, and what that shows. */
export interface UsedAccess {
  readonly requestId: RequestId;
  /** The last decision on it. */
  readonly decided: RecordedDecision;
  readonly approver: string | null;
  readonly held: { readonly from: Instant; readonly until: Instant | null };
  /** `open` until there is an account. */
  readonly used: UseOutcome | 'open';
  /** An account that may still change; false where there is none. */
  readonly provisional: boolean;
  readonly sessions: number;
  readonly usedOn: readonly string[];
  readonly findings: readonly UseFinding[];
}

/** Rule and role, or nothing but the role where people approved. */
export interface UsageTotal {
  readonly rule: string | null;
  readonly role: string;
  readonly given: number;
  readonly used: number;
  readonly unused: number;
  /** No account yet, or none that says for certain. */
  readonly notKnown: number;
  readonly findings: Readonly<Record<FindingKind, number>>;
}

export interface UsagePeriod {
  readonly since: Instant | null;
  readonly until: Instant | null;
}

/**
 * Accesses that were given by requests decided upon in the period, newest first. `foreign` for a request of which somebody else wrote
 * entries: of it nothing is said. Throws LedgerUnavailableError.
 */
export async function* usedAccesses(
  history: SearchableHistory,
  { since, until }: UsagePeriod,
  seals?: Seals,
): AsyncIterable<UsedAccess | 'not-given' | 'foreign'> {
  const seen = new Set<RequestId>();
  for await (const { eventText } of history.decisions({ since, until, before: null })) {
    const decided = decisionIn(eventText);
    if (decided === null || seen.has(decided.requestId)) continue;
    seen.add(decided.requestId);
    const stored = await history.entriesOf(decided.requestId);
    if (sealFaults(stored, seals).size > 0) {
      yield 'foreign';
      continue;
    }
    const entries = stored.map(entryOf);
    const { held, used, usedOn, approver } = becameBy(entries);
    if (held === null) {
      yield 'not-given';
      continue;
    }
    const story = storyOf(entries);
    yield {
      ...{ requestId: decided.requestId, decided: story.decided ?? decided, approver, held },
      ...{ used: used ?? 'open', provisional: story.used.at(-1)?.stage === 'provisional' },
      ...{ sessions: story.used.at(-1)?.totals.sessions ?? 0, usedOn: [...new Set(usedOn)] },
      findings: findingsOf(story),
    };
  }
}

/** Stories are read whole: so many for a page. */
const STORIES_MOST = 2_000;

export interface UsageReport {
  readonly totals: readonly UsageTotal[];
  /** Accesses of which anything is known. */
  readonly accounts: number;
  /** Requests of which somebody else wrote entries. */
  readonly foreign: number;
  /** There are more than one page reads. */
  readonly cutShort: boolean;
}

/** The sums of a period, of as many accesses as a page may read. Throws LedgerUnavailableError. */
export async function reportUsage(
  history: SearchableHistory,
  period: UsagePeriod,
  seals?: Seals,
): Promise<UsageReport> {
  const sum = createUsageTotals();
  let [accounts, foreign, read] = [0, 0, 0];
  for await (const access of usedAccesses(history, period, seals)) {
    if (read === STORIES_MOST) return { totals: sum.totals(), accounts, foreign, cutShort: true };
    read += 1;
    if (access === 'foreign') foreign += 1;
    else if (access !== 'not-given') {
      sum.take(access);
      if (access.used !== 'open') accounts += 1;
    }
  }
  return { totals: sum.totals(), accounts, foreign, cutShort: false };
}

/** By rule and role, in their order; a request for two roles counts for each. */
export function createUsageTotals(): { take(access: UsedAccess): void; totals(): readonly UsageTotal[] } {
  const found = new Map<string, Changing<UsageTotal>>();
  return {
    take(access) {
      const { request, decision } = access.decided;
      const rules = decision.verdict === 'approve' ? decision.rules : [null];
      for (const rule of rules)
        for (const role of new Set(request.roles)) {
          const key = JSON.stringify([rule, role]);
          const total = found.get(key) ?? noUse(rule, role);
          found.set(key, total);
          count(total, access);
        }
    },
    totals: () => [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, total]) => total),
  };
}

type Changing<Fixed> = { -readonly [Key in keyof Fixed]: Fixed[Key] } & {
  findings: Record<FindingKind, number>;
};

function noUse(rule: string | null, role: string): Changing<UsageTotal> {
  const findings = { 'never-used': 0, outside: 0, 'ran-on': 0, 'broken-glass': 0 };
  return { rule, role, given: 0, used: 0, unused: 0, notKnown: 0, findings };
}

function count(total: Changing<UsageTotal>, { used, findings }: UsedAccess): void {
  total.given += 1;
  if (used === 'used') total.used += 1;
  else if (findings.some(({ kind }) => kind === 'never-used')) total.unused += 1;
  else total.notKnown += 1;
  for (const { kind } of findings) total.findings[kind] += 1;
}
