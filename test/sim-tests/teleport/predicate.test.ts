import { describe, expect, it } from 'vitest';
import { matchesPredicate } from '../../sim/teleport/predicate.ts';

const context = {
  reviewer: { roles: ['sres'], traits: { team: ['payments'] } },
  request: { roles: ['prodaccess'], reason: 'INC-1', system_annotations: { a: ['1', '2'] } },
};

describe('a predicate', () => {
  it.each([
    ['', true],
    ['contains(reviewer.roles, "sres")', true],
    ['contains(reviewer.traits["team"], "search")', false],
    ['contains(request.system_annotations["a"], "2")', true],
    ['contains(request.system_annotations["absent"], "2")', false],
    ['!contains(reviewer.roles, "sres") || equals(request.reason, "INC-1")', true],
    ['contains(reviewer.roles, "sres") && (equals(request.reason, "x") || equals("a", "b"))', false],
    ['regexp.match(request.roles, "^prod")', true],
  ])('%s is %s', (expression, expected) => {
    expect(matchesPredicate(expression, context)).toBe(expected);
  });

  it.each(['contains(', 'nonesuch.roles', 'reviewer.roles', 'guess(a, b)', '"text"', 'equals("a" "b")', '@'])(
    'which cannot be read is refused: %s',
    (expression) => {
      expect(() => matchesPredicate(expression, context)).toThrow();
    },
  );
});
