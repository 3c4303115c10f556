import type { Answer, AnswerFacts } from '../answers/answer.ts';
import { judgeAnswer, OUTDATED, rulesAsking } from '../answers/judge-answer.ts';
import { areTwoPeople, certainTeleportUser } from '../answers/two-people.ts';
import { onBehalfReason } from '../wording/reviews.ts';
import type { RecordedAnswer, RecordedDecision } from '../record/ledger-entry.ts';
import type { EffectProgress, Story } from '../record/story.ts';
import { asksForTheSame } from '../access-request.ts';
import type { Policy } from '../rule.ts';
import type { Instant } from '../values/instant.ts';
import { sanitise } from '../values/words.ts';
import { allPages } from './asking-pages.ts';
import type { Effect } from '../record/effect.ts';
import { onBehalfKey, replyKey } from '../record/effect-keys.ts';

/** By what it counts is recorded. */
interface Counted extends RecordedAnswer {
  readonly facts: AnswerFacts;
  readonly answer: Answer & { readonly propose: 'approved' | 'denied' };
}

export type ReviewOnBehalf = Effect & { readonly kind: 'vote' };

/**
 * The reviews for those whose answers count: each person's first that Teleport did not turn down. What was begun stays as it was
 * begun; all others must count under the decision and the rules in force.
 */
export function reviewsOnBehalf(
  story: Story,
  decided: RecordedDecision,
  policy: Policy,
): readonly ReviewOnBehalf[] {
  // Most requests are never answered, and are looked at at each step all the same.
  if (story.answers.length === 0) return [];
  const wanted: ReviewOnBehalf[] = [];
  const isComplete = openRules(story, decided, policy).length === 0;
  for (const recorded of story.answers.filter(({ counted }) => counted)) {
    const { by } = recorded.answer;
    const begun = begunReviews(story).filter(({ approver }) => approver.id === by.id);
    const own = begun.find((review) => answerIdOf(review, story) === recorded.answer.id);
    if (own !== undefined) {
      wanted.push(own);
      continue;
    }
    const hasAnother = [...begun, ...wanted].some(
      (review) => review.approver.id === by.id && !wasTurnedDown(story, review),
    );
    // An approval waits for those of the other rules, and one review may have been given for all of them.
    const isWanted = isComplete || recorded.answer.propose === 'denied';
    if (settledWith(story, decided, policy).some(({ answer }) => answer.id === recorded.answer.id)) continue;
    if (hasAnother || !isWanted || !isCounted(recorded)) continue;
    if (whyLapsed(story, recorded, decided, policy) !== null) continue;
    const others =
      recorded.answer.propose === 'approved'
        ? underOtherRules(recorded, approvals(story, decided, policy))
        : [];
    wanted.push(reviewFor(recorded, decided, policy, { number: begun.length + 1, others }));
  }
  return wanted;
}

/** The rules that ask and that nobody has approved under: each needs the answer of one of its approvers, whoever answers for another. */
export function openRules(story: Story, decided: RecordedDecision, policy: Policy): readonly string[] {
  const asking = rulesAsking(decided, policy).map(({ name }) => name);
  const given = approvals(story, decided, policy).flatMap(({ rules }) => rules);
  return asking.filter((name) => !given.includes(name));
}

interface Approval extends RecordedAnswer {
  readonly rules: readonly string[];
}

/** Those of the approvals that answer a rule which this one does not. */
function underOtherRules({ answer }: RecordedAnswer, given: readonly Approval[]): readonly Approval[] {
  const own = given.find((each) => each.answer.id === answer.id);
  return given.filter(({ rules }) => rules.some((name) => own?.rules.includes(name) !== true));
}

/** Approvals that wait for those of other rules. */
export function waitingApprovals(
  story: Story,
  decided: RecordedDecision,
  policy: Policy,
): readonly RecordedAnswer[] {
  if (story.answers.length === 0) return [];
  const begun = new Set(begunReviews(story).map((review) => answerIdOf(review, story)));
  if (openRules(story, decided, policy).length === 0) return [];
  return approvals(story, decided, policy).filter(({ answer }) => !begun.has(answer.id));
}

/** Approvals that count still, each with the rules that it answers by now, and that Teleport has not turned down. */
function approvals(story: Story, decided: RecordedDecision, policy: Policy): readonly Approval[] {
  const turnedDown = turnedDownAnswers(story);
  const standing = story.answers.filter(
    ({ answer, counted }) => counted && answer.propose === 'approved' && !turnedDown.has(answer.id),
  );
  return standing.flatMap((recorded) => {
    if (story.effects.has(replyKey(recorded.answer.id))) return [];
    const anew = judgeAgain(story, recorded, decided, policy);
    return anew.why === null ? [{ ...recorded, rules: anew.rules }] : [];
  });
}

