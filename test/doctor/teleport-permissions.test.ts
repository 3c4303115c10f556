import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { TeleportUser } from '../../src/core/identity.ts';
import type { Rule } from '../../src/core/rule.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import type { LoginState, RolePermissions } from '../../src/ports/teleport.ts';
import { aPolicy, aRule, aTeleportUser } from '../support/builders.ts';
import { aRole, CLUSTER, COMMUNITY, findingOn, findingsOf } from './checked-teleport.ts';
describe('the permissions of the service’s user', () => {
  it.each<[string, Partial<RolePermissions>, boolean]>([
    ['by name', {}, true],
    ['by a pattern', { mayReview: ['prod*'] }, true],
    ['by any', { mayReview: ['*'] }, true],
    ['by a regular expression', { mayReview: ['^prod(access|data)$'] }, true],
    ['not by a broken one', { mayReview: ['^prod(access$'] }, false],
    ['not by another name', { mayReview: ['prod'] }, false],
    ['not without any', { mayReview: [] }, false],
    ['not where it is denied', { mayReview: ['*'], mayNotReview: ['prod*'] }, false],
  ])('let it review a role %s', async (_, role, may) => {
    const finding = await findingOn('teleport review of prodaccess', { roles: [aRole(role)] });

    expect(finding).toEqual(
      may
        ? expect.objectContaining({ state: 'ok' })
        : {
            state: 'failed',
            subject: 'teleport review of prodaccess',
            text: 'user bot-oncall-approver may not review requests for prodaccess: add to its role `review_requests: {roles: [prodaccess]}`',
          },
    );
  });

  it('are those of all its roles, and what one denies no other allows', async () => {
    const roles = [aRole({ mayReview: [] }), aRole({ role: 'second', mayReview: ['prodaccess'] })];
    const denying = aRole({ role: 'third', mayReview: [], mayNotReview: ['*'] });

    expect(await findingOn('teleport review of prodaccess', { roles })).toMatchObject({ state: 'ok' });
    expect(await findingOn('teleport review of prodaccess', { roles: [...roles, denying] })).toMatchObject({
      state: 'failed',
    });
  });

  it('are looked at for every role that a rule names, each once', async () => {
    const rules = [
      aRule({ roles: ['prodaccess', 'staging'] }),
      aRule({ name: 'b', roles: ['prodaccess', 'prod-*'] }),
    ];

    const findings = await findingsOf({ policy: aPolicy({ rules }) });

    expect(findings.slice(7, 10).map(({ subject, state }) => `${state} ${subject}`)).toEqual([
      'warning teleport review of prod-*',
      'ok teleport review of prodaccess',
      'failed teleport review of staging',
    ]);
  });

  it.each<[string, RolePermissions['allow'], RolePermissions['deny'], 'ok' | 'failed']>([
    ['allowed', [{ resources: ['user'], verbs: ['read'] }], [], 'ok'],
    ['allowed for everything', [{ resources: ['*'], verbs: ['*'] }], [], 'ok'],
    ['allowed for other verbs', [{ resources: ['user'], verbs: ['list'] }], [], 'failed'],
    ['denied', [{ resources: ['*'], verbs: ['*'] }], [{ resources: ['user'], verbs: ['*'] }], 'failed'],
    ['left out', [], [], 'failed'],
  ])('must let it read users for their traits: %s', async (_, allow, deny, state) => {
    expect(await findingOn('teleport user', { roles: [aRole({ allow, deny })] })).toMatchObject({ state });
  });

  it('need no users where nothing is read of them', async () => {
    const policy = aPolicy({ identities: [{ kind: 'username-is-email' }], requireSso: false });

    expect(await findingOn('teleport user', { policy, roles: [aRole({ allow: [] })] })).toBeUndefined();
  });

  it('must let it set the state where there are no reviews', async () => {
    const world = { cluster: COMMUNITY, resolveWith: 'state' } as const;
    const updating = aRole({
      allow: [{ resources: ['access_request'], verbs: ['list', 'read', 'update'] }],
      mayReview: [],
    });
    const findings = await findingsOf(world);

    expect(findings.filter(({ subject }) => subject === 'teleport access_request').at(-1)).toEqual({
      state: 'failed',
      subject: 'teleport access_request',
      text: 'user bot-oncall-approver may not update access_request, which is needed to set the state of requests: add to the `rules` of its role `- { resources: [access_request], verbs: [update] }`',
    });
    const mended = await findingsOf({ ...world, roles: [updating] });
    expect(
      mended.filter(({ subject }) => subject === 'teleport access_request').map(({ state }) => state),
    ).toEqual(['ok', 'ok']);
    expect(findings.some(({ subject }) => subject.includes('review'))).toBe(false);
  });

  it.each<[string, string, Partial<Rule>, string]>([
    ['end access', 'lock', { accessEnd: { withShift: true, warnBeforeMs: null } }, 'read, create, update'],
    ['read what Access Lists grant', 'user_login_state', {}, 'read'],
  ])(
    'must let it %s where it is to, and the failure has the line to add',
    async (_what, resource, rule, verbs) => {
      const allow = [
        { resources: ['access_request'], verbs: ['list', 'read'] },
        { resources: ['user'], verbs: ['read'] },
      ];
      const world = { policy: aPolicy({ rules: [aRule(rule)] }), roles: [aRole({ allow })] };

      const finding = await findingOn(`teleport ${resource}`, world);

      expect(finding?.state).toBe('failed');
      expect(finding?.text).toContain(`\`- { resources: [${resource}], verbs: [${verbs}] }\``);
    },
  );

  it.each([
    ['13.4.26', false],
    ['14.0.0', true],
    ['18.11.0', true],
    ['unknown', true],
  ])('need login states where Teleport has them, from 14 on: %s', async (version, needed) => {
    const cluster = { ...CLUSTER, version };

    expect((await findingOn('teleport user_login_state', { cluster })) !== undefined).toBe(needed);
  });

  it.each<[string, Partial<TeleportUser>, LoginState | null, Finding['state'], string | undefined]>([
    ['the certificate has', { roles: ['access-reviewer'] }, null, 'ok', undefined],
    ['it has no more', { roles: [] }, null, 'failed', 'it has access-reviewer, which the user has no more.'],
    [
      'it has by its login state no more',
      { roles: ['access-reviewer'] },
      { effective: { roles: [], traits: {} }, fromLists: { roles: [], traits: {} } },
      'failed',
      'it has access-reviewer, which the user has no more.',
    ],
    ['it was given since', { roles: ['other'] }, null, 'warning', 'the user has other since.'],
  ])('are for reviews those that the user has now: %s', async (_which, user, login, state, text) => {
    const users = {
      user: () => Promise.resolve(aTeleportUser({ name: 'oncall-approver', ...user })),
      search: () => Promise.resolve([]),
      loginState: () => Promise.resolve(login),
    };

    expect(await findingOn('teleport review of prodaccess', { users })).toMatchObject({ state });
    const certificate = await findingOn('teleport certificate', { users });
    if (text === undefined) expect(certificate).toBeUndefined();
    else
      expect(certificate).toMatchObject({ state: 'warning', text: expect.stringContaining(text) as string });
  });
});

