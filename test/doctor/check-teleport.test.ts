import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HOUR, MINUTE, plusMs } from '../../src/core/values/instant.ts';
import { checkTeleport, type TeleportToCheck } from '../../src/doctor/check-teleport.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import {
  TeleportError,
  type AccessRequestEvent,
  type AccessRequests,
  type Cluster,
  type RolePermissions,
  type TeleportAdmin,
} from '../../src/ports/teleport.ts';
import { aPolicy, aRequest, aRule, aTeleportUser, NOW } from '../builders.ts';

const signal = new AbortController().signal;
const CLUSTER: Cluster = {
  name: 'example',
  version: '18.11.0',
  advancedWorkflows: true,
  proxyPublicAddr: 'teleport.example.com',
};
const COMMUNITY: Cluster = { ...CLUSTER, advancedWorkflows: false };

/** A role as in `config/teleport-roles.yaml`. */
function aRole(overrides: Partial<RolePermissions> = {}): RolePermissions {
  return {
    role: 'access-reviewer',
    allow: [
      { resources: ['access_request'], verbs: ['list', 'read'] },
      { resources: ['user'], verbs: ['read'] },
    ],
    deny: [],
    mayReview: ['prodaccess'],
    mayNotReview: [],
    maySubmitFor: ['*'],
    mayNotSubmitFor: [],
    ...overrides,
  };
}

async function* streamOf(...events: readonly AccessRequestEvent[]): AsyncIterable<AccessRequestEvent> {
  for (const event of events) yield await Promise.resolve(event);
}

interface World extends Partial<Omit<TeleportToCheck, 'admin' | 'requests'>> {
  readonly roles?: readonly RolePermissions[];
  readonly requests?: Partial<AccessRequests>;
  readonly admin?: Partial<TeleportAdmin>;
}

/** The findings about a cluster in which all is well, but for what is given. */
async function findingsOf({ roles = [aRole()], requests, admin, ...rest }: World = {}): Promise<
  readonly Finding[]
> {
  const wholeRequests: Partial<AccessRequests> = {
    watch: () => streamOf({ kind: 'init' }),
    listPending: () => Promise.resolve([aRequest()]),
    ...requests,
  };
  const wholeAdmin: Partial<TeleportAdmin> = {
    ownUser: () => 'bot-oncall-approver',
    ownRoles: () => Promise.resolve(roles),
    ...admin,
  };
  return await checkTeleport(
    {
      requests: wholeRequests as AccessRequests,
      admin: wholeAdmin as TeleportAdmin,
      archive: { listAll: () => Promise.resolve([aRequest()]) },
      users: { user: () => Promise.resolve(aTeleportUser()), search: () => Promise.resolve([]) },
      cluster: CLUSTER,
      resolveWith: 'review',
      identityExpires: plusMs(NOW, 12 * HOUR),
      now: NOW,
      policy: aPolicy(),
      ...rest,
    },
    signal,
  );
}

async function findingOn(subject: string, world: World): Promise<Finding | undefined> {
  return (await findingsOf(world)).find((finding) => finding.subject === subject);
}

