import { describe, expect, it } from 'vitest';
import { emptyStory } from '../../src/core/record/story.ts';
import { lookAtShift } from '../../src/review/follow-up/watch-access.ts';
import { aPolicy, aRecordedDecision, NOW, ROOT_CLUSTER } from '../support/builders.ts';

function fail(): never {
  throw new Error('nothing needs to be asked');
}

function unasked(): Promise<never> {
  return Promise.reject(new Error('nothing needs to be asked'));
}

/** Teleport and PagerDuty as they are to who does not ask them. */
const gathering = {
  users: { user: unasked, loginState: unasked, search: unasked },
  nodes: { hostNames: unasked, labels: unasked },
  rootCluster: ROOT_CLUSTER,
  roster: {
    onCall: unasked,
    during: unasked,
    coming: unasked,
    atHand: fail,
    service: unasked,
    usersByEmail: unasked,
    health: fail,
  },
  addresses: { compare: unasked },
  incidents: {
    find: unasked,
    openOn: unasked,
    mergedOn: unasked,
    helpRequests: unasked,
    resolutions: unasked,
  },
  ownership: { reading: () => undefined },
  clock: { now: () => NOW },
  policy: aPolicy(),
};

describe('a look at whether access goes on', () => {
  it('ends nothing where no rule says that it ends', async () => {
    const decided = aRecordedDecision({ endsAccess: [] });

    expect(await lookAtShift(emptyStory, decided, gathering, new AbortController().signal)).toEqual({
      state: 'unknown',
      why: 'no rule says when the access ends',
    });
  });
});
