import { answerCode, type Answer, type AnswerFacts, type Unclear } from './answer.ts';
import type { Decision } from '../decision.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { searchRows } from '../conditions/on-call-condition.ts';
import { policyFor } from '../ownership.ts';
import { asApprovers, type Policy, type Rule } from '../rule.ts';
import { CLOCKS_DIFFER_MS, plusMs, type Instant } from '../values/instant.ts';
import { sanitise, listed } from '../values/words.ts';
import { areTwoPeople, isRequester } from './two-people.ts';
import { ruleNames } from '../wording/phrases.ts';
import { withoutInstructions } from './instructions.ts';

/** Why an answer to a page that shows something else does not count. */
export const OUTDATED =
  'what the request asks for was changed in Teleport after this page was opened: answer on the page that asks for it now, or in Teleport';

export type AnswerJudgement =
  /** `rules`: those that it answers. */
  | { readonly state: 'counted'; readonly why: string; readonly rules: readonly string[] }
  | { readonly state: 'refused'; readonly why: string }
  /** Not known yet whether it counts: judged again later. */
  | { readonly state: 'unknown'; readonly why: string };

/**
 * The rules whose approvers are asked: those that stand in the way of an automatic approval; or those by which it was given, where
 * Teleport asks for more approvals than that one.
 */
export function rulesAsking(
  { decision, request, facts }: Pick<RecordedDecision, 'decision' | 'request' | 'facts'>,
  policy: Policy,
): readonly Rule[] {
  const asking = new Set(
    decision.outcomes
      .filter(({ mode, verdict }) => mode === 'enforce' && verdict === askingVerdict(decision))
      .map(({ rule }) => rule),
  );
  return policyFor(policy, request, facts).rules.filter(
    ({ name, breakGlass }) => asking.has(name) && !breakGlass,
  );
}

/** Where a break-glass rule approved, the ordinary rules still escalate: their approvers are the ones who may be asked. */
function askingVerdict({ verdict, breakGlass }: Decision): 'approve' | 'escalate' {
  return verdict === 'approve' && !breakGlass ? 'approve' : 'escalate';
}

/** Whether an answer from PagerDuty can settle the request; null, or why it must be answered in Teleport. */
export function onlyInTeleport(decided: RecordedDecision, policy: Policy): string | null {
  const gap = decided.decision.reasons.find(({ code }) =>
    ['role-not-covered', 'resource-not-covered', 'review-refused', 'request-kind-unknown'].includes(code),
  );
  if (gap !== undefined) return gap.text;
  const inForce = decided.decision.outcomes.filter(
    ({ mode, breakGlass }) => mode === 'enforce' && !breakGlass,
  );
  const denying = inForce.find(({ verdict }) => verdict === 'deny');
  if (denying !== undefined) return `rule ${denying.rule} denies it`;
  const left = inForce.find(({ verdict }) => verdict === 'abstain');
  if (left !== undefined) return `rule ${left.rule} leaves it to the reviewers there`;
  const rules = rulesAsking(decided, policy);
  const asking = rules.map(({ name }) => name);
  const verdictAsking = askingVerdict(decided.decision);
  const gone = inForce.find(({ rule, verdict }) => verdict === verdictAsking && !asking.includes(rule));
  if (gone !== undefined) return `rule ${gone.rule} is not in force any more`;
  // What it is about is not known: if it is about this request, an answer here must not go past it.
  const leaving = rules.find(({ otherwise }) => otherwise === 'leave');
  if (verdictAsking === 'escalate' && leaving !== undefined)
    return `rule ${leaving.name} may be for it, and leaves it to the reviewers there`;
  const there = rules.find(({ approvers }) => approvers.answerBy.includes('teleport'));
  if (there !== undefined) return `rule ${there.name} takes answers there only`;
  return asking.length === 0 ? 'no rule says who may answer' : null;
}

/** Whether every rule that asks lets an acknowledgement stand for an approval. */
export function acknowledgingApproves(decided: RecordedDecision, policy: Policy): boolean {
  const asking = rulesAsking(decided, policy);
  return asking.length > 0 && asking.every(({ approvers }) => approvers.answerBy.includes('acknowledge'));
}

/**
 * Whether a note that is no answer is by somebody who is asked, wherever the answer is to be given: then they are told how. `unknown`
 * where that cannot be told now.
 */
