import { expect, it } from 'vitest';
import { judgeAnswer } from '../../../src/core/answers/judge-answer.ts';
import { MINUTE, plusMs, type Instant } from '../../../src/core/values/instant.ts';
import {
  anAnswer,
  aPolicy,
  aRecordedDecision,
  aRequest,
  NOW,
  onCallWith,
  someAnswerFacts,
  someFacts,
} from '../../builders.ts';

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
