import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, plusMs } from '../../src/core/values/instant.ts';
import { Given } from '../../src/rules/case-schema.ts';
import { givenDirectory } from '../../src/rules/given-directory.ts';
import { givenIncidents, givenNodes, givenOwnership, givenUsers } from '../../src/rules/given-systems.ts';
import { worldOf } from '../../src/rules/given-world.ts';
import { ruleFor } from '../core/owning.ts';
import { anEscalation, NOW } from '../support/builders.ts';

/** A world as a file of cases gives it, with more. */
function worldWith(more: object = {}) {
  return worldOf(
    Given.parse({
      time: NOW,
      pagerduty_clock: '+1m',
      teleport_users: { sam: { roles: ['sres'], sso: false } },
      pagerduty_users: {
        PSAM: { name: 'Sam', email: 'sam@example.com' },
        PTAY: { name: 'Taylor', email: 'taylor@example.com' },
        PTWIN: { name: 'taylor ', email: 'twin@example.com' },
      },
      services: {
        Payments: { escalation_policy: 'P1', custom_fields: { of: 'env=prod' }, fields_seen: '-1h' },
        Search: { escalation_policy: 'P2', status: 'disabled' },
      },
      teams: { Pay: { escalation_policies: ['P1'], seen: '-2h' }, Find: { escalation_policies: ['P2'] } },
      escalation_policies: ['P3'],
      schedules: ['Rota'],
      schedules_without_policy: ['Loose'],
      host_names: { 'node-1': 'web' },
      labels: { 'node/node-1': { env: 'prod', other: 'x' } },
      on_call: [
        { user: 'Sam', escalation_policy: 'P1', schedule: 'Rota' },
        { user: 'PTAY', escalation_policy: 'P1', level: 2 },
        { user: 'PTAY', escalation_policy: 'P3', schedule: 'Rota', start: '-2d', end: '-1d' },
        { user: 'PTWIN', schedule: 'Loose', start: '+1m', end: '+1h' },
      ],
      incidents: [
        { service: 'Payments', responders: [{ user: 'Sam', asked_by: 'PTAY', state: 'pending' }] },
        {
          service: 'Search',
          acknowledged: ['Sam'],
          assigned: ['PTAY'],
          opened: '-2d',
          opened_by: 'PTAY',
          urgency: 'low',
        },
      ],
      ...more,
    }),
  );
}

const { signal } = new AbortController();
const ask = { signal };
const aSchedule = (id: string) => ({ id, summary: id, kind: 'layers', attached: id === 'Rota' }) as const;
const failing = { name: 'PagerDutyError', kind: 'unavailable', transient: true };
const row = (user: string, policy: string | null) =>
  expect.objectContaining({
    user: expect.objectContaining({ id: user }) as unknown,
    escalation_policy: policy === null ? null : (expect.objectContaining({ id: policy }) as unknown),
  }) as unknown;