export function mayAnswer(
  { by }: Pick<Answer, 'by'>,
  decided: RecordedDecision,
  facts: AnswerFacts,
  policy: Policy,
): AnswerJudgement['state'] {
  if (!by.isUser || isRequester(decided, { byId: by.id, facts }, policy)) return 'refused';
  const answers = searchApprovers(by.id, decided, facts, policy).map(({ found }) => found.answer);
  if (answers.includes('met')) return 'counted';
  return answers.includes('unknown') ? 'unknown' : 'refused';
}

/**
 * Whether an answer counts, and for which of the rules that ask: by a person, as it was first written, naming this request, of who is
 * known to be somebody else than the requester, and was on call for the approvers of these rules at that moment. INVARIANT (unknown-never-approves) holds here
 * too.
 */
export function judgeAnswer(
  answer: Answer,
  decided: RecordedDecision,
  facts: AnswerFacts,
  policy: Policy,
): AnswerJudgement {
  const { request } = decided;
  const who = sanitise(answer.by.name, 100);
  const code = answer.code ?? answerCode(request.id);
  const inTeleport = onlyInTeleport(decided, policy);
  if (inTeleport !== null) return refused(`it must be answered in Teleport: ${inTeleport}`);
  const requester = sanitise(withoutInstructions(request.requester), 100);
  const howTo = `write \`approve ${code}\` alone to let ${requester} in, or \`deny ${code}\` and why`;
  if (answer.how === 'acknowledge' && !acknowledgingApproves(decided, policy)) {
    return refused(`${UNDERSTOOD.acknowledged(code)}: ${howTo}`);
  }
  if (!answer.by.isUser) return refused('only a person can answer');
  if (answer.unclear !== undefined && facts.page?.state !== 'merged')
    return refused(`${UNDERSTOOD[answer.unclear](code)}: ${howTo}`);
  if (!answer.codeIsRight) return refused(`it does not name this request: write ${code} after the verb`);
  if (answer.takenBackBy !== undefined) {
    return refused(
      `it says “${answer.takenBackBy}”, and an approval holds at once and without conditions, or not at all: write \`approve ${code}\` alone, or \`deny ${code}\``,
    );
  }
  if (answer.edited) return refused('the note was edited: write a new one');
  if (answer.propose === 'revoked') return refused(`nothing is given yet that could end: ${howTo}`);
  // Whatever was said on an incident before there was anything to answer was said about something else.
  if (request.created !== null && answer.at < plusMs(request.created, -CLOCKS_DIFFER_MS)) {
    return refused(`it was given at ${answer.at}, before this request was made`);
  }
  const onPage = judgePage(answer, facts.page);
  if (onPage !== null) return onPage;
  const approver = { byId: answer.by.id, facts };
  if (isRequester(decided, approver, policy)) return refused('nobody answers their own request');
  const notTwo = areTwoPeople(decided, approver, policy) ? null : notTwoPeople(decided, facts, who);
  if (notTwo !== null) return notTwo;
  const locked = judgeLock(facts.lock, who);
  if (locked !== null) return locked;
  const searches = searchApprovers(answer.by.id, decided, facts, policy);
  const missing = searches.find(({ found }) => found.answer === 'not-met');
  const entitling = searches.filter(({ found }) => found.answer === 'met');
  const isEnough = facts.perRule === true ? entitling.length > 0 : missing === undefined;
  for (const { found } of searches) {
    if (found.answer === 'unknown' && (isEnough || facts.perRule === true)) return unknown(found.message);
  }
  if (!isEnough) return refused(`${who} ${notOnCallWords(searches, answer.at)}`);
  const rules = entitling.map(({ rule }) => rule.name);
  return { state: 'counted', why: `${who} was on call for the approvers of ${rules.join(', ')}`, rules };
}

/** Whether the answer is to what was sent; null for nothing against it. */
function judgePage({ at }: Answer, page: AnswerFacts['page']): AnswerJudgement | null {
  switch (page?.state) {
    case undefined:
      return null;
    case 'unknown':
      return unknown(`whether the page still says what was sent is not known: ${page.cause.message}`);
    case 'changed':
      return refused(
        `the ${page.what} of this incident is not what was sent any more: answer in Teleport, by what stands there`,
      );
    case 'outdated':
      return refused(OUTDATED);
    case 'merged':
      return refused(
        'the page was merged into this incident, which anybody may have opened or edited: write it on the page that was opened anew, or review the request in Teleport',
      );
    case 'as-sent':
      return at < page.since ? refused(`it was given at ${at}, before this page was opened`) : null;
  }
}

