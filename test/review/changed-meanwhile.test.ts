import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { wayToResolve } from '../../src/service/way-to-resolve.ts';
import { setOverride } from '../sim/pagerduty/administration.ts';
import { addNote, deleteNote, editNote } from '../sim/pagerduty/incident-notes.ts';
import type { AccessRequest } from '../sim/teleport/model.ts';
import { CLUSTER_NAME } from '../sim/teleport/reference-world.ts';
import { paged } from '../support/paged.ts';
import { World, type WorldOptions } from '../support/world.ts';
import { twoApprovals } from '../support/two-approvals.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

const node = { cluster: CLUSTER_NAME, kind: 'node', name: 'db-1', subResource: '' };
const reviews = (stage: World) => stage.teleport.calls.of('SubmitAccessReview').length;
const states = (stage: World) => stage.teleport.calls.of('SetAccessRequestState').length;

/** Whoever is on call asks, and the request is changed while PagerDuty is asked; the watch does not tell of it. */
async function changedWhileDecided(change: Partial<AccessRequest>, options: WorldOptions = {}) {
  const stage = await World.open(options);
  stage.pagerDuty.faults.add({ kind: 'latency', ms: 400, match: { pathPrefix: '/oncalls' } });
  const id = stage.request('sre-1');
  await stage.reports.when('seen', ({ requestId }) => requestId === id);
  stage.teleport.cluster.watches.holdEvents();
  stage.teleport.cluster.changeRequest(id, change);
  return { stage, id, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

describe('a request that is changed after it was decided upon', () => {
  const other = { roles: ['prodaccess', 'sres'] };
  const threshold = { name: 'two', filter: '', approve: 2, deny: 1 };

  it.each<[string, Partial<AccessRequest>, WorldOptions, string, readonly number[]]>([
    ['other roles', other, {}, 'escalate', [0, 0]],
    ['other roles, on Community', other, { edition: 'community' }, 'escalate', [0, 0]],
    ['resources', { resourceIds: [node] }, {}, 'approve', [1, 0]],
    ['thresholds', { thresholds: [threshold] }, {}, 'approve', [1, 0]],
  ])(
    'is decided anew, and not reviewed as what it was: %s',
    async (_what, change, options, verdict, calls) => {
      await using changed = await changedWhileDecided(change, options);
      const { stage, id } = changed;

      await stage.reports.when('effectDone', ({ key }) => key === 'page' || key === 'review 2');

      expect(stage.decided(id)).toMatchObject({ number: 2, decision: { verdict } });
      expect([reviews(stage), states(stage)]).toEqual(calls);
      expect((await stage.events(id)).filter(({ kind }) => kind === 'decided')).toHaveLength(2);
    },
  );
});

/** Whoever is off call has asked, and a person is paged for what is changed then. */
describe('a request that is changed while its page waits for an answer', () => {
  const rule = { roles: ['prodaccess', 'sres'] };
  const changes: readonly (readonly [string, Partial<AccessRequest>, string])[] = [
    ['roles', { roles: ['prodaccess', 'sres'] }, 'roles prodaccess and sres'],
    [
      'resources',
      { resourceIds: [{ cluster: CLUSTER_NAME, kind: 'db', name: 'payments', subResource: '' }] },
      'only for db payments',
    ],
    [
      'constraints',
      { resourceIds: [{ ...node, constraints: { version: 'v1', ssh: { logins: ['root'] } } }] },
      'root',
    ],
    ['thresholds', { thresholds: [{ name: 'two', filter: '', approve: 1, deny: 2 }] }, 'prodaccess'],
  ];

  it.each(changes)('is asked anew on another page, and only there: %s', async (_what, change, shows) => {
    await using waiting = await paged({ rule });
    const { stage, id, pageId, code } = waiting;
    const { account } = stage.pagerDuty;

    stage.teleport.cluster.changeRequest(id, change);
    await stage.done('close-page replaced 1');
    addNote(account, pageId, `approve ${code}`, SAM);
    await stage.followUp(id);

    expect(stage.decided(id)).toMatchObject({ number: 2, decision: { verdict: 'escalate' } });
    const [first, second] = stage.incidents();
    expect([first?.status, second?.status]).toEqual(['resolved', 'triggered']);
    expect(second?.details).toContain(shows);
    expect([stage.state(id), reviews(stage)]).toEqual(['PENDING', 0]);
    expect(stage.notesOf(pageId).at(-1)).toContain('was changed in Teleport after this page was opened');

    addNote(account, second?.id ?? '', `approve ${code}`, SAM);
    await stage.followUp(id);
    expect(reviews(stage)).toBe(1);
  });

  it('is asked anew where its answer was heard before the change was: nothing tells of that but the look before the vote', async () => {
    await using waiting = await paged({ rule });
    const { stage, id, pageId, code } = waiting;
    stage.teleport.cluster.watches.holdEvents();
    stage.teleport.cluster.changeRequest(id, { roles: ['prodaccess', 'sres'] });

    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    await stage.followUp(id);
    await stage.done('page 2');

    expect([stage.state(id), reviews(stage)]).toEqual(['PENDING', 0]);
    expect(stage.notesOf(pageId).join()).toContain('was changed in Teleport after this page was opened');
  });
});

describe('an edition that changes while the service runs', () => {
  it('to Enterprise, with two approvals asked for: no state is set', async () => {
    await using stage = await World.open({ edition: 'community' });
    const { cluster } = stage.teleport;
    cluster.changeEdition('enterprise');
    for (const role of twoApprovals({}).roles) cluster.directory.putRole(role);

    const id = stage.request('sre-1');
    await stage.done('review');

    expect(stage.reports.of('resolvesWith')).toEqual([{ way: 'review' }]);
    expect([stage.state(id), reviews(stage), states(stage)]).toEqual(['PENDING', 1, 0]);
  });

  it('and cannot be asked for: no state is set until it can', async () => {
    await using stage = await World.open({ edition: 'community' });
    stage.teleport.faults.add({ method: 'Ping', kind: 'error', code: status.UNAVAILABLE });

    const id = stage.request('sre-1');
    await stage.reports.when('effectFailed', ({ key }) => key === 'review');
    expect([stage.state(id), states(stage)]).toEqual(['PENDING', 0]);

    stage.teleport.faults.clear();
    await stage.poll(() => stage.state(id), { timeout: 5_000 }).toBe('APPROVED');
  });

  it('to Community, which refuses reviews: the state is set', async () => {
    await using stage = await World.open();
    const { cluster } = stage.teleport;
    cluster.changeEdition('community');
    const update = { resources: ['access_request'], verbs: ['list', 'read', 'update'] };
    const users = { resources: ['user', 'user_login_state'], verbs: ['read'] };
    cluster.directory.putRole({ name: 'access-reviewer', allow: { rules: [update, users] } });

    const id = stage.request('sre-1');
    await stage.done('review');

    expect(stage.reports.of('resolvesWith')).toEqual([{ way: 'state' }]);
    expect([stage.state(id), states(stage)]).toEqual(['APPROVED', 1]);
  });

  it('is asked for once for each state that is set, and not at all where the configuration says how', async () => {
    await using stage = await World.open({ edition: 'community' });
    const pings = () => stage.teleport.calls.of('Ping').length;
    const before = pings();
    const id = stage.request('sre-1');
    await stage.poll(() => stage.state(id)).toBe('APPROVED');
    expect(pings()).toBe(before + 1);

    const config = loadConfig(stage.configFile, {}, { offline: true });
    const { teleport } = config;
    const fixed = wayToResolve(
      { ...config, teleport: { ...teleport, resolve_with: 'review' } },
      stage.service.cluster,
      { admin: { ping: () => Promise.reject(new Error('asked')) }, reporter: stage.reports.reporter },
    );
    expect(await fixed.askAnew(new AbortController().signal)).toBe('review');
  });
});

describe('an answer that counted when it was heard, and is carried later, stands', () => {
  type Waiting = Awaited<ReturnType<typeof paged>>;

  it.each<[string, (waiting: Waiting, noteId: string) => unknown]>([
    [
      'though its note was edited',
      ({ stage, pageId }, noteId) => editNote(stage.pagerDuty.account, pageId, noteId, 'wait'),
    ],
    ['though removed', ({ stage, pageId }, noteId) => deleteNote(stage.pagerDuty.account, pageId, noteId)],
    [
      'though the approver is off call by now',
      ({ stage: { pagerDuty } }) => {
        const now = pagerDuty.account.clock.now().getTime();
        const [start, end] = [new Date(now - 60_000), new Date(now + 3_600_000)];
        setOverride(pagerDuty.account, { scheduleId: 'PSCHED1', userId: 'PROB3RE', start, end });
      },
    ],
  ])('%s', async (_what, change) => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;
    stage.teleport.faults.add({ method: 'SubmitAccessReview', kind: 'error', code: status.UNAVAILABLE });
    const note = addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    await stage.followUp(id);

    change(waiting, note.id);
    stage.teleport.faults.clear();

    await stage.poll(() => stage.state(id), { timeout: 5_000 }).toBe('APPROVED');
  });
});
