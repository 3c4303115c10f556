import { describe, expect, it } from 'vitest';
import {
  accountsOf,
  mayRequest,
  standingOf,
  type Account,
  type Objection,
  type RequestRights,
  type TeleportPeople,
} from '../../../src/core/forecast/accounts.ts';
import { aPolicy, aRule, aTeleportUser, SAM } from '../../support/builders.ts';
import { asks, lock, loggedIn, ROBIN, userOf, week, WEEK } from './aheads.ts';

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

it.each<[string, Parameters<typeof asking>, string]>([
  ['by its name', [{ roles: ['prodaccess'] }], 'met'],
  ['by a pattern', [{ roles: ['prod*'] }], 'met'],
  ['of several by one', [{ roles: ['prodaccess'] }, { roles: ['prodaccess', 'staging'] }], 'met'],
  ['of a pattern by one of it', [{ roles: ['prodaccess'] }, { roles: ['prod*'] }], 'met'],
  ['of a pattern by another pattern', [{ roles: ['*access'] }, { roles: ['prod*'] }], 'met'],
  ['by a regular expression, which is not looked into', [{ roles: ['^x$'] }], 'met'],
  ['by another name', [{ roles: ['staging'] }], 'not-met'],
  ['by another pattern', [{ roles: ['stag*'] }], 'not-met'],
  ['of a pattern by another name', [{ roles: ['staging'] }, { roles: ['prod*'] }], 'not-met'],
  ['by one that is denied', [{ roles: ['prodaccess'], denied: ['prod*'] }], 'not-met'],
  ['by claims of one of its roles', [{ byClaims: true }], 'unknown'],
  ['by a role that cannot be read', [null], 'unknown'],
  ['by one that can beside one that cannot', [{ roles: ['prodaccess'] }, { staff: null }], 'met'],
  ['by nothing, before the first login', [{}, { hasLogin: false }], 'unknown'],
])('whether an account may ask for a role is told %s', (_how, question, expected) => {
  expect(asking(...question)).toBe(expected);
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

describe('what would become of a request of somebody on call', () => {
  const local = userOf(1, { name: 'sam', sso: false });
  const second = userOf(1, { name: 'sam', roles: ['none'] });
  const rights = new Map([...asks(['prodaccess']).rights, ['none', none] as const]);
  const byAddress = { identities: [{ kind: 'trait', trait: 'email' }] } as const;
  const asUser = (about: string, code: Objection['code'], stretches = [WEEK]): Objection => ({
    ...{ code, about, stretches },
  });

  function standing(changes: Parameters<typeof week>[0], user = SAM) {
    const { people } = week(changes);
    const { accounts, ...rest } = standingOf(user, aRule(), { ...people, window: WEEK });
    return { ...rest, accounts: accounts.map(({ name }) => name) };
  }

  it.each<[string, Parameters<typeof standing>, Partial<ReturnType<typeof standing>>]>([
    ['is nothing ill where nothing is in the way', [{}], {}],
    [
      'goes by their own account, not by a local one',
      [{ policy: byAddress, teleport: { users: [local, userOf(1)] } }],
      {},
    ],
    [
      'goes by a local one where there is no other',
      [{ policy: byAddress, teleport: { users: [local] } }],
      { accounts: ['sam'], objections: [asUser('sam', 'local-account')], refused: [WEEK] },
    ],
    [
      'is refused where they have no account',
      [{ teleport: { users: [] } }],
      {
        ...{ accounts: [], refused: [WEEK], mayAsk: false },
        objections: [asUser('sre-1@example.com', 'no-account')],
      },
    ],
    [
      'is not known where accounts were not read',
      [{ teleport: { users: [], unread: 'no permission' } }],
      { accounts: [], doubt: 'no permission' },
    ],
    [
      'is not known where PagerDuty tells no address',
      [{ pagerDuty: [] }],
      { accounts: [], doubt: 'PagerDuty does not tell their address' },
    ],
    [
      'goes by the map where PagerDuty tells no address',
      [{ pagerDuty: [], policy: { identities: [{ kind: 'map', users: { 'sre-3': ROBIN.id } }] } }, ROBIN],
      { accounts: ['sre-3'] },
    ],
    [
      'is one that they may make where one of two accounts may',
      [
        {
          policy: byAddress,
          teleport: { users: [userOf(1), second], ...loggedIn(second), rights },
        },
      ],
      { accounts: ['sre-1', 'sam'], objections: [asUser('sam', 'may-not-request')] },
    ],
    [
      'is refused while a lock is there',
      [{ teleport: lock('sre-1', { expires: WEEK.until }) }],
      { objections: [asUser('sre-1', 'locked')], refused: [WEEK] },
    ],
  ])('%s', (_what, question, expected) => {
    expect(standing(...question)).toEqual({
      ...{ accounts: ['sre-1'], objections: [], refused: [], mayAsk: true, doubt: null },
      ...expected,
    });
  });
});
