import type { Answer, AnswerFacts } from '../answers/answer.ts';
import { judgeAnswer, OUTDATED } from '../answers/judge-answer.ts';
import { areTwoPeople, certainTeleportUser } from '../answers/two-people.ts';
import { onBehalfReason } from '../wording/reviews.ts';
import type { RecordedAnswer, RecordedDecision } from '../record/ledger-entry.ts';
import type { EffectProgress, Story } from '../record/story.ts';
import { asksForTheSame } from '../access-request.ts';
import type { Policy } from '../rule.ts';
import type { Instant } from '../values/instant.ts';
import { sanitise } from '../values/words.ts';
import { askingPages } from './asking-pages.ts';
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
  const wanted: ReviewOnBehalf[] = [];
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
    if (hasAnother || !isCounted(recorded) || whyLapsed(story, recorded, decided, policy) !== null) continue;
    wanted.push(reviewFor(recorded, decided, policy, begun.length + 1));
  }
  return wanted;
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
    ? whyCountsNoMore(story, recorded, decided, policy)
    : `it is not certain any more that ${sanitise(review.approver.name, 100)} is ${sanitise(teleportUser, 100)} in Teleport: answer again`;
}

/**
 * Whether an answer stands that settles the request: given in Teleport, or still to be given. One that was given and is not enough
 * does not, however often its person repeats it: the others are waited for.
 */
export function isAnswered(story: Story): boolean {
  const reviewers = haveReviewed(story);
  const turnedDown = new Set(
    begunReviews(story)
      .filter((review) => wasTurnedDown(story, review))
      .map((review) => answerIdOf(review, story)),
  );
  return story.answers.some(
    ({ answer, counted }) =>
      counted &&
      !reviewers.has(answer.by.id) &&
      !turnedDown.has(answer.id) &&
      !story.effects.has(replyKey(answer.id)),
  );
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
    const [first] = alike;
    if (first === undefined) return [];
    const count = Math.max(alike.length, ...alike.map(({ given }) => given));
    const by = alike.map(({ review }) => review.approver.name);
    return [{ propose, count, by, at: alike.reduce((last, { at }) => (at > last ? at : last), first.at) }];
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
  number: number,
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
    reason: onBehalfReason(decided, recorded),
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
  return told ? 'it was refused before' : whyCountsNoMore(story, recorded, decided, policy);
}

/**
 * The answer judged again, by what was recorded of it, under the decision and the rules in force. What is asked now but was not
 * looked up then is not known, and does not count: the approver may answer again.
 */
function whyCountsNoMore(
  story: Story,
  { answer, facts }: RecordedAnswer,
  decided: RecordedDecision,
  policy: Policy,
): string | null {
  const page = askingPages(story).find(({ incident }) => incident.id === answer.incidentId);
  if (page !== undefined && !asksForTheSame(page.shown, decided.request)) return OUTDATED;
  if (facts === null) return 'it is not recorded by what evidence it counted: answer again';
  const approver = { byId: answer.by.id, facts };
  // Heard by an earlier version, which did not ask.
  if (facts.binding === undefined && !areTwoPeople(decided, approver, policy)) {
    return 'it is not known that whoever answered and the requester are two people: answer again';
  }
  const { state, why } = judgeAnswer(answer, decided, facts, policy);
  if (state === 'counted') return null;
  const changed = 'what the rules ask has changed since it was heard, and now';
  return state === 'refused'
    ? `${changed} ${why}`
    : `${changed} it is not known whether it counts (${why}): answer again`;
}
