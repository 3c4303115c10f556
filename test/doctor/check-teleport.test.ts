import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, plusMs } from '../../src/core/values/instant.ts';
import { TeleportError, type AutomaticReviewRule, type RolePermissions } from '../../src/ports/teleport.ts';
import type { TeleportUser } from '../../src/core/identity.ts';
import { aPolicy, aRule, aTeleportUser, NOW } from '../support/builders.ts';
import { expectApproved } from './approved.ts';
import {
  aRole,
  CLUSTER,
  COMMUNITY,
  findingOn,
  streamOf,
  findingsOf,
  type World,
} from './checked-teleport.ts';

const denied = (text: string) => new TeleportError('denied', text, { transient: false });
const reading = { resources: ['access_request'], verbs: ['list', 'read'] };
const withRole = (role: Partial<RolePermissions>): World => ({ roles: [aRole(role)] });
const withRule = (rule: Parameters<typeof aRule>[0], world: World = {}): World => ({
  policy: aPolicy({ rules: [aRule(rule)] }),
  ...world,
});
const until = (leftMs: number): World => ({ identityExpires: plusMs(NOW, leftMs) });
const version = (text: string, world: World = {}): World => ({
  ...world,
  cluster: { ...CLUSTER, version: text },
});
const ownUser = (user: Partial<TeleportUser>, loginRoles?: readonly string[]): World => ({
  users: {
    user: () => Promise.resolve(aTeleportUser({ name: 'oncall-approver', ...user })),
    search: () => Promise.resolve([]),
    loginState: () =>
      Promise.resolve(
        loginRoles === undefined
          ? null
          : { effective: { roles: loginRoles, traits: {} }, fromLists: { roles: [], traits: {} } },
      ),
  },
});

const reviewing = (...rules: readonly Partial<AutomaticReviewRule>[]): World => ({
  policy: aPolicy({ rules: [aRule({ roles: ['prod*'] })] }),
  admin: {
    automaticReviewRules: () =>
      Promise.resolve(
        rules.map((rule) => ({
          ...{ name: 'auto', decision: 'APPROVED', condition: 'true', integration: 'builtin' },
          ...rule,
        })),
      ),
  },
});
const notReading = (kind: 'denied' | 'unavailable'): World => ({
  admin: { automaticReviewRules: () => Promise.reject(new TeleportError(kind, 'no', { transient: false })) },
});

const WORLDS: Readonly<Record<string, World>> = {
  'nothing is wrong': {},
  'Community has no reviews': { cluster: COMMUNITY },
  'Community has states, which this role may not set': { cluster: COMMUNITY, resolveWith: 'state' },
  'and this one may': {
    cluster: COMMUNITY,
    resolveWith: 'state',
    roles: [aRole({ allow: [{ ...reading, verbs: ['list', 'read', 'update'] }], mayReview: [] })],
  },
  'an identity that nobody renews': until(20 * MINUTE),
  'one of 40 minutes': until(40 * MINUTE),
  'one of a day': until(23 * HOUR),
  'one of ten days': until(10 * 24 * HOUR),
  'one of three hundred days': until(300 * 24 * HOUR),
  'a watch that ends before it begins': { requests: { watch: () => streamOf() } },
  'two refusals by Teleport: the rest is looked at': {
    requests: { listPending: () => Promise.reject(denied('user may not list access_request: add the verb')) },
    admin: { ownRoles: () => Promise.reject(denied('no')) },
  },
  'reviews by a pattern': withRole({ mayReview: ['prod*'] }),
  'reviews by any': withRole({ mayReview: ['*'] }),
  'reviews by a regular expression': withRole({ mayReview: ['^prod(access|data)$'] }),
  'reviews by a broken one': withRole({ mayReview: ['^prod(access$'] }),
  'reviews by another name': withRole({ mayReview: ['prod'] }),
  'reviews without any': withRole({ mayReview: [] }),
  'reviews where they are denied': withRole({ mayReview: ['*'], mayNotReview: ['prod*'] }),
  'reviews by a second role': { roles: [aRole({ mayReview: [] }), aRole({ role: 'second' })] },
  'which a third denies': {
    roles: [aRole({ role: 'second' }), aRole({ role: 'third', mayReview: [], mayNotReview: ['*'] })],
  },
  'roles of several rules, each once': {
    policy: aPolicy({
      rules: [
        aRule({ roles: ['prodaccess', 'staging'] }),
        aRule({ name: 'b', roles: ['prodaccess', 'prod-*'] }),
      ],
    }),
  },
  'users, by everything': withRole({ allow: [{ resources: ['*'], verbs: ['*'] }] }),
  'users, by other verbs': withRole({ allow: [reading, { resources: ['user'], verbs: ['list'] }] }),
  'users, denied': withRole({ deny: [{ resources: ['*'], verbs: ['*'] }] }),
  'users, left out where nothing is read of them': {
    ...withRole({ allow: [reading] }),
    policy: aPolicy({ identities: [{ kind: 'username-is-email' }], requireSso: false }),
  },
  'an end of access without the right to lock': withRule({
    accessEnd: { withShift: true, warnBeforeMs: null },
  }),
  'login states that may not be read': withRole({
    allow: [reading, { resources: ['user'], verbs: ['read'] }],
  }),
  'login states that Teleport 13 does not have': version('13.4.26'),
  'and 14 has': version('14.0.0'),
  'a version that cannot be read': version('unknown'),
  'roles that the certificate has': ownUser({ roles: ['access-reviewer'] }),
  'roles that it has no more': ownUser({ roles: [] }),
  'roles that it has no more by its login state': ownUser({ roles: ['access-reviewer'] }, []),
  'roles that it was given since': ownUser({ roles: ['other'] }),
  'names of others that it may not review in': withRole({ maySubmitFor: [] }),
  'and where they are denied': withRole({ mayNotSubmitFor: ['*'] }),
  'names of others without the right to read users': withRole({ allow: [reading] }),
  'names of others before Teleport 18.11': version('18.10.3', withRole({ maySubmitFor: [] })),
  'and from 18.11 on': version('18.11.0', withRole({ maySubmitFor: [] })),
  'and in 19': version('19.0.0-dev', withRole({ maySubmitFor: [] })),
  'reviews by Teleport itself, of everything': reviewing({}),
  'of a team': reviewing({ condition: 'contains(user.traits["team"], "payments")' }),
  'of a role of ours': reviewing({ condition: 'access_request.spec.roles.contains("prodaccess")' }),
  'of one role of ours among others': reviewing({
    condition: 'contains_any(access_request.spec.roles, set("staging", "prod-db"))',
  }),
  'of roles that are not told': reviewing({ condition: 'access_request.spec.roles.contains(user.name)' }),
  'of other roles': reviewing({ condition: 'access_request.spec.roles.contains("staging")' }),
  'by two rules, one of them a plugin’s': reviewing(
    {},
    { name: 'no', decision: 'DENIED', integration: 'opsgenie' },
  ),
  'that may not be looked at': notReading('denied'),
  'that cannot be looked at': notReading('unavailable'),
};

describe('the check of Teleport', () => {
  it('finds what was approved for each world', async () => {
    await expectApproved('check-teleport.approved.txt', WORLDS, findingsOf);
  });

  it('ends the watch once it has begun', async () => {
    const signals: AbortSignal[] = [];
    const watch = (each: AbortSignal) => {
      signals.push(each);
      return streamOf({ kind: 'malformed', detail: 'not yet' }, { kind: 'init' });
    };

    expect(await findingOn('teleport watch', { requests: { watch } })).toMatchObject({ state: 'ok' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});