/** Whoever was locked out of Teleport lets nobody in; null for nothing against it. */
export function judgeLock(lock: AnswerFacts['lock'], who: string): AnswerJudgement | null {
  if (lock?.state === 'unknown')
    return unknown(`whether ${who} is locked in Teleport is not known: ${lock.cause.message}`);
  return lock === undefined || lock.lockedUser === null
    ? null
    : refused(
        `${who} is locked in Teleport, as ${sanitise(lock.lockedUser, 100)}: somebody else must answer, or the lock be taken away there first`,
      );
}

/** Of what is missing for one rule, and for all together: it is read on a phone. */
const [MISSING_MAX, ALL_MISSING_MAX] = [300, 500];

/** For which rules' approvers somebody was not on call, and why rows that they have do not count, for instance a shift that has only just begun. */
export function notOnCallWords(
  searches: readonly { readonly rule: Pick<Rule, 'name'>; readonly found: ReturnType<typeof searchRows> }[],
  at: Instant,
): string {
  const missing = searches.flatMap(({ rule, found }) =>
    found.answer === 'not-met' ? [{ name: rule.name, near: listed(found.nearMisses) }] : [],
  );
  const alike = Map.groupBy(missing, ({ near }) => near);
  const max = Math.floor(MISSING_MAX / alike.size);
  const each = [...alike].map(([near, rules]) => {
    const why = near === '' ? '' : ` (${sanitise(near, max)})`;
    return `${ruleNames(rules.map(({ name }) => name))}${why}`;
  });
  return `was not on call at ${at} for the approvers of ${sanitise(each.join(', nor of '), ALL_MISSING_MAX)}`;
}

/** What is known of whether somebody is, or was, on call at a moment. */
interface OnCallEvidence extends Pick<AnswerFacts, 'onCall' | 'targets' | 'policies'> {
  readonly userId: string;
}

function searchApprovers(userId: string, decided: RecordedDecision, facts: AnswerFacts, policy: Policy) {
  return rulesAsking(decided, policy).map((rule) => ({
    rule,
    found: searchApprover(asApprovers(rule), decided, { ...facts, userId }),
  }));
}

/** Looks for a row by which the person is on call as one of those who may answer; `rule` as it is for approvers. */
export function searchApprover(
  rule: Rule,
  { request }: RecordedDecision,
  { userId, onCall, ...facts }: OnCallEvidence,
): ReturnType<typeof searchRows> {
  return searchRows({ rule, request, facts }, userId, onCall);
}

/** Null for what an earlier version heard, which took those for two people of whom it knew nothing. */
function notTwoPeople(
  { request, facts: { requester } }: RecordedDecision,
  { binding }: AnswerFacts,
  who: string,
): AnswerJudgement | null {
  if (requester.state === 'unknown') {
    return unknown(`who the requester is in PagerDuty is not known: ${requester.cause.message}`);
  }
  if (binding === undefined) return null;
  return refused(
    `it must be answered in Teleport: it is not known here that ${who} and ${sanitise(request.requester, 100)} are two people`,
  );
}

export function refused(why: string): AnswerJudgement {
  return { state: 'refused', why };
}

export function unknown(why: string): AnswerJudgement {
  return { state: 'unknown', why };
}

/** What was understood of a note that is no answer, as the beginning of a sentence that goes on with what to write. */
export const UNDERSTOOD: Readonly<Record<Unclear, (code: string) => string>> = {
  'no verb': (code) => `it names ${code} and does not say what is to become of it`,
  'no code': () => 'it does not say which request it is for',
  question: () => 'it asks something',
  quotation: () => 'it repeats what stands elsewhere',
  'several verbs': () => 'it says more than one thing',
  'several codes': () => 'it may be for more than one request, and each needs a note of its own',
  'other words': (code) => `what stands around ${code} is not understood`,
  over: () => 'the request that it names is over',
  acknowledged: () => 'acknowledging does not approve this request',
  talk: () => 'it says neither yes nor no',
};