function turnedDownAnswers(story: Story): ReadonlySet<string | null> {
  return new Set(
    begunReviews(story)
      .filter((review) => wasTurnedDown(story, review))
      .map((review) => answerIdOf(review, story)),
  );
}

/** Approvals under other rules than that by which a review on behalf ended the request: it was given for them too. */
function settledWith(story: Story, decided: RecordedDecision, policy: Policy): readonly RecordedAnswer[] {
  const settling = [...story.effects.values()].flatMap(({ intended, done }) =>
    intended.kind === 'vote' &&
    intended.propose === 'approved' &&
    done?.ours === true &&
    done.stillPending !== true
      ? answerBehind(intended, story)
      : [],
  );
  return settling.flatMap((recorded) => underOtherRules(recorded, approvals(story, decided, policy)));
}

function isCounted(recorded: RecordedAnswer): recorded is Counted {
  const { facts, answer } = recorded;
  return facts !== null && (answer.propose === 'approved' || answer.propose === 'denied');
}

/**
 * Answers that counted when they were heard and are not carried to Teleport, each with why: they count no more, or are the second of a
 * person whose first one stands there.
 */
export function lapsedAnswers(
  story: Story,
  decided: RecordedDecision,
  policy: Policy,
): readonly RecordedAnswer[] {
  if (story.answers.length === 0) return [];
  const reviewed = new Set(begunReviews(story).map((review) => answerIdOf(review, story)));
  const reviewers = haveReviewed(story);
  return story.answers.flatMap((recorded) => {
    const { id, by } = recorded.answer;
    if (!recorded.counted || reviewed.has(id)) return [];
    const why = reviewers.has(by.id)
      ? `${sanitise(by.name, 100)} has answered before, and Teleport takes one review of each person`
      : whyLapsed(story, recorded, decided, policy);
    return why === null ? [] : [{ ...recorded, counted: false, why }];
  });
}

/** Why a review that was begun must not be given any more; null where its answer still counts. */
export function whyAnswerLapsed(
  story: Story,
  review: ReviewOnBehalf,
  decided: RecordedDecision,
  policy: Policy,
): string | null {
  const [recorded] = answerBehind(review, story);
  if (recorded === undefined) return 'the answer that it is for is not in the record';
  const { id, teleportUser } = review.approver;
  const isCertain =
    recorded.facts === null || teleportUser === certainTeleportUser(id, recorded.facts, policy);
  return teleportUser === null || isCertain
    ? judgeAgain(story, recorded, decided, policy).why
    : `it is not certain any more that ${sanitise(review.approver.name, 100)} is ${sanitise(teleportUser, 100)} in Teleport: answer again`;
}

/**
 * Whether answers stand that settle the request, given in Teleport or still to be given: a denial, or approvals under all of these
 * rules. One that was given and is not enough does not, however often its person repeats it: the others are waited for.
 */
export function isAnswered(story: Story, asking: readonly string[]): boolean {
  const reviewers = haveReviewed(story);
  const turnedDown = turnedDownAnswers(story);
  const standing = story.answers.filter(
    ({ answer, counted }) => counted && !turnedDown.has(answer.id) && !story.effects.has(replyKey(answer.id)),
  );
  const fresh = standing.filter(({ answer }) => !reviewers.has(answer.by.id));
  if (fresh.some(({ answer }) => answer.propose === 'denied')) return true;
  const under = standing.flatMap(({ rules = asking }) => rules);
  return fresh.length > 0 && asking.every((name) => under.includes(name));
}

/** Votes that stand in Teleport and did not settle the request. */
export interface Tally {
  readonly propose: 'approved' | 'denied';
  /** Reviews of this kind, those included that people gave in Teleport themselves, as far as it is known. */
  readonly count: number;
  /** Whose answers are among them. */
  readonly by: readonly string[];
  /** When the last of them was given. */
  readonly at: Instant;
}

/** What was given by answers without settling the request, approvals first; empty where nothing was. */
export function reviewTally({ effects }: Story): readonly Tally[] {
  const standing = [...effects.values()].flatMap(standingReview);
  return (['approved', 'denied'] as const).flatMap((propose) => {
    const alike = standing.filter(({ review }) => review.propose === propose);
    const last = alike
      .map(({ at }) => at)
      .sort()
      .at(-1);
    if (last === undefined) return [];
    const count = Math.max(alike.length, ...alike.map(({ given }) => given));
    const by = alike.map(({ review }) => review.approver.name);
    return [{ propose, count, by, at: last }];
  });
}

