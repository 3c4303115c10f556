import { describe, expect, it } from 'vitest';
import type { LoginReading, UserReading } from '../../src/core/facts.ts';
import type { Binding, IdentitySource, PagerDutyUser } from '../../src/core/identity.ts';
import type { Policy } from '../../src/core/rule.ts';
import { PagerDutyError } from '../../src/ports/pagerduty.ts';
import { mapRequester } from '../../src/review/facts/map-requester.ts';
import { aCause, aPolicy, aRule, aTeleportUser, NOW } from '../support/builders.ts';
import { aSheet } from '../support/handled.ts';

const ask = { signal: new AbortController().signal, priority: 'decision' } as const;
const TRAIT: IdentitySource = { kind: 'trait', trait: 'email' };
const NAME: IdentitySource = { kind: 'username-is-email' };
const map = (users: Record<string, string>): IdentitySource => ({ kind: 'map', users });
const someone = (id: string): PagerDutyUser => ({ id, name: `Name ${id}`, email: `${id}@example.com` });
const clock = { now: () => NOW };
const known = (user: Partial<ReturnType<typeof aTeleportUser>> = {}, login?: LoginReading): UserReading => ({
  ...{ state: 'known', user: aTeleportUser(user) },
  ...(login === undefined ? {} : { login }),
});
const loggedIn = (...email: readonly string[]): LoginReading => ({
  state: 'known',
  effective: { roles: [], traits: { email } },
  fromLists: { roles: [], traits: {} },
});
const local = { rules: [aRule(), aRule({ localUsers: ['sre-1'] })] };

interface Row extends Partial<Policy> {
  readonly name?: string;
  readonly user?: UserReading;
  readonly binding?: Exclude<Binding, 'id'>;
}

/** Which PagerDuty user that is, and which addresses were looked for. */
async function mapped({ name = 'sre-1', user = known(), binding = 'unchanged-address', ...policy }: Row) {
  const asked: string[] = [];
  const people: Record<string, readonly PagerDutyUser[]> = {
    'sre-1@example.com': [someone('P1')],
    'both@example.com': [someone('P3'), someone('P2')],
    'down@example.com': [],
  };
  const found = await mapRequester(
    name,
    {
      user: Promise.resolve(user),
      roster: {
        usersByEmail(email) {
          asked.push(email);
          const isDown = email === 'down@example.com';
          return isDown
            ? Promise.reject(new PagerDutyError('unavailable', 'PagerDuty answers 503'))
            : Promise.resolve(people[email] ?? []);
        },
      },
      sheet: Promise.resolve(aSheet([])),
      addresses: { compare: () => Promise.resolve(binding) },
      clock,
      policy: aPolicy({ identities: [TRAIT, NAME], ...policy }),
    },
    ask,
  );
  return { found, asked };
}

