import { describe, expect, it } from 'vitest';
import { allWithin, within } from '../../../src/core/resources/requested-text.ts';

describe('a requested name under the patterns of a rule', () => {
  it.each<[string, readonly string[], string]>([
    ['payments/db-0', ['payments/*'], 'met'],
    ['payments/db-0', ['search/*', 'payments/db-0'], 'met'],
    ['search/db-0', ['payments/*'], 'not-met'],
    // Wildcards: as wide as the pattern at most.
    ['*', ['*'], 'met'],
    ['payments/*', ['payments/*'], 'met'],
    ['payments/db-*', ['payments/*'], 'met'],
    ['*', ['payments/*'], 'unknown'],
    ['*/*', ['payments/db-0'], 'unknown'],
    ['pay*', ['payments/*'], 'unknown'],
    ['payments/*', ['payments/db-*'], 'unknown'],
    ['search/*', ['payments/*'], 'not-met'],
    ['*/web', ['payments/db'], 'not-met'],
    ['payments-*', ['pay*x'], 'unknown'],
    ['a*b', ['a-*-xb'], 'unknown'],
    ['a*-xb', ['ab*b'], 'unknown'],
    // Regular expressions: only where the pattern has everything in their place, or is the same.
    ['^.*$', ['*'], 'met'],
    ['^db-.*$', ['^db-.*$'], 'met'],
    ['payments/^db-.*$', ['payments/*'], 'met'],
    ['payments/^db-.*$', ['payments/db-*'], 'unknown'],
    ['^pay.*$/db-0', ['*/db-0'], 'met'],
    ['^pay.*$/db-0', ['payments/*'], 'unknown'],
    ['^pay.*$/db-0', ['payments/web'], 'not-met'],
    ['^db-.*$', ['^db*'], 'unknown'],
    ['^a$/x/^b$', ['*x*'], 'unknown'],
    // A broken expression is no name either.
    ['^db', ['^db*'], 'unknown'],
    ['db$', ['db*'], 'unknown'],
    ['$db', ['*db'], 'unknown'],
    ['db$', ['*'], 'met'],
    ['a$b^c', ['a$b*'], 'met'],
    ['a$b^c', ['a$b*c'], 'unknown'],
    ['^db', ['*!'], 'unknown'],
    ['^a$-b', ['*$-b'], 'unknown'],
  ])('%s under %j is %s', (requested, patterns, answer) => {
    expect(within(patterns, requested)).toBe(answer);
  });

  it('is judged together with others: of all, of none, of a part', () => {
    expect(allWithin(['r*'], ['root', 'readonly'])).toBe('met');
    expect(allWithin(['r*'], ['ubuntu', 'admin'])).toBe('not-met');
    expect(allWithin(['r*'], ['root', 'ubuntu'])).toBe('unknown');
    expect(allWithin(['r*'], ['*'])).toBe('unknown');
    expect(allWithin(['r*'], [])).toBe('unknown');
  });
});
