import type { RecordedDecision } from './ledger-entry.ts';
import type { Story } from './story.ts';

/** The key of the review under the decision in force. */
export function reviewKey({ effects }: Story, { decisionId }: RecordedDecision): string {
  const reviews = [...effects.values()]
    .map(({ intended }) => intended)
    .filter(({ kind }) => kind === 'review');
  const own = reviews.find((review) => review.kind === 'review' && review.decisionId === decisionId);
  return own?.key ?? (reviews.length === 0 ? 'review' : `review ${reviews.length + 1}`);
}

/** Whether this service's own review stands. */
export function reviewIsOurs(story: Story, decided: RecordedDecision): boolean {
  return story.effects.get(reviewKey(story, decided))?.done?.ours ?? false;
}
