import { answerCode, type Answer, type AnswerFacts, type GivenReading } from './answer.ts';
import {
  judgeLock,
  notOnCallWords,
  onlyInTeleport,
  refused,
  rulesAsking,
  searchApprover,
  unknown,
  type AnswerJudgement,
} from './judge-answer.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { asApprovers, type Policy } from '../rule.ts';
import { CLOCKS_DIFFER_MS, plusMs, type Instant } from '../values/instant.ts';
import { listed, sanitise } from '../values/words.ts';
import { isRequesterForCertain } from './two-people.ts';

/** What to write where access was given that may be ended. */
export function howToRevoke({ code }: Pick<Answer, 'code'>, { request }: RecordedDecision): string {
  return `to end the access before its time, write \`revoke ${code ?? answerCode(request.id)}\` alone`;
}

/**
 * Whether an answer ends the access that was given: by the requester, who is known for certain; or by somebody who was on call for the
 * approvers of one of the rules that asked, at that moment. That whoever approves and the requester are two people need not be known,
 * since either may. Of a note that somebody edited it is not known whose word it is. What is not known ends nothing. Nor does what was
 * written before the access was given, or perhaps: whoever gave it then knew better, or did not know.
 */
export function judgeRevocation(
  answer: Answer,
  decided: RecordedDecision,
  facts: AnswerFacts,
  policy: Policy,
): AnswerJudgement {
  const { request } = decided;
  const { by, at, takenBackBy } = answer;
  const who = sanitise(by.name, 100);
  if (!by.isUser) return refused('only a person can answer');
  if (!answer.codeIsRight || answer.unclear !== undefined)
    return refused(`it is not clear what it asks for: ${howToRevoke(answer, decided)}`);
  if (takenBackBy !== undefined)
    return refused(`it says “${takenBackBy}”, which may take it back: ${howToRevoke(answer, decided)}`);
  if (answer.edited) return refused('the note was edited: write a new one');
  if (request.created !== null && at < plusMs(request.created, -CLOCKS_DIFFER_MS))
    return refused(`it was given at ${at}, before this request was made`);
  const early = facts.given === undefined ? null : whyTooEarly(at, facts.given);
  if (early !== null) return refused(`${early}, and ends nothing: ${howToRevoke(answer, decided)}`);
  if (isRequesterForCertain(decided, { byId: by.id, facts }, policy))
    return { state: 'counted', why: `${who} is who asked for it`, rules: [] };
  const inTeleport = onlyInTeleport(decided, policy);
  const byLock = `\`tctl lock --access-request=${request.id}\` ends it`;
  if (inTeleport !== null) return refused(`it must be ended in Teleport, where ${byLock}: ${inTeleport}`);
  const locked = judgeLock(facts.lock, who);
  if (locked !== null) return locked;
  const evidence = { ...facts, userId: by.id };
  const searches = rulesAsking(decided, policy).map((rule) => ({
    rule,
    found: searchApprover(asApprovers(rule), decided, evidence),
  }));
  const rules = searches.flatMap(({ rule, found }) => (found.answer === 'met' ? [rule.name] : []));
  if (rules.length > 0)
    return { state: 'counted', why: `${who} was on call for the approvers of ${listed(rules)}`, rules };
  const open = searches.find(({ found }) => found.answer === 'unknown');
  if (open?.found.answer === 'unknown') return unknown(open.found.message);
  return refused(
    `${who} is not known to be who asked for it, and ${notOnCallWords(searches, at)}; in Teleport ${byLock}`,
  );
}

/** What is written below our note of the approval, or on a page that was opened later, came after it for certain; else the clocks tell, which may differ. */
function whyTooEarly(at: Instant, { at: givenAt, knownAt, toldAt, before }: GivenReading): string | null {
  if (before === true || (toldAt !== null && at > toldAt)) return null;
  if (at >= plusMs(givenAt ?? knownAt, CLOCKS_DIFFER_MS)) return null;
  return givenAt !== null && at < plusMs(givenAt, -CLOCKS_DIFFER_MS)
    ? `it was written at ${at}, before the access was given at ${givenAt}`
    : 'it is not certain that it was written after the access was given';
}
