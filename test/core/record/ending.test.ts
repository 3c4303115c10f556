import { describe, expect, it } from 'vitest';
import { endingOf, emptyStory, storyOf } from '../../../src/core/record/story.ts';
import { plusMs } from '../../../src/core/values/instant.ts';
import { aRecordedDecision, aRequest, NOW } from '../../support/builders.ts';

function theirReview(author: string, proposedState: 'approved' | 'denied') {
  return { author, proposedState, reason: '', created: NOW, submittedBy: null };
}

describe('a request that Teleport has', () => {
  it('has not ended while it is pending, or in a state that is not known here', () => {
    expect(endingOf(aRequest(), emptyStory, NOW)).toBeNull();
    expect(endingOf(aRequest({ state: 'unknown' }), emptyStory, NOW)).toBeNull();
    expect(endingOf(aRequest({ requestExpires: null }), emptyStory, NOW)).toBeNull();
  });

  it('has expired at its expiry, though Teleport may list it a little longer', () => {
    const expired = { state: 'expired', by: null, reason: '' };

    expect(endingOf(aRequest({ requestExpires: NOW }), emptyStory, NOW)).toEqual(expired);
    expect(endingOf(aRequest({ requestExpires: plusMs(NOW, -1) }), emptyStory, NOW)).toEqual(expired);
    expect(endingOf(aRequest({ requestExpires: plusMs(NOW, 1) }), emptyStory, NOW)).toBeNull();
  });

  it('was ended by the last who proposed what it came to, with the reason that stands there', () => {
    const reviews = [
      theirReview('sre-2', 'approved'),
      theirReview('sre-3', 'approved'),
      theirReview('sre-4', 'denied'),
    ];

    expect(endingOf(aRequest({ state: 'approved', reviews, resolveReason: 'go' }), emptyStory, NOW)).toEqual({
      state: 'approved',
      by: 'sre-3',
      reason: 'go',
      at: NOW,
    });
    const timeless = reviews.map((each) => ({ ...each, created: null }));
    const untimed = endingOf(aRequest({ state: 'approved', reviews: timeless }), emptyStory, NOW);
    expect(untimed).not.toHaveProperty('at');
    expect(endingOf(aRequest({ state: 'denied', reviews }), emptyStory, NOW)).toEqual({
      state: 'denied',
      by: 'sre-4',
      reason: '',
    });
  });

  it('was ended by nobody known where there is no such review, also after its expiry', () => {
    const request = aRequest({ state: 'promoted', requestExpires: plusMs(NOW, -1) });

    expect(endingOf(request, emptyStory, NOW)).toEqual({ state: 'promoted', by: null, reason: '' });
    expect(endingOf(aRequest({ state: 'approved' }), emptyStory, NOW)).toEqual({
      ...{ state: 'approved', by: null, reason: '' },
    });
  });
});

describe('a request that Teleport has no more', () => {
  const expires = (requestExpires: ReturnType<typeof plusMs> | null) =>
    storyOf([{ event: aRecordedDecision({ request: aRequest({ requestExpires }) }), at: NOW }]);

  it.each([
    ['has expired, if its time was over', NOW, 'expired'],
    ['was deleted before that', plusMs(NOW, 1), 'deleted'],
    ['was deleted, if no expiry is known', null, 'deleted'],
  ])('%s', (_how, requestExpires, state) => {
    expect(endingOf(null, expires(requestExpires), NOW)).toEqual({ state, by: null, reason: '' });
  });

  it('was deleted, if it was never decided', () => {
    expect(endingOf(null, emptyStory, NOW)).toEqual({ state: 'deleted', by: null, reason: '' });
  });
});
