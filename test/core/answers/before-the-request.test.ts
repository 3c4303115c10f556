import { describe, expect, it } from 'vitest';
import type { AnswerFacts, PageReading } from '../../../src/core/answers/answer.ts';
import { judgeAnswer } from '../../../src/core/answers/judge-answer.ts';
import { MINUTE, plusMs, type Instant } from '../../../src/core/values/instant.ts';
import {
  aCause,
  anAnswer,
  aPolicy,
  aRecordedDecision,
  aRequest,
  NOW,
  onCallWith,
  someAnswerFacts,
  someFacts,
} from '../../support/builders.ts';

/** The judgement of an answer at that moment to a request that was made at `NOW`. */
function judged(at: Instant, created: Instant | null = NOW) {
  const decided = aRecordedDecision({
    request: aRequest({ created }),
    facts: someFacts({ onCall: onCallWith() }),
  });
  return judgeAnswer(anAnswer({ at }), decided, someAnswerFacts(), aPolicy());
}

it('an answer from before there was a request does not count', () => {
  expect(judged(plusMs(NOW, -MINUTE - 1))).toEqual({
    state: 'refused',
    why: 'it was given at 2026-03-03T02:13:06.999Z, before this request was made',
  });
});

it('one by a clock a little behind does, and one to a request of which Teleport does not say when', () => {
  expect(judged(plusMs(NOW, -MINUTE)).state).toBe('counted');
  expect(judged(plusMs(NOW, -MINUTE - 1), null).state).toBe('counted');
});

describe('of the page that it is on', () => {
  const onPage = (page: PageReading, at = NOW) =>
    judgeAnswer(
      anAnswer({ at }),
      aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }) }),
      { ...someAnswerFacts(), page },
      aPolicy(),
    );

  it('an answer from before it was opened does not count, one from then on does', () => {
    const page = { state: 'as-sent', since: NOW } as const;

    expect(onPage(page).state).toBe('counted');
    expect(onPage(page, plusMs(NOW, -1))).toEqual({
      state: 'refused',
      why: 'it was given at 2026-03-03T02:14:06.999Z, before this page was opened',
    });
  });

  it.each(['title', 'text'] as const)('no answer counts once its %s was changed', (what) => {
    expect(onPage({ state: 'changed', what })).toEqual({
      state: 'refused',
      why: `the ${what} of this incident is not what was sent any more: answer in Teleport, by what stands there`,
    });
  });

  it.each([
    ['outdated', /was changed in Teleport after this page was opened/u],
    ['merged', /write it on the page that was opened anew/u],
  ] as const)('none counts on a page that is %s, and where to answer is told', (state, why) => {
    const judged = onPage({ state });

    expect(judged.state === 'refused' && judged.why).toMatch(why);
  });

  it('none counts before it is known what it says', () => {
    expect(onPage({ state: 'unknown', cause: aCause({ message: '503' }) })).toEqual({
      state: 'unknown',
      why: 'whether the page still says what was sent is not known: 503',
    });
  });
});

it.each<[NonNullable<AnswerFacts['lock']>, { readonly state: string; readonly why?: string }]>([
  [{ state: 'known', lockedUser: null }, { state: 'counted' }],
  [
    { state: 'known', lockedUser: 'sam\none' },
    {
      state: 'refused',
      why: 'Taylor Two is locked in Teleport, as sam one: somebody else must answer, or the lock be taken away there first',
    },
  ],
  [
    { state: 'unknown', cause: aCause({ message: 'Teleport is down' }) },
    { state: 'unknown', why: 'whether Taylor Two is locked in Teleport is not known: Teleport is down' },
  ],
])('does not count of who is locked in Teleport: %j', (lock, expected) => {
  const decided = aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }) });

  expect(judgeAnswer(anAnswer(), decided, { ...someAnswerFacts(), lock }, aPolicy())).toMatchObject(expected);
});
