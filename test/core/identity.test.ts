import { describe, expect, it } from 'vitest';
import { canonicalEmail, isEmail, sameEmail } from '../../src/core/identity.ts';

describe('two e-mail addresses are the same', () => {
  it.each([
    ['in another case', 'Sre-1@Example.COM', 'sre-1@example.com'],
    ['with blanks around', ' sre-1@example.com\n', 'sre-1@example.com'],
    ['composed otherwise', 'jose\u0301@example.com', 'jos\u00e9@example.com'],
  ])('%s', (_how, one, other) => {
    expect(sameEmail(one, other)).toBe(true);
    expect(sameEmail(other, one)).toBe(true);
  });

  it.each([
    ['with a plus tag', 'sre-1+prod@example.com', 'sre-1@example.com'],
    ['with dots', 's.re-1@example.com', 'sre-1@example.com'],
    ['at another domain', 'sre-1@example.com', 'sre-1@example.org'],
    ['in letters that only look alike', 'sre-1@ex\u0430mple.com', 'sre-1@example.com'],
    ['in full-width letters', '\uff53re-1@example.com', 'sre-1@example.com'],
  ])('but not %s', (_how, one, other) => {
    expect(sameEmail(one, other)).toBe(false);
  });

  it('for which one spelling stands', () => {
    expect(canonicalEmail(' Jose\u0301@Example.COM ')).toBe('jos\u00e9@example.com');
  });
});

describe('a bare e-mail address', () => {
  it.each(['sre-1@example.com', 'a@b', "o'neil+ops@sub.example.com", 'jos\u00e9@ex\u00e4mple.com'])(
    'is `%s`',
    (text) => {
      expect(isEmail(text)).toBe(true);
    },
  );

  it.each([
    'sre-1',
    '',
    '@',
    '@example.com',
    'sre-1@',
    'a@b@c',
    'sre 1@example.com',
    'sre-1@example com',
    ' sre-1@example.com',
    'sre-1@example.com\n',
    'Sam One <sre-1@example.com>',
    'sre-1@example.com,boss@example.com',
    'sre-1@example.com;boss@example.com',
    'mailto:sre-1@example.com',
    'sre(1)@example.com',
    '"sre-1"@example.com',
  ])('is not `%s`', (text) => {
    expect(isEmail(text)).toBe(false);
  });
});
