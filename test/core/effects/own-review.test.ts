import { describe, expect, it } from 'vitest';
import {
  needsMoreReviews,
  reviewIsOurs,
  reviewKey,
  standingDecision,
} from '../../../src/core/effects/own-review.ts';
import type { Effect } from '../../../src/core/record/effect.ts';
import { aRecordedDecision } from '../../support/builders.ts';
import { aNote, done, due, escalated, sole, story } from '../telling.ts';

describe('a review of the service’s own', () => {
  const decided = aRecordedDecision();
  const { decisionId } = decided;
  const reason = 'Sam One is on call';
  const review: Effect = { kind: 'review', key: 'review', decisionId, propose: 'approved', reason };
  const given = { ours: true, stillPending: true };

  it.each<[string, Effect, boolean]>([
    ['a review', review, true],
    ['a page', sole(due([escalated()])), false],
    ['a note', aNote(decided, 'live-note', { id: 'Q1' }, 'somebody was let in'), false],
  ])('stands, and may ask for more, where %s was done: %s', (_what, effect, stands) => {
    const told = story([decided, ...done(effect, given)]);

    expect(reviewIsOurs(told)).toBe(stands);
    expect(needsMoreReviews(told)).toBe(stands);
    expect(standingDecision(told)).toEqual(stands ? decided : null);
    expect(reviewKey(told, decided)).toBe('review');
  });
});
