import type { RecordedDecision } from '../record/ledger-entry.ts';
import type { Story } from '../record/story.ts';

/**
 * The decision by which the service's own review stands in Teleport; null where none does. It is not always the decision in
 * force: a review whose answer was lost may have been taken although the request was decided anew in the meantime. Whatever
 * follows from access that was given (its end, the look at broken glass, the word on the live incident) follows from this one.
 */
export function standingDecision({ effects, ended }: Story): RecordedDecision | null {
  const reviews = [...effects.values()].filter(
    ({ intended, done }) => intended.kind === 'review' && done?.ours === true,
  );
  // Of several that were tried only one can stand. Teleport: the resolve reason is that of the review that settled the request.
  const settling = reviews.find(
    ({ intended }) => intended.kind === 'review' && intended.reason === ended?.reason,
  );
  return (settling ?? reviews.at(-1))?.under ?? null;
}
