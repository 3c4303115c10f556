import { expect, it } from 'vitest';
import { anyOf, met, notMet, unknown } from '../../../src/core/conditions/condition.ts';
import { aCause } from '../../support/builders.ts';

const [yes, no, open] = [met('on-call', ''), notMet('on-call', '', ''), unknown('responder', aCause())];

it.each([
  ['met', [no, open, yes]],
  ['unknown', [no, open]],
  ['not-met', [no, no]],
  ['not-met', []],
] as const)('conditions of which any is enough are %s', (answer, conditions) => {
  expect(anyOf(conditions)).toBe(answer);
  expect(anyOf(conditions.toReversed())).toBe(answer);
});
