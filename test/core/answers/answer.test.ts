import { expect, it } from 'vitest';
import { answerCode } from '../../../src/core/answers/answer.ts';
import { aRequest } from '../../support/builders.ts';

it('the code of a request is the end of its id, in capitals, without what is hard to type', () => {
  expect(answerCode(aRequest().id)).toBe('E1B44');
  expect(answerCode('0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1-b-4')).toBe('7E1B4');
  expect(answerCode('ab')).toBe('AB');
});
