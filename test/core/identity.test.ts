import { describe, expect, it } from 'vitest';
import { canonicalEmail, identityFor, isEmail, sameEmail, type Identity } from '../../src/core/identity.ts';

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
    ['with the Kelvin sign for a k', '\u212aim@example.com', 'kim@example.com'],
    ['with a long s', '\u017fam@example.com', 'sam@example.com'],
    ['with a dotless i', 'k\u0131m@example.com', 'kim@example.com'],
    ['with a dotted I', 'k\u0130m@example.com', 'kim@example.com'],
    ['in another case of a letter beyond ASCII', 'jos\u00c9@example.com', 'jos\u00e9@example.com'],
    ['in full-width letters', '\uff53re-1@example.com', 'sre-1@example.com'],
  ])('but not %s', (_how, one, other) => {
    expect(sameEmail(one, other)).toBe(false);
  });

  it('whose ASCII letters no other character turns into', () => {
    for (let code = 0x80; code <= 0xffff; code += 1) {
      const address = `a${String.fromCharCode(code)}b@example.com`;
      if (/^[\0-\x7f]*$/u.test(canonicalEmail(address))) expect.unreachable(`U+${code.toString(16)}`);
    }
  });

  it('for which one spelling stands', () => {
    expect(canonicalEmail(' Jose\u0301@Example.COM ')).toBe('jos\u00e9@example.com');
    expect(canonicalEmail('Sre-1@Example.COM')).toBe('sre-1@example.com');
    expect(canonicalEmail('\u212aim@Example.COM')).toBe('\u212aim@example.com');
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

it('a local user is somebody to rules that name them, and everybody else whoever they are', () => {
  const sam = { state: 'recognised', id: 'P1', name: null, email: null, source: 'trait `email`' } as const;
  const local: Identity = { ...sam, local: true };

  expect(identityFor({ name: 'a', localUsers: ['sam'] }, 'sam', local)).toBe(local);
  expect(identityFor({ name: 'a' }, 'sam', sam)).toBe(sam);
  for (const localUsers of [undefined, ['robin']])
    expect(identityFor({ name: 'a', ...(localUsers && { localUsers }) }, 'sam', local)).toEqual({
      state: 'unrecognised',
      why: 'sam is a local user of Teleport, whom rule a does not name in `local_users`',
    });
  expect(identityFor({ name: 'a' }, 'sam', { state: 'unrecognised', why: 'nobody' }).state).toBe(
    'unrecognised',
  );
});
