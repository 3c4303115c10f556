import { describe, expect, it } from 'vitest';
import type { Review, Threshold } from '../../../src/core/access-request.ts';
import { mostNeeded, whyNotInServiceName } from '../../../src/core/answers/in-service-name.ts';

type Question = Parameters<typeof whyNotInServiceName>[1];

const approval: Question = { propose: 'approved', teleportUser: 'sre-1', by: 'review' };
const denial: Question = { ...approval, propose: 'denied' };

function threshold(approve: number, deny = 1, filter = ''): Threshold {
  return { name: 'some', filter, approve, deny };
}

function review(author: string, proposedState: Review['proposedState'] = 'approved'): Review {
  return { author, proposedState, reason: '', created: null, submittedBy: null };
}

const given = [review('sre-3')];
const refusedBy = [review('sre-3', 'denied')];
const filtered = 'contains(reviewer.roles, "lead")';

describe('the service’s own name stands for an approver', () => {
  it.each<[string, Question, readonly Threshold[], readonly Review[]]>([
    ['by the only approval that is asked for', approval, [threshold(1)], []],
    ['by the last of two', approval, [threshold(2)], given],
    ['by the last of all thresholds', approval, [threshold(2), threshold(1), threshold(0)], given],
    ['where the requester’s roles have no threshold', approval, [], []],
    ['by the only denial that is asked for', denial, [threshold(3, 1)], []],
    ['by a denial that one of the thresholds takes', denial, [threshold(1, 2), threshold(1, 1)], []],
    ['by the second of two denials', denial, [threshold(1, 2)], refusedBy],
    ['by one that a filter counts as the last, or not at all', approval, [threshold(1, 1, filtered)], given],
    ['by a denial, as filters have it', denial, [threshold(1, 1, filtered), threshold(1, 1, filtered)], []],
  ])('%s', (_how, question, thresholds, reviews) => {
    expect(whyNotInServiceName({ thresholds, reviews }, question)).toBeNull();
  });

  it('where Teleport asks for one review, since no threshold says otherwise', () => {
    expect(mostNeeded({ thresholds: [] }, 'approved')).toBe(1);
  });

  it('by setting the state, whatever the thresholds ask for', () => {
    expect(
      whyNotInServiceName({ thresholds: [threshold(2)], reviews: [] }, { ...approval, by: 'state' }),
    ).toBeNull();
  });
});

describe('the service’s own name does not stand for an approver', () => {
  it.each<[string, Question, readonly Threshold[], readonly Review[], RegExp]>([
    ['for the first of two', approval, [threshold(2)], [], /needs 2 approvals, of which 0 are given/u],
    ['for the 2nd', approval, [threshold(1), threshold(3)], given, /needs 3 approvals, of which 1 is given/u],
    ['for an approval where some denied', approval, [threshold(2, 2)], refusedBy, /of which 0 are given/u],
    ['for the first of two denials', denial, [threshold(1, 2)], [], /needs 2 denials, of which 0 are given/u],
    ['where no number of approvals approves', approval, [threshold(0)], [], /by no number of approvals/u],
    ['where no number of denials denies', denial, [threshold(1, 0)], [], /by no number of denials/u],
    ['with two filters', approval, [threshold(1), threshold(1, 1, filtered)], [], /thresholds have filters/u],
    ['where filters may not count', approval, [threshold(2, 1, filtered)], given, /thresholds have filters/u],
    [
      'for a denial that may be counted by the threshold that it does not settle',
      denial,
      [threshold(1, 1, filtered), threshold(1, 2)],
      [],
      /needs 2 denials/u,
    ],
  ])('%s', (_how, question, thresholds, reviews, why) => {
    expect(whyNotInServiceName({ thresholds, reviews }, question)).toMatch(why);
  });

  it.each(['review', 'state'] as const)(
    'who may have reviewed in Teleport under a name that is not known here (by %s)',
    (by) => {
      const standing = { thresholds: [threshold(2)], reviews: given };

      expect(whyNotInServiceName(standing, { ...approval, by, teleportUser: null })).toMatch(
        /reviewed in Teleport already/u,
      );
      expect(
        whyNotInServiceName(
          { ...standing, thresholds: [threshold(1)], reviews: [] },
          { ...approval, by, teleportUser: null },
        ),
      ).toBeNull();
    },
  );
});
