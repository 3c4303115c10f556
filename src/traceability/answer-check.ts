import { judgeAnswer } from '../core/answers/judge-answer.ts';
import { judgeRevocation } from '../core/answers/judge-revocation.ts';
import type {
  LedgerEvent,
  RecordedAnswer,
  RecordedDecision,
  RecordedUse,
} from '../core/record/ledger-entry.ts';
import type { Policy } from '../core/rule.ts';
import { fault, type Finding } from './finding.ts';
import { Recent } from './recent.ts';
import { accountOf } from '../core/usage/account.ts';

/** Decisions of one generation: more than ever wait for an answer at once. */
const GENERATION = 2_000;

/**
 * Checks that each answer to a page counted, or did not, as `judgeAnswer` has it for the stored facts. Answers are judged by the
 * policy in force when they come, which may be a later one than that of the decision: one that the ledger holds must bear it out.
 */
export function createAnswerCheck(
  policies: ReadonlyMap<string, Policy>,
): (event: LedgerEvent, seq: number) => readonly Finding[] {
  const waiting = new Recent<string, RecordedDecision>(GENERATION);
  /** Access that an answer may end. */
  const given = new Recent<string, RecordedDecision>(GENERATION);

  return function check(event, seq) {
    if (event.kind === 'decided') waiting.set(event.requestId, event);
    if (event.kind === 'ended') {
      const over = waiting.take(event.requestId);
      // What is answered later is not judged any more, but for what ends the access.
      if (over !== undefined && event.hearsRevoke === true) given.set(over.requestId, over);
    }
    if (event.kind !== 'answered' || event.facts === null) return [];
    const revokes = event.answer.propose === 'revoked';
    const judgeBy = revokes && given.get(event.requestId) !== undefined ? judgeRevocation : judgeAnswer;
    const decided = waiting.get(event.requestId) ?? given.get(event.requestId);
    if (decided === undefined) return [];
    const own = policies.get(decided.policyDigest);
    const inQuestion = [...(own === undefined ? [] : [own]), ...policies.values()];
    if (inQuestion.some((policy) => bearsOut(event, decided, policy, judgeBy))) return [];
    const said = event.counted ? 'counted' : 'did not count';
    const text = `the answer of ${event.answer.by.id} in entry ${seq} ${said}; by its facts and the rules it is the other way round`;
    return [fault('answer-differs', seq, text)];
  };
}

/** An edited entry may be anything, so that even what is total over real ones can throw. */
function bearsOut(
  { answer, facts, counted }: RecordedAnswer,
  decided: RecordedDecision,
  policy: Policy,
  judgeBy: typeof judgeAnswer,
): boolean {
  if (facts === null) return true;
  try {
    // What could not be found out in time did not count either.
    return (judgeBy(answer, decided, facts, policy).state === 'counted') === counted;
  } catch {
    return false;
  }
}

/** Checks that each account of what an access was used for is what its evidence gives. */
export function checkUse(event: LedgerEvent, seq: number): readonly Finding[] {
  if (event.kind !== 'used' || isDerived(event)) return [];
  const text = `the account in entry ${seq} of what request ${event.requestId} was used for says ${event.outcome}; its evidence gives another one`;
  return [fault('use-differs', seq, text)];
}

/** An edited entry may be anything. */
function isDerived({ evidence, outcome, totals }: RecordedUse): boolean {
  try {
    const derived = accountOf(evidence);
    return derived.outcome === outcome && isSame(derived.totals, totals);
  } catch {
    return false;
  }
}

function isSame(one: RecordedUse['totals'], other: RecordedUse['totals']): boolean {
  const text = ({ sessions, attempts, counts }: RecordedUse['totals']): string =>
    JSON.stringify([sessions, attempts, Object.entries(counts).sort()]);
  return text(one) === text(other);
}
