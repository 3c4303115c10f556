import { nthReviewKey } from '../record/effect-keys.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { Story } from '../record/story.ts';

/** The key of the review under the decision in force. */
export function reviewKey({ effects }: Story, { decisionId }: RecordedDecision): string {
  const reviews = [...effects.values()].flatMap(({ intended }) =>
    intended.kind === 'review' ? [intended] : [],
  );
  const own = reviews.find((review) => review.decisionId === decisionId);
  return own?.key ?? nthReviewKey(reviews.length + 1);
}

/** Whether a review of this service stands, be it under a decision that was replaced before that was known. */
export function reviewIsOurs({ effects }: Story): boolean {
  return [...effects.values()].some(
    ({ intended, done }) => intended.kind === 'review' && done?.ours === true,
  );
}

/** Whether our review stands and the request waits for more of them: then a person is asked. */
export function needsMoreReviews({ effects }: Story): boolean {
  return [...effects.values()].some(
    ({ intended, done }) => intended.kind === 'review' && done?.ours === true && done.stillPending === true,
  );
}

/**
 * The decision by which the service's own review stands in Teleport; null where none does. It is not always the decision in
 * force: a review whose answer was lost may have been taken although the request was decided anew in the meantime. Whatever
 * follows from access that was given (its end, the look at broken glass, the word on the live incident) follows from this one.
 */
export function standingDecision({ effects, ended }: Story): RecordedDecision | null {
  const reviews = [...effects.values()].flatMap(({ intended, done, under }) =>
    intended.kind === 'review' && done?.ours === true ? [{ reason: intended.reason, under }] : [],
  );
  // Of several that were tried only one can stand. Teleport: the resolve reason is that of the review that settled the request.
  const settling = reviews.find(({ reason }) => reason === ended?.reason);
  return (settling ?? reviews.at(-1))?.under ?? null;
}