describe('the requester', () => {
  const byTrait = {
    state: 'recognised',
    ...someone('P1'),
    source: 'trait `email`',
    binding: 'unchanged-address',
  };
  const nobody = 'no PagerDuty user is known for Teleport user sre-1 by ';
  const named = '`identities.map` can name them, or `local_users` of a rule';
  const notManaged = { addresses: 'unmanaged' } as const;
  const leads = 'trait `email` leads to PagerDuty user P1, ';

  it.each<[string, Row, object, readonly string[]]>([
    [
      'is whom the map names',
      { identities: [map({ 'sre-1': 'P9' }), TRAIT] },
      { state: 'recognised', id: 'P9', name: null, email: null, source: 'the map', binding: 'id' },
      [],
    ],
    [
      'is nobody by what every map has',
      { name: 'constructor', identities: [map({})] },
      { state: 'unrecognised', why: nobody.replace('sre-1', 'constructor') + 'the map' },
      [],
    ],
    [
      'is whom the map names, though the user is local',
      { identities: [map({ 'sre-1': 'P9' })], user: known({ sso: false }) },
      { state: 'recognised', id: 'P9' },
      [],
    ],
    [
      'is whose address the trait has',
      { user: known({ traits: { email: [' sre-1@example.com\n', 'no address'] } }) },
      byTrait,
      ['sre-1@example.com'],
    ],
    [
      'is whose address record and login have',
      {
        user: known(
          { traits: { email: ['other@example.com', 'SRE-1@example.com'] } },
          loggedIn('sre-1@example.com'),
        ),
      },
      byTrait,
      ['sre-1@example.com'],
    ],
    [
      'is not known where these have none in common',
      { user: known({}, loggedIn('list@example.com')) },
      {
        state: 'unknown',
        cause: {
          code: 'ambiguous',
          message: expect.stringMatching(
            /^trait `email` has no address that both .* Access List grants it/u,
          ) as string,
          transient: false,
        },
      },
      [],
    ],
    [
      'is not known where one of them has none',
      { user: known({ traits: {} }, loggedIn('list@example.com')) },
      { state: 'unknown' },
      [],
    ],
    [
      'is nobody where both have none',
      { user: known({ traits: {} }, loggedIn()), identities: [TRAIT] },
      { state: 'unrecognised', why: `${nobody}trait \`email\`` },
      [],
    ],
    [
      'is not known where the login is not',
      { user: known({}, { state: 'unknown', cause: aCause() }) },
      { state: 'unknown', cause: aCause() },
      [],
    ],
    [
      'is not known where the record is not',
      { user: { state: 'unknown', cause: aCause() } },
      { state: 'unknown', cause: aCause() },
      [],
    ],
    [
      'is by name whether or not the record is known',
      {
        name: 'sre-1@example.com',
        user: { state: 'unknown', cause: aCause() },
        identities: [NAME],
        requireSso: false,
      },
      { state: 'recognised', id: 'P1', source: 'the user name as e-mail address' },
      ['sre-1@example.com'],
    ],
    [
      'is nobody by a name that is no address',
      { identities: [NAME] },
      { state: 'unrecognised', why: `${nobody}the user name as e-mail address` },
      [],
    ],
    [
      'is by the next source where the first has nobody',
      { name: 'sre-1@example.com', user: known({ traits: { email: ['none@example.com'] } }) },
      { id: 'P1' },
      ['none@example.com', 'sre-1@example.com'],
    ],
    [
      'is nobody where none has',
      { user: known({ traits: {} }) },
      { state: 'unrecognised', why: `${nobody}trait \`email\` and the user name as e-mail address` },
      [],
    ],
    [
      'is not chosen among several',
      { user: known({ traits: { email: ['both@example.com'] } }) },
      {
        state: 'unknown',
        cause: {
          code: 'ambiguous',
          message:
            'trait `email` leads to several PagerDuty users (P2 and P3): add the right one to `identities.map`',
          transient: false,
        },
      },
      ['both@example.com'],
    ],
    [
      'is not known where PagerDuty is not',
      { user: known({ traits: { email: ['down@example.com'] } }) },
      { state: 'unknown', cause: { code: 'unavailable' } },
      ['down@example.com'],
    ],
    [
      'is nobody without single sign-on',
      { user: known({ sso: false }) },
      {
        state: 'unrecognised',
        why: `sre-1 does not come from single sign-on, which \`require_sso\` asks for: ${named}`,
      },
      [],
    ],
    [
      'is nobody who is gone',
      { user: { state: 'absent' } },
      {
        state: 'unrecognised',
        why: `sre-1 is no user of Teleport any more, which \`require_sso\` asks for: ${named}`,
      },
      [],
    ],
    [
      'is nobody by the map alone, with another reason',
      { user: known({ sso: false }), identities: [map({})] },
      { state: 'unrecognised', why: `${nobody}the map` },
      [],
    ],
    [
      'is local where a rule names them',
      { user: known({ sso: false }), ...local },
      { ...byTrait, local: true },
      ['sre-1@example.com'],
    ],
    ['is nobody who is gone', { user: { state: 'absent' }, ...local }, { state: 'unrecognised' }, []],
    [
      'is local only where a rule names them',
      { name: 'sre-2', user: known({ sso: false }), ...local },
      { state: 'unrecognised' },
      [],
    ],
    [
      'is nobody where nobody has a local user’s address',
      { user: known({ sso: false, traits: {} }), ...local },
      { state: 'unrecognised', why: expect.stringContaining(nobody) as string },
      [],
    ],
    [
      'is not chosen among several, though local',
      { user: known({ sso: false, traits: { email: ['both@example.com'] } }), ...local },
      { state: 'unknown' },
      ['both@example.com'],
    ],
    ['may be of no SSO', { user: known({ sso: false }), requireSso: false }, byTrait, ['sre-1@example.com']],
    [
      'is whoever has another address by now, where these are kept',
      { binding: 'changed-address' },
      { ...byTrait, binding: 'changed-address' },
      ['sre-1@example.com'],
    ],
    [
      'is nobody who has another address by now',
      { binding: 'changed-address', ...notManaged },
      {
        state: 'unrecognised',
        why: `${leads}whose address was another one when it was first seen: add who it is to \`identities.map\``,
      },
      ['sre-1@example.com'],
    ],
    [
      'is not known whose first address is not',
      { binding: 'unknown-address', ...notManaged },
      {
        state: 'unknown',
        cause: {
          code: 'malformed',
          message: `${leads}and the record of the address that was first seen there cannot be believed: add who it is to \`identities.map\``,
          transient: false,
        },
      },
      ['sre-1@example.com'],
    ],
    ['is who has the first address', notManaged, byTrait, ['sre-1@example.com']],
  ])('%s', async (_who, row, expected, asked) => {
    const came = await mapped(row);

    expect(came.asked).toEqual(asked);
    expect(came.found).toMatchObject(expected);
    expect('local' in came.found).toBe('local' in expected);
  });
});
