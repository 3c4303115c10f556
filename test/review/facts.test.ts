import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/core/values/instant.ts';
import { TeleportError, type NodeNames } from '../../src/ports/teleport.ts';
import { readHostNames, readLabels } from '../../src/review/facts/gather-facts.ts';
import { lookBackOf, targetsIn } from '../../src/review/facts/read-on-call.ts';
import { readTeleportUser } from '../../src/review/facts/read-teleport-user.ts';
import {
  anEscalation,
  aRequest,
  aResource,
  aRule,
  aTeleportUser,
  NOW,
  ROOT_CLUSTER as rootCluster,
  someTargets,
} from '../support/builders.ts';
import { ManualTime } from '../support/manual-time.ts';

const { signal } = new AbortController();
const no = (kind: TeleportError['kind']) =>
  new TeleportError(kind, `Teleport says ${kind}`, { transient: false });
const forbidden = {
  state: 'unknown',
  cause: { code: 'forbidden', message: 'Teleport says denied', transient: true },
};
const stuck = (late: AbortSignal) =>
  new Promise<never>((_done, fail) => late.addEventListener('abort', () => fail(no('timeout'))));
const request = aRequest({
  resources: [
    aResource({ kind: 'node', name: 'node-1' }),
    aResource({ kind: 'node', name: 'node-1', subResource: 'x' }),
    aResource({ kind: 'pod', name: 'kube-1' }),
    aResource({ kind: 'node', name: 'node-2', cluster: 'leaf' }),
    aResource({ kind: 'saml_idp_service_provider', name: 'app' }),
  ],
});

describe('what is known of a requester’s record', () => {
  const login = { effective: { roles: [], traits: {} }, fromLists: { roles: [], traits: {} } };
  const user = aTeleportUser();

  it.each<[string, unknown, unknown, boolean, object]>([
    ['is Teleport’s', user, login, true, { state: 'known', user, login: { state: 'known', ...login } }],
    ['has no login where none is asked for', user, login, false, { state: 'known', user }],
    ['has no login where there is none', user, null, true, { state: 'known', user }],
    ['has no login where Teleport knows none', user, no('unsupported'), true, { state: 'known', user }],
    ['lacks a bot’s', { ...user, bot: true }, login, true, { state: 'known', user: { ...user, bot: true } }],
    ['lacks a login that is denied', user, no('denied'), true, { state: 'known', user, login: forbidden }],
    ['is nothing where it is gone', no('not-found'), login, true, { state: 'absent' }],
    ['is nothing where it may not be read', no('denied'), login, true, forbidden],
  ])('%s', async (_what, record, state, withLogin, expected) => {
    const give = (answer: unknown) => () =>
      answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    const users = { user: give(record), loginState: give(state) } as Parameters<typeof readTeleportUser>[1];

    expect(await readTeleportUser('sre-1', users, { withLogin, signal })).toEqual(expected);
  });
});

describe('of resources', () => {
  const asked: unknown[] = [];
  const nodes = {
    hostNames: (ids: readonly string[]) => (asked.push(ids), Promise.resolve(new Map([['node-1', 'web-1']]))),
    labels: (wanted: { readonly kind: string }) => (
      asked.push(wanted),
      Promise.resolve(new Map([[wanted.kind, [{ team: 'sre' }]]]))
    ),
  } as unknown as NodeNames;
  const silent = {
    hostNames: (_ids: unknown, late: AbortSignal) => stuck(late),
    labels: (_wanted: unknown, late: AbortSignal) => stuck(late),
  };
  const names = ['team'];

  it('those of the root cluster are asked for by name, once', async () => {
    asked.length = 0;
    expect(await readHostNames(request, { nodes, rootCluster }, signal)).toEqual({
      state: 'known',
      names: [{ id: 'node-1', hostname: 'web-1' }],
    });
    expect(await readLabels(request, { nodes, rootCluster, names }, signal)).toEqual({
      labels: {
        ...{ state: 'known', asked: names },
        resources: ['node', 'kube_cluster'].map((kind) => ({ kind, name: kind, labels: [{ team: 'sre' }] })),
      },
    });
    expect(asked).toEqual([
      ['node-1'],
      { kind: 'node', resources: ['node-1'], names },
      { kind: 'kube_cluster', resources: ['kube-1'], names },
    ]);
  });

  it('nothing is asked where there are none, nobody may ask, or no rule asks for labels', async () => {
    asked.length = 0;
    const none = aRequest();
    expect(await readHostNames(none, { nodes, rootCluster }, signal)).toEqual({ state: 'not-asked' });
    expect(await readHostNames(request, { nodes: null, rootCluster }, signal)).toEqual({
      state: 'not-asked',
    });
    expect(await readLabels(none, { nodes, rootCluster, names }, signal)).toEqual({});
    expect(await readLabels(request, { nodes: null, rootCluster, names }, signal)).toEqual({});
    expect(await readLabels(request, { nodes, rootCluster, names: [] }, signal)).toEqual({});
    expect(asked).toEqual([]);
  });

  it('names are waited for three seconds, and labels five', async () => {
    using time = new ManualTime(new Date(NOW));
    const unknown = { state: 'unknown', cause: { code: 'timeout' } };
    const waitedFor = async (read: Promise<unknown>) => [
      await time.during(read),
      time.epochMs - Date.parse(NOW),
    ];

    expect(await waitedFor(readHostNames(request, { nodes: silent, rootCluster }, signal))).toMatchObject([
      unknown,
      3 * SECOND,
    ]);
    expect(await waitedFor(readLabels(request, { nodes: silent, rootCluster, names }, signal))).toMatchObject(
      [{ labels: unknown }, 8 * SECOND],
    );
  });
});

it('everything by which the rules look who is on call, or page, is theirs by name, and so is how far back', () => {
  const owner = { map: [], ofRole: { dba: ['Databases'] }, unowned: 'Platform', settledMs: 0 };
  const approving = {
    onCall: someTargets({
      services: [],
      schedules: ['Leads'],
      minShiftAgeMs: 0,
      graceAfterShiftMs: 20 * MINUTE,
    }),
    answerBy: ['note'] as const,
  };
  const rules = [
    aRule({ onCall: someTargets({ escalationPolicies: ['Payments'] }), approvers: approving }),
    aRule({ onCall: someTargets({ services: [], owner, minShiftAgeMs: 0 }), escalate: null }),
    aRule({ escalate: anEscalation({ service: 'First' }) }),
  ];
  expect(targetsIn({ rules }).map(({ kind, asked }) => `${kind} ${asked}`)).toEqual([
    ...['service Payments API', 'escalation policy Payments', 'schedule Leads', 'service Access requests'],
    ...['service Databases', 'service Platform'],
    ...['service Payments API', 'service Payments API', 'service First'],
  ]);
  expect([
    lookBackOf({ rules }),
    lookBackOf({ rules: rules.slice(1, 2) }),
    lookBackOf({ rules: rules.slice(2) }),
  ]).toEqual([20 * MINUTE, 0, 10 * MINUTE]);
});
