import { judgeAnswer } from '../core/answers/judge-answer.ts';
import type { LedgerEvent, RecordedAnswer, RecordedDecision } from '../core/record/ledger-entry.ts';
import type { Policy } from '../core/rule.ts';
import { fault, type Finding } from './finding.ts';

/** Decisions of one generation: more than ever wait for an answer at once. The one before is remembered too. */
const GENERATION = 2_000;

/**
 * Checks that each answer to a page counted, or did not, as `judgeAnswer` has it for the stored facts. Answers are judged by the
 * policy in force when they come, which may be a later one than that of the decision: one that the ledger holds must bear it out.
 */
export function createAnswerCheck(
  policies: ReadonlyMap<string, Policy>,
): (event: LedgerEvent, seq: number) => readonly Finding[] {
  let recent = new Map<string, RecordedDecision>();
  let before = new Map<string, RecordedDecision>();

  function remember(decided: RecordedDecision): void {
    if (recent.size >= GENERATION) {
      before = recent;
      recent = new Map();
    }
    recent.set(decided.requestId, decided);
  }

  function forget(requestId: string): void {
    recent.delete(requestId);
    before.delete(requestId);
  }

  return function check(event, seq) {
    if (event.kind === 'decided') remember(event);
    // What is answered later is not judged any more.
    if (event.kind === 'ended') forget(event.requestId);
    if (event.kind !== 'answered' || event.facts === null) return [];
    const decided = recent.get(event.requestId) ?? before.get(event.requestId);
    if (decided === undefined) return [];
    const own = policies.get(decided.policyDigest);
    const inQuestion = [...(own === undefined ? [] : [own]), ...policies.values()];
    if (inQuestion.some((policy) => bearsOut(event, decided, policy))) return [];
    const said = event.counted ? 'counted' : 'did not count';
    return [
      fault(
        'answer-differs',
        seq,
        `the answer of ${event.answer.by.id} in entry ${seq} ${said}; by its facts and the rules it is the other way round`,
      ),
    ];
  };
}

/** An edited entry may be anything, so that even what is total over real ones can throw. */
function bearsOut(
  { answer, facts, counted }: RecordedAnswer,
  decided: RecordedDecision,
  policy: Policy,
): boolean {
  if (facts === null) return true;
  try {
    // What could not be found out in time did not count either.
    return (judgeAnswer(answer, decided, facts, policy).state === 'counted') === counted;
  } catch {
    return false;
  }
}
