import { describe, expect, it } from 'vitest';
import type { Answer, AnswerFacts } from '../../../src/core/answers/answer.ts';
import { judgeAnswer, mayAnswer } from '../../../src/core/answers/judge-answer.ts';
import { readAsWords, refusalNote } from '../../../src/core/wording/notes.ts';
import { onBehalfReason } from '../../../src/core/wording/reviews.ts';
import {
  aCause,
  anAnswer,
  anAnswered,
  aPolicy,
  aRecordedDecision,
  aRule,
  onCallWith,
  someAnswerFacts,
  someFacts,
} from '../../support/builders.ts';

const escalated = () => aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }) });

function judged(answer: Partial<Answer>, { facts = {} }: { facts?: Partial<AnswerFacts> } = {}) {
  return judgeAnswer(anAnswer(answer), escalated(), someAnswerFacts(facts), aPolicy());
}

describe('a note that is no answer', () => {
  const remedy = 'write `approve E1B44` alone to let sre-1 in, or `deny E1B44` and why';

  it.each([
    ['no verb', 'it names E1B44 and does not say what is to become of it'],
    ['no code', 'it does not say which request it is for'],
    ['question', 'it asks something'],
    ['quotation', 'it repeats what stands elsewhere'],
    ['several verbs', 'it says more than one thing'],
    ['several codes', 'it may be for more than one request, and each needs a note of its own'],
    ['other words', 'what stands around E1B44 is not understood'],
    ['over', 'the request that it names is over'],
    ['acknowledged', 'acknowledging does not approve this request'],
    ['talk', 'it says neither yes nor no'],
  ] as const)('is told what was understood, and how to answer: %s', (unclear, understood) => {
    expect(judged({ unclear, codeIsRight: false, propose: null })).toEqual({
      state: 'refused',
      why: `${understood}: ${remedy}`,
    });
  });

  it('is told where to, on what a page was merged into', () => {
    const merged = { page: { state: 'merged' } } as const;

    expect(judged({ unclear: 'question' }, { facts: merged }).why).toContain('was merged into this incident');
  });

  it('ends nothing that is not given', () => {
    expect(judged({ propose: 'revoked' })).toEqual({
      state: 'refused',
      why: `nothing is given yet that could end: ${remedy}`,
    });
  });

  it.each([
    ['may answer', {}, {}, 'counted'],
    ['may answer, and has edited it', { edited: true, takenBackBy: 'not' }, {}, 'counted'],
    ['has acknowledged', { how: 'acknowledge' as const }, {}, 'counted'],
    ['is not on call', {}, { onCall: onCallWith() }, 'refused'],
    ['asks for it themselves', { by: { id: 'PSAM1RE', name: 'Sam One', isUser: true } }, {}, 'refused'],
    ['asks for it by another account', {}, { teleportUser: 'sre-1' }, 'refused'],
    ['is no person', { by: { id: 'PTAY2RE', name: 'bot', isUser: false } }, {}, 'refused'],
    ['may be on call', {}, { onCall: { state: 'unknown' as const, cause: aCause() } }, 'unknown'],
  ])('is by somebody who %s', (_who, answer, facts, state) => {
    const said = anAnswer({ unclear: 'talk', codeIsRight: false, propose: null, ...answer });

    expect(mayAnswer(said, escalated(), someAnswerFacts(facts), aPolicy())).toBe(state);
  });

  it('is by somebody who is asked also where the answer is to be given in Teleport', () => {
    const said = anAnswer({ unclear: 'talk', codeIsRight: false, propose: null });
    const inTeleport = aPolicy({
      rules: [aRule({ approvers: { ...aRule().approvers, answerBy: ['teleport'] } })],
    });

    expect(mayAnswer(said, escalated(), someAnswerFacts(), inTeleport)).toBe('counted');
    expect(judgeAnswer(said, escalated(), someAnswerFacts(), inTeleport).why).toContain(
      'must be answered in Teleport',
    );
  });
});

describe('a slip of the keyboard', () => {
  it.each([
    ['approved', 'aprove', ' “aprove” was read as `approve`.'],
    ['denied', 'dney', ' “dney” was read as `deny`.'],
    ['revoked', 'revokee', ' “revokee” was read as `revoke`.'],
  ] as const)('is told back: %s', (propose, spelt, words) => {
    expect(readAsWords({ propose, spelt })).toBe(words);
  });

  it('is not told where there was none, and stands in the reason of the review', () => {
    expect(readAsWords({ propose: 'approved' })).toBe('');
    expect(onBehalfReason(escalated(), anAnswered({ answer: anAnswer({ spelt: 'aprove' }) }))).toMatch(
      /^Approved by Taylor Two by note \(“aprove”\) in PagerDuty/u,
    );
  });
});

it('an acknowledgement that approves nothing is told as seen', () => {
  const answer = anAnswer({ how: 'acknowledge', unclear: 'acknowledged', propose: null });

  expect(refusalNote(anAnswered({ answer, why: 'write a note' }))).toBe('Seen by Taylor Two; write a note.');
});