describe('PagerDuty, as a case gives it', () => {
  const directory = givenDirectory(worldWith());

  it('has the people, services, policies and schedules that are given, by name or id, and no others', async () => {
    expect((await directory.usersByEmail('SAM@example.com', ask)).map(({ id }) => id)).toEqual(['PSAM']);
    expect((await directory.user('PTAY', ask))?.name).toBe('Taylor');
    expect(await directory.user('PNONE', ask)).toBeNull();
    expect(await directory.service(' payments', ask)).toMatchObject({
      ...{ id: 'Payments', escalationPolicy: { id: 'P1' }, status: 'active' },
    });
    expect(await directory.service('Search', ask)).toMatchObject({ status: 'disabled' });
    for (const policy of ['p1', 'P3'])
      expect((await directory.escalationPolicy(policy, ask)).id).toMatch(/^P[13]$/u);
    expect(await directory.schedule('rota', ask)).toMatchObject({ id: 'Rota', attached: true });
    expect(await directory.schedule('Loose', ask)).toMatchObject({ id: 'Loose', attached: false });
    for (const [asked, what] of [
      [() => directory.service('Gone', ask), 'service'],
      [() => directory.escalationPolicy('Gone', ask), 'escalation policy'],
      [() => directory.schedule('Gone', ask), 'schedule'],
    ] as const)
      await expect(asked()).rejects.toMatchObject({
        ...{ kind: 'not-found', message: `PagerDuty has no ${what} \`Gone\`` },
      });
  });

  it('answers who is on call as PagerDuty does: whatever touches the span, by its own clock', async () => {
    const before = { from: plusMs(NOW, -3 * DAY), until: plusMs(NOW, -DAY) };

    expect(await directory.onCallsUnder(['P1'], null, ask)).toMatchObject({
      ...{ at: plusMs(NOW, MINUTE), rows: [row('PSAM', 'P1'), row('PTAY', 'P1')], broken: [] },
    });
    expect((await directory.onCallsUnder(['P3'], null, ask)).rows).toEqual([]);
    expect((await directory.onCallsUnder(['P3'], before, ask)).rows).toEqual([row('PTAY', 'P3')]);
    expect((await directory.onCallsOn(['Rota'], null, ask)).rows).toEqual([row('PSAM', 'P1')]);
    expect((await directory.onCallsOn(['Loose'], null, ask)).rows).toEqual([]);
    expect(
      (await directory.shiftsOf(aSchedule('Loose'), { from: NOW, until: plusMs(NOW, MINUTE) }, ask)).rows,
    ).toEqual([row('PTWIN', null)]);
    expect((await directory.shiftsOf(aSchedule('Rota'), before, ask)).rows).toEqual([]);
    const [scheduled, permanent] = (await directory.onCallsUnder(['P1'], null, ask)).rows;
    expect([scheduled?.start, scheduled?.end, scheduled?.escalation_level]).toEqual([
      plusMs(NOW, -DAY),
      plusMs(NOW, DAY),
      1,
    ]);
    expect([permanent?.start, permanent?.end, permanent?.schedule, permanent?.escalation_level]).toEqual([
      null,
      null,
      null,
      2,
    ]);
    expect(scheduled?.escalation_policy?.services).toEqual([{ id: 'Payments', summary: 'Payments' }]);
  });

  it('fails where the case says so, and there alone', async () => {
    const asked = (part: string | boolean) => {
      const of = givenDirectory(worldWith({ pagerduty_fails: typeof part === 'string' ? [part] : part }));
      return Promise.allSettled([
        of.usersByEmail('', ask),
        of.user('PSAM', ask),
        of.onCallsUnder([], null, ask),
        of.onCallsOn([], null, ask),
        of.shiftsOf(aSchedule('Loose'), { from: NOW, until: NOW }, ask),
        of.service('Payments', ask),
        of.escalationPolicy('P1', ask),
        of.schedule('Rota', ask),
      ]);
    };
    const failed = async (part: string | boolean) =>
      (await asked(part)).flatMap((each, index) => (each.status === 'rejected' ? [index] : []));

    expect(await failed('users')).toEqual([0, 1]);
    expect(await failed('on_call')).toEqual([2, 3]);
    expect(await failed('schedules')).toEqual([4, 7]);
    expect(await failed('services')).toEqual([5]);
    expect(await failed('escalation_policies')).toEqual([6]);
    expect(await failed(true)).toHaveLength(8);
    expect(await failed(false)).toEqual([]);
    await expect(
      givenIncidents(worldWith({ pagerduty_fails: ['incidents'] })).openOn([], ask),
    ).rejects.toMatchObject(failing);
  });

  it('has its incidents on their services, and who was asked to help', async () => {
    const incidents = givenIncidents(worldWith());
    const [one] = await incidents.openOn(['Payments'], ask);
    const [other] = await incidents.openOn(['Search'], ask);

    expect(one).toMatchObject({
      ...{ id: 'incident-1', status: 'triggered', urgency: 'high', escalationPolicy: { id: 'P1' } },
      createdAt: plusMs(NOW, -HOUR),
      openedBy: { id: 'Payments', type: 'service_reference' },
      responders: [{ user: { id: 'PSAM' }, state: 'pending', requester: { id: 'PTAY' } }],
    });
    expect(other).toMatchObject({
      ...{ id: 'incident-2', status: 'acknowledged', urgency: 'low', assignees: [{ id: 'PTAY' }] },
      acknowledgements: [{ at: NOW, by: { id: 'PSAM', type: 'user_reference' } }],
      createdAt: plusMs(NOW, -2 * DAY),
      openedBy: { id: 'PTAY', type: 'user_reference' },
    });
    expect(await incidents.helpRequests('incident-1', ask)).toEqual([
      { by: { id: 'PTAY', summary: 'Taylor', type: 'user_reference' }, asked: ['PSAM'] },
    ]);
    expect([
      await incidents.helpRequests('incident-2', ask),
      await incidents.helpRequests('gone', ask),
    ]).toEqual([[], []]);
  });

  it('knows of its teams and fields since when the case says, and else for ever', () => {
    const of = (fields: object) =>
      ruleFor(
        { field: { name: 'of', services: ['payments'], teams: ['find'], ...fields } },
        { escalate: { ...anEscalation(), ownerField: 'of' } },
      );
    const reading = givenOwnership(worldWith()).reading([of({})]);
    const ages = (seen: readonly { readonly since: string }[]) => seen.map(({ since }) => since);

    expect(
      reading?.teams.map((each) =>
        each.state === 'known' ? [each.name, each.desks, ages(each.policies)] : [],
      ),
    ).toEqual([
      ['Pay', ['Payments'], [plusMs(NOW, -2 * HOUR)]],
      ['Find', ['Search'], [plusMs(NOW, -365 * DAY)]],
    ]);
    expect(
      reading?.fields.map((each) => [each.service.id, each.state === 'known' ? each.values : null]),
    ).toEqual([
      ['payments', [{ id: 'env=prod', since: plusMs(NOW, -HOUR) }]],
      ['Search', []],
      ['Payments', [{ id: 'env=prod', since: plusMs(NOW, -HOUR) }]],
      ['Search', []],
    ]);
    expect(givenOwnership(worldWith({ pagerduty_fails: ['services'] })).reading([of({})])).toBeUndefined();
  });

  it.each<[string, object, string]>([
    [
      'a person of whom there are two',
      { on_call: [{ user: 'Taylor', escalation_policy: 'P1' }] },
      'several people',
    ],
    ['nobody', { on_call: [{ user: 'Eve', escalation_policy: 'P1' }] }, 'no person called `Eve`'],
    [
      'a policy beside a schedule that none uses',
      { on_call: [{ user: 'Sam', schedule: 'Loose', escalation_policy: 'P1' }] },
      '`Loose` is used by no policy',
    ],
    ['a permanent row of no policy', { on_call: [{ user: 'Sam' }] }, 'needs its `escalation_policy`'],
  ])('is refused where it names %s', (_what, more, words) => {
    expect(() => givenDirectory(worldWith(more))).toThrow(words);
  });
});