describe('the check of Teleport', () => {
  it('finds nothing wrong where nothing is', async () => {
    expect(await findingsOf()).toEqual([
      {
        state: 'ok',
        subject: 'teleport',
        text: 'cluster example answers: Teleport 18.11.0 Enterprise, requests are resolved by review',
      },
      {
        state: 'ok',
        subject: 'teleport identity',
        text: 'identity of user bot-oncall-approver is valid until 2026-03-03T14:14:07.000Z, 12 h from now',
      },
      { state: 'ok', subject: 'teleport watch', text: 'access requests can be watched' },
      { state: 'ok', subject: 'teleport list', text: '1 pending access requests can be listed' },
      { state: 'ok', subject: 'teleport user', text: 'user bot-oncall-approver may read user' },
      {
        state: 'ok',
        subject: 'teleport review of prodaccess',
        text: 'user bot-oncall-approver may review requests for prodaccess',
      },
      {
        state: 'ok',
        subject: 'teleport submit_for_users',
        text: 'user bot-oncall-approver may submit reviews in the name of *; whom only a trait leads to in PagerDuty is found in Teleport where it may also list user',
      },
      { state: 'ok', subject: 'teleport requesters', text: '0 of 1 of those who asked are local users' },
    ]);
  });

  it('fails where reviews are asked for that the cluster does not have', async () => {
    expect(await findingOn('teleport', { cluster: COMMUNITY })).toEqual({
      state: 'failed',
      subject: 'teleport',
      text: 'cluster example answers: Teleport 18.11.0 Community, requests are resolved by review, but Teleport Community knows no reviews: set `teleport.resolve_with` to state or auto',
    });
    expect(await findingOn('teleport', { cluster: COMMUNITY, resolveWith: 'state' })).toMatchObject({
      state: 'ok',
    });
  });

  it('warns of an identity that is about to expire: nobody seems to renew it', async () => {
    expect(await findingOn('teleport identity', { identityExpires: plusMs(NOW, 20 * MINUTE) })).toEqual({
      state: 'warning',
      subject: 'teleport identity',
      text: 'identity of user bot-oncall-approver is valid until 2026-03-03T02:34:07.000Z, 20 min from now: make sure that `tbot` renews it',
    });
  });

  it.each([
    [40 * MINUTE, 'ok', ', 40 min from now'],
    [23 * HOUR, 'ok', ', 23 h from now'],
    [10 * 24 * HOUR, 'warning', ', 10 days from now: sign it anew in time'],
    [300 * 24 * HOUR, 'ok', ', 300 days from now'],
  ])('tells how long the identity lasts: %d ms', async (leftMs, state, text) => {
    const finding = await findingOn('teleport identity', { identityExpires: plusMs(NOW, leftMs) });

    expect(finding?.state).toBe(state);
    expect(finding?.text).toContain(text);
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

  it('fails when the watch ends before it begins', async () => {
    expect(await findingOn('teleport watch', { requests: { watch: () => streamOf() } })).toMatchObject({
      state: 'failed',
      text: 'Teleport closed the watch before it began: look into the log of the auth server',
    });
  });

  it('tells every refusal by Teleport in its own words, and goes on with the rest', async () => {
    const denied = new TeleportError('denied', 'user may not list access_request: add the verb', {
      transient: false,
    });

    const findings = await findingsOf({
      requests: { listPending: () => Promise.reject(denied) },
      admin: { ownRoles: () => Promise.reject(new TeleportError('denied', 'no', { transient: false })) },
    });

    expect(findings.filter(({ state }) => state === 'failed')).toEqual([
      { state: 'failed', subject: 'teleport list', text: denied.message },
      { state: 'failed', subject: 'teleport roles', text: 'no' },
    ]);
    expect(findings).toHaveLength(6);
  });
});

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

    expect(findings.slice(5, 8).map(({ subject, state }) => `${state} ${subject}`)).toEqual([
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
    const updating = aRole({ allow: [{ resources: ['access_request'], verbs: ['update'] }], mayReview: [] });

    expect(await findingOn('teleport access_request', world)).toEqual({
      state: 'failed',
      subject: 'teleport access_request',
      text: 'user bot-oncall-approver may not update access_request, which is needed to set the state of requests: add to its role `rules: [{resources: [access_request], verbs: [update]}]`',
    });
    expect(await findingOn('teleport access_request', { ...world, roles: [updating] })).toMatchObject({
      state: 'ok',
    });
    expect((await findingsOf(world)).some(({ subject }) => subject.includes('review'))).toBe(false);
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
          review_requests: { roles: ['prodaccess'], submit_for_users: ['*'] },
          rules: [{ resources: ['access_request'] }, { resources: ['user'], verbs: ['read'] }],
        },
      },
    });
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
