import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesAny, matchesPattern } from '../../../src/core/values/pattern.ts';
import { check } from '../arbitrary-text.ts';

describe('a pattern', () => {
  it.each([
    ['prodaccess', 'prodaccess'],
    ['*', 'prodaccess'],
    ['*', ''],
    ['prod*', 'prod'],
    ['prod*', 'prodaccess'],
    ['*access', 'prodaccess'],
    ['prod*access', 'prodaccess'],
    ['p*d*c*s', 'prodaccess'],
    ['p**s', 'prodaccess'],
    ['*od*', 'prodaccess'],
    ['a*b*ab', 'aXbYab'],
    ['*aab*', 'aaab'],
    ['prod.access', 'prod.access'],
    ['', ''],
  ])('`%s` stands for `%s`', (pattern, role) => {
    expect(matchesPattern(pattern, role)).toBe(true);
  });

  it.each([
    ['prodaccess', 'prodaccess2'],
    ['prodaccess', 'Prodaccess'],
    ['prod*', 'preprod'],
    ['*access', 'accessory'],
    ['prod*access', 'prodacces'],
    ['prod*prod', 'prod'],
    ['aba*aba', 'ababa'],
    ['a*b*c', 'acb'],
    ['a*b*b', 'ab'],
    ['a*bc*c', 'abc'],
    ['*ab*b', 'ab'],
    ['*x*', 'prodaccess'],
    ['x*a*a*', 'xa'],
    ['prod.access', 'prodXaccess'],
    ['prod?ccess', 'prodaccess'],
    ['[a-z]*', 'prodaccess'],
    ['', 'prodaccess'],
  ])('`%s` does not stand for `%s`', (pattern, role) => {
    expect(matchesPattern(pattern, role)).toBe(false);
  });

  it('means what the regular expression with `.*` for `*` means', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const role = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
    check(fc.tuple(letters, role), ([pattern, name]) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);

      expect(matchesPattern(pattern, name)).toBe(expression.test(name));
    });
  });
});

it('several patterns stand for a text when one of them does', () => {
  expect(matchesAny(['db*', 'prod*'], 'prodaccess')).toBe(true);
  expect(matchesAny(['db*', 'web'], 'prodaccess')).toBe(false);
  expect(matchesAny([], 'prodaccess')).toBe(false);
});