describe('Teleport, as a case gives it', () => {
  it('has the users, host names and labels that are given, and no others', async () => {
    const nodes = givenNodes(worldWith());

    expect(await givenUsers(worldWith()).user('sam', signal)).toEqual({
      name: 'sam',
      roles: ['sres'],
      traits: {},
      sso: false,
    });
    await expect(givenUsers(worldWith()).user('toString', signal)).rejects.toMatchObject({
      ...{ kind: 'not-found', message: 'Teleport has no user `toString`' },
    });
    expect(await nodes.hostNames(['node-1', 'node-2'], signal)).toEqual(new Map([['node-1', 'web']]));
    expect(
      await nodes.labels(
        { kind: 'node', resources: ['node-1', 'node-2'], names: ['env', 'toString'] },
        signal,
      ),
    ).toEqual(new Map([['node-1', [{ env: 'prod' }]]]));
  });

  it('fails where the case says so', async () => {
    const world = worldWith({ teleport_fails: true });

    for (const asked of [
      () => givenUsers(world).user('sam', signal),
      () => givenNodes(world).hostNames([], signal),
      () => givenNodes(world).labels({ kind: 'node', resources: [], names: [] }, signal),
    ])
      await expect(asked()).rejects.toMatchObject({
        name: 'TeleportError',
        kind: 'unavailable',
        transient: true,
      });
  });
});
