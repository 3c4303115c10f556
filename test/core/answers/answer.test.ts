import { describe, expect, it } from 'vitest';
import { answerCode, parseAnswer } from '../../../src/core/answers/answer.ts';
import { aRequest } from '../../support/builders.ts';

describe('the code of a request', () => {
  it('is the end of its id, in capitals, without what is hard to type', () => {
    expect(answerCode(aRequest().id)).toBe('E1B44');
    expect(answerCode('0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1-b-4')).toBe('7E1B4');
    expect(answerCode('ab')).toBe('AB');
  });
});

describe('a note is an answer', () => {
  it.each([
    ['approve E1B44', 'approved', ''],
    ['deny E1B44 not tonight', 'denied', 'not tonight'],
    [' \nApprove: e1b44  go\tahead ', 'approved', 'go ahead'],
    ['APPROVE\nE1B44', 'approved', ''],
    ['deny E1B44 no\nand a second line', 'denied', 'no'],
    ['approve E1B44\nand a second line', 'approved', ''],
  ])('%j', (content, propose, reason) => {
    expect(parseAnswer(content, 'E1B44')).toEqual({ propose, reason, codeIsRight: true });
  });

  it.each([
    ['approve', ''],
    ['approve E1B45 please', 'please'],
    ['approve E1B44. fine', 'fine'],
    ['approve, E1B44', 'E1B44'],
  ])('that does not name the request: %j', (content, reason) => {
    expect(parseAnswer(content, 'E1B44')).toEqual({ propose: 'approved', reason, codeIsRight: false });
  });

  it.each([
    ['approve E1B44 NOT before Monday', 'NOT'],
    ["approve E1B44 please don't", "don't"],
    ['approve E1B44 please don\u2019t', 'don\u2019t'],
    ['approve E1B44\nno wait, wrong one', 'no'],
    ['approve E1B44 fine\n\nCancel that', 'Cancel'],
    ['approve E1B44 unless Robin is back', 'unless'],
    ['approve E1B44 \uff4e\uff4f\uff54 yet', 'not'],
    ['approve E1B44, deny', 'deny'],
    ...['cancel', 'cancelled', 'canceled', 'rescinded', 'revoked', 'withdrawn'].map((word) => [
      `approve E1B44 - ${word}`,
      word,
    ]),
    ['approve E1B44 noch nicht', 'nicht'],
  ])('of which it must be asked whether it is one: %j', (content, takenBackBy) => {
    expect(parseAnswer(content, 'E1B44')).toMatchObject({ propose: 'approved', takenBackBy });
  });

  it.each([
    'approve E1B44 notify me, knot, nominal, Norwegian can, iffy',
    'deny E1B44 not before Monday',
    'approve E1B44',
  ])('as it stands: %j', (content) => {
    expect(parseAnswer(content, 'E1B44')).not.toHaveProperty('takenBackBy');
  });

  it.each([
    '',
    'approved E1B44',
    'I approve E1B44',
    'denying E1B44',
    'E1B44 approve',
    'looking at it\napprove E1B44',
  ])('but not %j', (content) => {
    expect(parseAnswer(content, 'E1B44')).toBeNull();
  });

  it('whose words are cut', () => {
    expect(parseAnswer(`approve E1B44 ${'w'.repeat(600)}`, 'E1B44')?.reason).toBe(`${'w'.repeat(499)}…`);
  });

  it('to no request in particular where the request has no code', () => {
    expect(parseAnswer('approve', '')?.codeIsRight).toBe(false);
  });
});
