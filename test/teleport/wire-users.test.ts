import { describe, expect, it } from 'vitest';
import { authService, userLoginStateService, usersService } from '../../src/teleport/connection/services.ts';
import type { UserLoginState } from '../../src/teleport/proto/generated/teleport/userloginstate/v1/UserLoginState.ts';
import type { RoleV6 } from '../../src/teleport/proto/generated/types/RoleV6.ts';
import type { UserV2 } from '../../src/teleport/proto/generated/types/UserV2.ts';
import { loginStateOf, rolePermissionsOf, userOf } from '../../src/teleport/wire.ts';

function receivedUser(user: UserV2 | null) {
  const { responseSerialize, responseDeserialize } = usersService.GetUser;
  return responseDeserialize(responseSerialize({ user })).user;
}

function receivedRole(role: RoleV6) {
  const { responseSerialize, responseDeserialize } = authService.GetRole;
  return responseDeserialize(responseSerialize(role));
}

describe('a user from the wire', () => {
  const user = {
    Metadata: { Name: 'sre-1' },
    Spec: { Roles: ['sres'], Traits: { Values: { email: { Values: ['a@b.c'] } } } },
  };

  it('has its roles and traits, and is local without a connector', () => {
    expect(userOf(receivedUser(user))).toEqual({
      ok: true,
      value: { name: 'sre-1', roles: ['sres'], traits: { email: ['a@b.c'] }, sso: false },
    });
  });

  it.each([
    [{ Type: 'saml', ID: 'okta' }, true],
    [{ Type: 'saml', ID: '' }, false],
    [{ Type: '', ID: 'okta' }, false],
    [{}, false],
  ])('with the connector %j has sso = %s', (Connector, sso) => {
    const read = userOf(receivedUser({ ...user, Spec: { ...user.Spec, CreatedBy: { Connector } } }));

    expect(read.ok && read.value.sso).toBe(sso);
  });

  it('is malformed without a name', () => {
    expect(userOf(receivedUser({})).ok).toBe(false);
    expect(userOf(receivedUser(null)).ok).toBe(false);
  });
});

describe('a role from the wire', () => {
  it('tells what it allows and denies', () => {
    const role = receivedRole({
      Metadata: { Name: 'access-reviewer' },
      Spec: {
        Allow: {
          Rules: [{ Resources: ['access_request'], Verbs: ['list', 'read'] }],
          ReviewRequests: { Roles: ['prod*'], SubmitForUsers: ['sre-*'] },
        },
        Deny: { Rules: [{ Resources: ['*'], Verbs: ['delete'] }], ReviewRequests: { Roles: ['root'] } },
      },
    });

    expect(rolePermissionsOf(role)).toEqual({
      role: 'access-reviewer',
      allow: [{ resources: ['access_request'], verbs: ['list', 'read'] }],
      deny: [{ resources: ['*'], verbs: ['delete'] }],
      mayPreview: [],
      mayReview: ['prod*'],
      mayNotReview: ['root'],
      maySubmitFor: ['sre-*'],
      mayNotSubmitFor: [],
    });
  });

  it('may be empty', () => {
    expect(rolePermissionsOf(receivedRole({ Metadata: { Name: 'nobody' } }))).toEqual({
      role: 'nobody',
      allow: [],
      deny: [],
      mayPreview: [],
      mayReview: [],
      mayNotReview: [],
      maySubmitFor: [],
      mayNotSubmitFor: [],
    });
  });
});

describe('a login state from the wire', () => {
  const NAME = 'sre-1';

  function read(state: UserLoginState) {
    const { responseSerialize, responseDeserialize } = userLoginStateService.GetUserLoginState;
    return loginStateOf(responseDeserialize(responseSerialize(state)), NAME);
  }

  const traits = (key: string, ...values: readonly string[]) => [{ key, values: [...values] }];
  const effective = { roles: ['a', 'b'], traits: traits('team', 'x', 'y') };
  const NONE = { roles: [], traits: {} };

  it.each([
    ['none, where nobody says', effective, NONE],
    [
      'what was not there originally',
      { ...effective, original_roles: ['a'], original_traits: traits('team', 'x') },
      { roles: ['b'], traits: { team: ['y'] } },
    ],
    [
      'a whole trait that was not there originally, whatever it is called',
      { traits: traits('constructor', 'x'), original_traits: traits('other', 'x') },
      { roles: [], traits: { constructor: ['x'] } },
    ],
    [
      'the roles alone, where only the original roles are told',
      { ...effective, original_roles: ['a'] },
      { roles: ['b'], traits: {} },
    ],
    [
      'the traits alone, where only the original traits are told',
      { ...effective, original_traits: traits('team', 'x') },
      { roles: [], traits: { team: ['y'] } },
    ],
    [
      'what is told of them, and nothing that is made out',
      {
        ...effective,
        original_roles: ['a'],
        original_traits: traits('team', 'x'),
        access_list_roles: ['c'],
        access_list_traits: traits('site', 'z'),
      },
      { roles: ['c'], traits: { site: ['z'] } },
    ],
    [
      'roles that are told without traits',
      { ...effective, original_traits: traits('team', 'x'), access_list_roles: ['c'] },
      { roles: ['c'], traits: {} },
    ],
    [
      'traits that are told without roles',
      { ...effective, original_roles: ['a'], access_list_traits: traits('site', 'z') },
      { roles: [], traits: { site: ['z'] } },
    ],
  ])('what Access Lists gave is %s', (_what, spec, fromLists) => {
    expect(read({ header: { metadata: { name: NAME } }, spec })).toMatchObject({
      ok: true,
      value: { fromLists },
    });
  });

  it('of whom nothing is told nothing is in force', () => {
    expect(read({ header: { metadata: { name: NAME } }, spec: null })).toEqual({
      ok: true,
      value: { effective: NONE, fromLists: NONE },
    });
  });

  it.each([null, {}, { metadata: { name: 'another' } }])(
    'with the header %j is of somebody else',
    (header) => {
      expect(read({ header })).toEqual({
        ok: false,
        detail: 'teleport answered for the login state of `sre-1` with another',
      });
    },
  );
});
