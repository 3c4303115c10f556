import { expect, it } from 'vitest';
import {
  accountsOf,
  mayRequest,
  type Account,
  type RequestRights,
  type TeleportPeople,
} from '../../../src/core/forecast/accounts.ts';
import { aPolicy, aRule, aTeleportUser } from '../../support/builders.ts';

const none: RequestRights = { roles: [], denied: [], byClaims: false };
const NOTHING: TeleportPeople = { users: [], logins: new Map(), unread: null, rights: new Map(), locks: [] };
const held = { roles: ['sres', 'staff'], traits: {} };

/** Whether a user who holds `sres` and `staff`, by the last login too, may ask for a role of the rule. */
function asking(
  rights: Partial<RequestRights> | null,
  {
    roles = ['prodaccess'],
    staff = none,
    hasLogin = true,
  }: { roles?: string[]; staff?: RequestRights | null; hasLogin?: boolean } = {},
) {
  const login = { state: 'known', effective: held, fromLists: { roles: [], traits: {} } } as const;
  const account: Account = {
    name: 'sre-1',
    user: { state: 'known', user: aTeleportUser(held), ...(hasLogin ? { login } : {}) },
    alsoLeadsTo: [],
    isLocal: false,
  };
  const sres = rights === null ? null : { ...none, ...rights };
  return mayRequest(account, aRule({ roles }), {
    ...NOTHING,
    rights: new Map([
      ['sres', sres],
      ['staff', staff],
    ]),
  });
}

it.each<[string, ReturnType<typeof asking>, string]>([
  ['by its name', asking({ roles: ['prodaccess'] }), 'met'],
  ['by a pattern', asking({ roles: ['prod*'] }), 'met'],
  ['of several by one', asking({ roles: ['prodaccess'] }, { roles: ['prodaccess', 'staging'] }), 'met'],
  ['of a pattern by one of it', asking({ roles: ['prodaccess'] }, { roles: ['prod*'] }), 'met'],
  ['of a pattern by another pattern', asking({ roles: ['*access'] }, { roles: ['prod*'] }), 'met'],
  ['by a regular expression, which is not looked into', asking({ roles: ['^x$'] }), 'met'],
  ['by another name', asking({ roles: ['staging'] }), 'not-met'],
  ['by another pattern', asking({ roles: ['stag*'] }), 'not-met'],
  ['of a pattern by another name', asking({ roles: ['staging'] }, { roles: ['prod*'] }), 'not-met'],
  ['by one that is denied', asking({ roles: ['prodaccess'], denied: ['prod*'] }), 'not-met'],
  ['by claims of one of its roles', asking({ byClaims: true }), 'unknown'],
  ['by a role that cannot be read', asking(null), 'unknown'],
  ['by one that can beside one that cannot', asking({ roles: ['prodaccess'] }, { staff: null }), 'met'],
  ['by nothing, before the first login', asking({}, { hasLogin: false }), 'unknown'],
])('whether an account may ask for a role is told %s', (_how, answer, expected) => {
  expect(answer).toBe(expected);
});

it('an account is told by a last login alone, and by no map that names somebody else', () => {
  const effective = { roles: ['sres'], traits: { email: ['sre-1@example.com'] } };
  const logins = new Map([
    ['sre-1', { state: 'known', effective, fromLists: { roles: [], traits: {} } } as const],
  ]);
  const sam = { id: 'PSAM1RE', name: 'Sam One', email: 'sre-1@example.com' };
  const policy = (...identities: ReturnType<typeof aPolicy>['identities']) => aPolicy({ identities });
  const found = (by: ReturnType<typeof policy>) =>
    accountsOf(sam, { teleport: { ...NOTHING, logins }, policy: by, everybody: [] });
  const trait = { kind: 'trait', trait: 'email' } as const;

  expect(found(policy(trait))).toEqual([
    {
      name: 'sre-1',
      user: { state: 'known', user: { name: 'sre-1', sso: true, ...effective }, login: logins.get('sre-1') },
      alsoLeadsTo: [],
      isLocal: false,
    },
  ]);
  expect(found(policy({ kind: 'map', users: { other: 'POTHER1' } }))).toEqual([]);
  expect(found(policy({ kind: 'map', users: { other: 'POTHER1' } }, trait))).toHaveLength(1);
});