interface StandingReview {
  readonly review: ReviewOnBehalf;
  /** Reviews of its kind that Teleport had then; 1 in ledgers of earlier versions, which do not tell. */
  readonly given: number;
  readonly at: Instant;
}

/** By PagerDuty's ids, whose reviews stand in Teleport while the request is pending. */
function haveReviewed({ effects }: Story): ReadonlySet<string> {
  return new Set([...effects.values()].flatMap(standingReview).map(({ review }) => review.approver.id));
}

function standingReview({ intended, done, doneAt }: EffectProgress): readonly StandingReview[] {
  return intended.kind === 'vote' && done?.ours === true && done.stillPending === true && doneAt !== null
    ? [{ review: intended, given: done.given ?? 1, at: doneAt }]
    : [];
}

/** The answer that a review is for; none where the record does not tell. */
export function answerBehind(review: ReviewOnBehalf, story: Story): readonly RecordedAnswer[] {
  const id = answerIdOf(review, story);
  return story.answers.filter(({ answer }) => answer.id === id);
}

function reviewFor(
  recorded: Counted,
  decided: RecordedDecision,
  policy: Policy,
  { number, others }: { readonly number: number; readonly others: readonly RecordedAnswer[] },
): ReviewOnBehalf {
  const { id: answerId, by, propose } = recorded.answer;
  const teleportUser = certainTeleportUser(by.id, recorded.facts, policy);
  const approver = { id: by.id, name: by.name, teleportUser };
  return {
    kind: 'vote',
    key: onBehalfKey(by.id, number),
    propose,
    approver,
    answerId,
    reason: onBehalfReason(decided, recorded, others),
  };
}

function begunReviews({ effects }: Story): readonly ReviewOnBehalf[] {
  return [...effects.values()].flatMap(({ intended }) => (intended.kind === 'vote' ? [intended] : []));
}

/** Earlier versions did not record which answer a review is for: it was the person's first that counted. */
function answerIdOf({ answerId, approver }: ReviewOnBehalf, { answers }: Story): string | null {
  if (answerId !== undefined) return answerId;
  return answers.find(({ answer, counted }) => counted && answer.by.id === approver.id)?.answer.id ?? null;
}

function wasTurnedDown({ effects }: Story, { key }: ReviewOnBehalf): boolean {
  return effects.get(key)?.done?.ours === false;
}

/** Once somebody was told that their answer does not count any more, it stays so, whatever is decided later. */
function whyLapsed(
  story: Story,
  recorded: RecordedAnswer,
  decided: RecordedDecision,
  policy: Policy,
): string | null {
  const told = story.effects.has(replyKey(recorded.answer.id));
  return told ? 'it was refused before' : judgeAgain(story, recorded, decided, policy).why;
}

/** Whoever has denied below their own approval, or taken it back by name, while Teleport could not be told of it for instance, lets nobody in by it. */
function isTakenBackSince({ answers }: Story, { by, at }: RecordedAnswer['answer']): boolean {
  return answers.some(
    ({ answer, counted }) =>
      answer.by.id === by.id &&
      answer.at > at &&
      (answer.propose === 'denied'
        ? counted
        : answer.propose === 'approved' && answer.takenBackBy !== undefined),
  );
}

/**
 * The answer judged again, by what was recorded of it, under the decision and the rules in force. What is asked now but was not
 * looked up then is not known, and does not count: the approver may answer again.
 */
function judgeAgain(
  story: Story,
  { answer, facts }: RecordedAnswer,
  decided: RecordedDecision,
  policy: Policy,
): { readonly why: null; readonly rules: readonly string[] } | { readonly why: string } {
  const page = allPages(story).find(({ incident }) => incident.id === answer.incidentId);
  if (page !== undefined && !asksForTheSame(page.shown, decided.request)) return { why: OUTDATED };
  if (facts === null) return { why: 'it is not recorded by what evidence it counted: answer again' };
  if (answer.propose === 'approved' && isTakenBackSince(story, answer))
    return { why: 'its author has denied it since, or taken it back' };
  const approver = { byId: answer.by.id, facts };
  // Heard by an earlier version, which did not ask.
  if (facts.binding === undefined && !areTwoPeople(decided, approver, policy)) {
    return { why: 'it is not known that whoever answered and the requester are two people: answer again' };
  }
  const judged = judgeAnswer(answer, decided, facts, policy);
  if (judged.state === 'counted') return { why: null, rules: judged.rules };
  const changed = 'what the rules ask has changed since it was heard, and now';
  const why =
    judged.state === 'refused'
      ? `${changed} ${judged.why}`
      : `${changed} it is not known whether it counts (${judged.why}): answer again`;
  return { why };
}
