import { describe, expect, it } from 'vitest';
import { MINUTE, plusMs } from '../../src/core/values/instant.ts';
import type { Sheet } from '../../src/core/roster/sheet.ts';
import type { Rule } from '../../src/core/rule.ts';
import type { Incident } from '../../src/ports/pagerduty.ts';
import type { Roster } from '../../src/ports/roster.ts';
import { isOwnPage, readReach } from '../../src/review/facts/read-incidents.ts';
import {
  anEscalation,
  anOnCallRow,
  aRequest,
  aRule,
  aTargetFact,
  NOW,
  SAM,
  someTargets,
  TAYLOR,
} from '../support/builders.ts';
import {
  isDown,
  live,
  incident,
  helping,
  gather,
  needed,
  service,
  off,
  since,
  type There,
} from '../support/gathered.ts';

function unasked(): Promise<never> {
  return Promise.reject(new Error('nothing needs to be asked'));
}

const unaskedRoster = { onCall: unasked };
const PAGED = { id: 'PPOLCY1', summary: 'Payments' };
const ANSWERING = { id: 'PPOLCY2', summary: 'Search' };
const ask = { signal: new AbortController().signal, priority: 'decision' } as const;

describe('whether a page would reach anybody', () => {
  it('is not asked where no rule breaks glass', async () => {
    expect(await readReach(aRequest(), [aRule()], unaskedRoster, ask)).toEqual({ state: 'not-asked' });
  });

  it('is not known where only an annotation names the service, and the request lacks it', async () => {
    const escalate = anEscalation({ service: null, fromAnnotation: 'pagerduty_notify_service' });
    const rules = [aRule({ escalate }), aRule({ name: 'glass', mode: 'shadow', breakGlass: true })];

    expect(await readReach(aRequest(), rules, unaskedRoster, ask)).toMatchObject({
      state: 'unknown',
      cause: { code: 'not-found' },
    });
  });

  const rules = [aRule(), aRule({ name: 'glass', breakGlass: true })];
  /** A roster in which somebody is on call under these policies alone. */
  const world = (...onCall: readonly string[]): Pick<Roster, 'onCall'> => ({
    onCall: (targets) =>
      Promise.resolve({
        at: NOW,
        targets: targets.map((target) => {
          const policy = target.asked === 'Access requests' ? PAGED : ANSWERING;
          const isPolicy = target.kind === 'escalation policy';
          return aTargetFact({ ...target, id: isPolicy ? policy.id : target.asked, policy });
        }),
        rows: onCall.map((id) => anOnCallRow({ escalation_policy: { id, summary: id, services: null } })),
        broken: [],
        people: new Map(),
        sightings: [],
      }),
  });
  const with_ = (change: Partial<Sheet>): Pick<Roster, 'onCall'> => ({
    onCall: async (targets) => ({ ...(await world().onCall(targets, ask)), ...change }),
  });
  const reach = (roster: Pick<Roster, 'onCall'>, asking = rules) =>
    readReach(aRequest(), asking, roster, ask);

  it('goes by the on-call rows of who is paged and who may answer', async () => {
    expect(await reach(world(PAGED.id))).toEqual({ state: 'known', reachable: true });
    expect(await reach(world(ANSWERING.id))).toEqual({ state: 'known', reachable: true });
    expect(await reach(world())).toEqual({ state: 'known', reachable: false });
    expect(await reach(world('PPOLCY9'))).toEqual({ state: 'known', reachable: false });
    const coming = anOnCallRow({
      start: plusMs(NOW, MINUTE),
      escalation_policy: { ...PAGED, services: null },
    });
    expect(await reach(with_({ rows: [coming] }))).toEqual({ state: 'known', reachable: false });
  });

  it('goes by policies that are named as well', async () => {
    const onCall = someTargets({ services: [], escalationPolicies: ['Search'] });
    const named = aRule({ approvers: { onCall, answerBy: ['note'] } });
    const glass = aRule({ name: 'glass', breakGlass: true });

    expect(await reach(world(ANSWERING.id), [named, glass])).toEqual({ state: 'known', reachable: true });
  });

  it('is not known where a name is no more, or a row cannot be understood', async () => {
    const cause = { code: 'not-found', message: 'PagerDuty has no such service', transient: false } as const;
    const gone = { kind: 'service', asked: 'Payments API', state: 'unknown', cause } as const;
    const broken = { policyId: null, scheduleId: null, userId: null, why: 'field `start`: no time' };

    expect(await reach(with_({ targets: [gone] }))).toEqual({ state: 'unknown', cause });
    expect(await reach(with_({ broken: [broken] }))).toMatchObject({
      state: 'unknown',
      cause: { code: 'malformed' },
    });
  });
});