describe('reviews in the name of approvers', () => {
  it.each<[string, Partial<RolePermissions>]>([
    ['are not allowed', { maySubmitFor: [] }],
    ['are denied', { mayNotSubmitFor: ['*'] }],
  ])('are missed where they %s, with the role that is enough', async (_, role) => {
    const finding = await findingOn('teleport submit_for_users', { roles: [aRole(role)] });

    expect(finding?.state).toBe('warning');
    expect(finding?.text).toContain(
      "an answer is then reviewed in the service's own name, and only where that settles the request",
    );
    expect(parse(finding?.text.slice(finding.text.indexOf('kind: role')) ?? '')).toMatchObject({
      spec: {
        allow: {
          review_requests: { roles: ['prodaccess'], submit_for_users: ['NAME-OF-AN-APPROVER'] },
          rules: [{ resources: ['access_request'] }, { resources: ['user'], verbs: ['read'] }, {}],
        },
      },
    });
  });

  it('are warned of where they are allowed for everybody', async () => {
    const finding = await findingOn('teleport submit_for_users', { roles: [aRole({ maySubmitFor: ['*'] })] });

    expect(finding?.state).toBe('warning');
    expect(finding?.text).toContain('name those who answer pages instead');
    expect(finding?.text).not.toContain("'*'");
  });

  it('fail without the right to read users, which Teleport wants for them', async () => {
    const roles = [aRole({ allow: [{ resources: ['access_request'], verbs: ['list', 'read'] }] })];

    const finding = await findingOn('teleport submit_for_users', { roles });

    expect(finding?.state).toBe('failed');
    expect(finding?.text).toContain('which Teleport refuses to whoever may not read user');
    expect(finding?.text).toContain('- resources: [user]\n        verbs: [read]');
  });

  it.each([
    ['17.7.20', false],
    ['18.10.3', false],
    ['18.11.0', true],
    ['19.0.0-dev', true],
  ])('are known to Teleport from 18.11 on: %s', async (version, known) => {
    const cluster = { ...CLUSTER, version };
    const roles = [aRole({ maySubmitFor: [] })];

    expect((await findingOn('teleport submit_for_users', { cluster, roles })) !== undefined).toBe(known);
  });
});