it.each([
  ['a person opened', { id: 'PBOT6OA', type: 'user_reference' }, true],
  ['nobody is said to have opened', null, true],
  ['an alert opened', { id: 'PSERVC1', type: 'service_reference' }, false],
  ['an integration opened', { id: 'PINTEG1', type: 'inbound_integration_reference' }, false],
])(
  'an incident with a key like ours is no evidence of an outage where it is one that %s: %s',
  (_which, openedBy, isOurs) => {
    const by = openedBy === null ? null : { ...openedBy, summary: '' };
    const incident = { incidentKey: 'oncall-approver/7/whatever', openedBy: by } as Incident;

    expect(isOwnPage(incident)).toBe(isOurs);
    expect(isOwnPage({ ...incident, incidentKey: 'disk' })).toBe(false);
  },
);

describe('of incidents', () => {
  const facts = async (rules: readonly Rule[], there: There) => (await gather(rules, there)).facts;

  it('it is said what they are, who opened them, who has acknowledged them and who is to help', async () => {
    const acknowledgements = [TAYLOR, { id: 'PSERVC1', summary: '' }].map((who, index) => ({
      by: { ...who, type: index === 0 ? 'user_reference' : 'service_reference' },
      at: NOW,
    }));
    const open = [
      live('Q1', {
        ...needed,
        acknowledgements,
        title: 'checkout fails',
        urgency: 'low',
        lastChangeBy: service,
      }),
    ];
    const { incidents } = await facts([helping, incident], {
      open,
      asking: { Q1: TAYLOR.id },
      reopenedBy: SAM.id,
      rows: off,
    });

    expect(incidents).toMatchObject({
      state: 'known',
      incidents: [
        {
          ...{
            id: 'Q1',
            title: 'checkout fails',
            urgency: 'low',
            service: { id: 'PSERVC1' },
            assignees: [SAM],
            createdAt: NOW,
            openedBy: service,
          },
          acknowledgers: [TAYLOR],
          responders: [{ user: SAM, state: 'pending', requester: null }],
          helpRequests: { state: 'known', requests: [{ by: { id: TAYLOR.id } }] },
          reopenedBy: { id: SAM.id },
        },
      ],
    });
  });

  it('one that was merged stays what it was, and who has to do with it is said of what it goes on as', async () => {
    const own = live('Q3', { incidentKey: 'oncall-approver/1', openedBy: null });
    const into = live('Q2', { assignees: [TAYLOR], responders: needed.responders, title: 'all is down' });
    const pairs = [
      { merged: live('Q1'), into },
      { merged: own, into },
      { merged: live('Q4'), into: own },
    ];
    const { incidents } = await facts([helping], { merged: pairs, rows: off });

    expect(incidents).toMatchObject({
      incidents: [
        {
          id: 'Q1',
          assignees: [TAYLOR],
          responders: [{ user: SAM }],
          mergedInto: { id: 'Q2', title: 'all is down', openedBy: service },
        },
      ],
    });
    expect(incidents).toHaveProperty('incidents.length', 1);
  });

  it.each<[string, There, object]>([
    [
      'is said of all where they cannot be had',
      { open: isDown },
      { incidents: { state: 'unknown', cause: { code: 'unavailable' } }, helped: { state: 'not-asked' } },
    ],
    [
      'is said of who asked for help where one log cannot be had',
      { merged: [{ merged: live('Q1', needed), into: live('Q2') }], asking: { Q1: TAYLOR.id, Q2: isDown } },
      { incidents: { incidents: [{ helpRequests: { state: 'unknown', cause: { code: 'unavailable' } } }] } },
    ],
    [
      'is not said of who asked',
      { open: [live('Q1', needed)], asking: { Q1: TAYLOR.id } },
      { helped: { state: 'known', rows: [{ user: TAYLOR }] } },
    ],
  ])('what is not known %s', async (_what, there, expected) => {
    expect(await facts([helping], { rows: off, ...there })).toMatchObject(expected);
  });

  it('nothing is read for whom nobody knows', async () => {
    const policy = { identities: [{ kind: 'map' as const, users: {} }] };
    const open = [live('Q1', { ...needed, lastChangeBy: service })];
    const { asked, facts: all } = await gather([helping], { policy, open });

    expect(asked).toEqual(['on call for Payments API', 'open on PSERVC1', since]);
    expect(all).toMatchObject({
      requester: { state: 'unrecognised' },
      onCall: { state: 'not-asked' },
      helped: { state: 'not-asked' },
    });
  });
});
