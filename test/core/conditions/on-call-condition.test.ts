import { describe, expect, it } from 'vitest';
import type { Condition, Proof } from '../../../src/core/decision.ts';
import type { Facts, TargetFact } from '../../../src/core/facts.ts';
import { requesterIsOnCall } from '../../../src/core/conditions/on-call-condition.ts';
import type { OnCallRow } from '../../../src/core/on-call.ts';
import type { OnCallTargets } from '../../../src/core/rule.ts';
import {
  aCause,
  anOnCallRow,
  aRequest,
  aRule,
  aTargetFact,
  NOW,
  onCallWith,
  PAYMENTS,
  PAYMENTS_API,
  PAYMENTS_PRIMARY,
  recognised,
  someFacts,
  someTargets,
} from '../../support/builders.ts';

const REMEDY = 'on call for service Payments API up to level 1';
const AT = '2026-03-03T02:14:07.000Z';
const SEARCH = { id: 'PPOLCY2', summary: 'Search' };
const SEARCH_API = { id: 'PSERVC3', summary: 'Search API' };
const policyFact = aTargetFact({
  kind: 'escalation policy',
  asked: 'Payments',
  id: PAYMENTS.id,
  name: 'Payments',
  policy: null,
});
const scheduleFact = aTargetFact({
  kind: 'schedule',
  asked: 'PSCHED1',
  id: PAYMENTS_PRIMARY.id,
  name: 'Payments primary',
  policy: null,
});
const byPolicy = { services: [], escalationPolicies: ['Payments'] };
const bySchedule = { services: [], schedules: ['PSCHED1'] };

function onCall(
  facts: Partial<Facts>,
  targets: Partial<OnCallTargets> = {},
): { readonly condition: Condition; readonly proof: Proof | null } {
  const rule = aRule({ onCall: someTargets(targets) });
  return requesterIsOnCall({ rule, request: aRequest(), facts: someFacts(facts), now: NOW });
}

function withRows(...rows: readonly OnCallRow[]): Partial<Facts> {
  return { onCall: onCallWith(...rows) };
}

describe('the requester is on call', () => {
  it('by a row of the right service, told with the row that proves it', () => {
    const row = anOnCallRow();

    expect(onCall(withRows(row))).toEqual({
      condition: {
        name: 'on-call',
        answer: 'met',
        detail:
          'Sam One (by trait `email`) is on call for service Payments API (schedule Payments primary, policy Payments, level 1, until 2026-03-08T00:00:00Z)',
        remedy: null,
        transient: false,
      },
      proof: {
        rule: 'prod-oncall',
        target: { kind: 'service', asked: 'Payments API', id: 'PSERVC1', name: 'Payments API' },
        row,
        helpsWith: null,
        age: { since: '2026-03-01T00:00:00.000Z', by: 'row' },
      },
    });
  });

  it('permanently, where the rule accepts it', () => {
    const row = anOnCallRow({ schedule: null, start: null, end: null });

    expect(onCall(withRows(row), { permanent: true })).toMatchObject({
      condition: {
        answer: 'met',
        detail:
          'Sam One (by trait `email`) is on call for service Payments API (no schedule, policy Payments, level 1, without end)',
      },
      proof: { row },
    });
  });

  it('by an escalation policy or a schedule as well', () => {
    expect(onCall({ targets: [policyFact] }, byPolicy).proof?.target).toEqual({
      kind: 'escalation policy',
      asked: 'Payments',
      id: 'PPOLCY1',
      name: 'Payments',
    });
    expect(onCall({ targets: [scheduleFact] }, bySchedule).condition.detail).toBe(
      'Sam One (by trait `email`) is on call for schedule Payments primary (schedule Payments primary, policy Payments, level 1, until 2026-03-08T00:00:00Z)',
    );
  });

  it('under the name that PagerDuty has for the person, or the id where there is none', () => {
    const detailFor = (name: string | null) =>
      onCall({ requester: recognised({ name, source: 'map' }) }).condition.detail;

    expect(detailFor('Sam\nOne\u202e')).toMatch(/^Sam One \(by map\) is on call for /u);
    expect(detailFor(null)).toMatch(/^PSAM1RE \(by map\) is on call for /u);
  });

  it('up to the level that the rule accepts', () => {
    expect(onCall(withRows(anOnCallRow({ escalation_level: 2 })), { maxLevel: 2 }).condition.answer).toBe(
      'met',
    );
  });

  it('for one of several targets, though another could not be looked up', () => {
    const lost: TargetFact = { kind: 'service', asked: 'Search API', state: 'unknown', cause: aCause() };
    const services = ['Search API', 'Payments API'];

    expect(onCall({ targets: [lost, aTargetFact()] }, { services }).condition.answer).toBe('met');
  });

  it('by the services that the row itself lists, and by the service’s policy only if it lists none', () => {
    const policyOf = (services: NonNullable<OnCallRow['escalation_policy']>['services'], id = PAYMENTS.id) =>
      withRows(anOnCallRow({ escalation_policy: { id, summary: 'Payments', services } }));

    expect(onCall(policyOf([SEARCH_API, PAYMENTS_API], SEARCH.id)).condition.answer).toBe('met');
    expect(onCall(policyOf([SEARCH_API])).condition.answer).toBe('not-met');
    expect(onCall(policyOf([])).condition.answer).toBe('not-met');
    expect(onCall(policyOf(null)).condition.answer).toBe('met');
    expect(onCall(policyOf(null, SEARCH.id)).condition.answer).toBe('not-met');
  });
});

describe('the row that is named', () => {
  const far = anOnCallRow({ escalation_level: 2, end: null });
  const short = anOnCallRow({ end: '2026-03-04T00:00:00Z' });
  const long = anOnCallRow({ end: '2026-03-05T00:00:00Z' });
  const endless = anOnCallRow({ end: null });
  const schedule = { id: 'PSCHED9', summary: 'Payments override' };
  const elsewhere = anOnCallRow({ escalation_policy: { ...SEARCH, services: [PAYMENTS_API] } });

  const direct = anOnCallRow({ schedule: null, end: null });
  const free = { ...long, escalation_policy: null };

  it.each([
    ['has the nearest level', [far, short], short],
    ['lasts longest at that level', [short, long], long],
    ['lasts longest in time and not as text', [long, { ...short, end: '2026-03-05T03:00:00+04:00' }], long],
    ['lasts for ever', [long, endless], endless],
    ['has the last schedule id of equals', [long, { ...long, schedule }], { ...long, schedule }],
    ['has the last policy id of those', [anOnCallRow(), elsewhere], elsewhere],
    ['has no schedule and no end', [direct, long], direct],
    ['has a schedule, of two for ever', [endless, direct], endless],
  ])('%s, whatever the order', (_what, rows, named) => {
    for (const each of [rows, rows.toReversed()])
      expect(onCall(withRows(...each), { maxLevel: 2, permanent: true }).proof?.row).toEqual(named);
  });

  it('is one of a policy rather than one that no policy uses, for a schedule', () => {
    for (const rows of [
      [free, long],
      [long, free],
    ])
      expect(onCall({ ...withRows(...rows), targets: [scheduleFact] }, bySchedule).proof?.row).toEqual(long);
  });
});

describe('the requester is not on call', () => {
  const not = 'Sam One (by trait `email`) is not on call for service Payments API at ' + AT;

  it.each([
    ['without rows', [], not],
    ['by somebody else’s row', [anOnCallRow({ user: { id: 'PTAY2RE', summary: 'Taylor Two' } })], not],
    [
      'at a higher level than the rule accepts',
      [anOnCallRow({ escalation_level: 2 })],
      `${not} (service Payments API: on call at level 2, the rule accepts up to level 1)`,
    ],
    [
      'permanently, unless the rule accepts it',
      [anOnCallRow({ schedule: null, start: null, end: null })],
      `${not} (service Payments API: named in the policy without a schedule, which the rule does not accept)`,
    ],
    [
      'after the shift',
      [anOnCallRow({ end: AT })],
      `${not} (service Payments API: the shift is from 2026-03-01T00:00:00Z to ${AT})`,
    ],
    [
      'before the shift',
      [anOnCallRow({ start: '2026-03-04T00:00:00Z', end: null })],
      `${not} (service Payments API: the shift is from 2026-03-04T00:00:00Z to ever)`,
    ],
  ])('%s', (_how, rows, detail) => {
    expect(onCall(withRows(...rows))).toEqual({
      condition: { name: 'on-call', answer: 'not-met', detail, remedy: REMEDY, transient: false },
      proof: null,
    });
  });

  it('after the end of a row that never began', () => {
    const over = anOnCallRow({ start: null, end: '2026-03-03T00:00:00Z' });

    expect(onCall(withRows(over), { permanent: true }).condition.detail).toBe(
      `${not} (service Payments API: the shift is from ever to 2026-03-03T00:00:00Z)`,
    );
  });

  it('and the first three near misses are told', () => {
    const rows = [2, 3, 4, 5].map((level) => anOnCallRow({ escalation_level: level }));

    expect(onCall(withRows(...rows)).condition.detail).toBe(
      `${not} (${[2, 3, 4].map((level) => `service Payments API: on call at level ${level}, the rule accepts up to level 1`).join('; ')})`,
    );
  });

  it('for any of the targets, which are all named', () => {
    const services = ['Payments API', 'Search API'];
    const search = aTargetFact({ asked: 'Search API', id: SEARCH_API.id, name: 'Search API', policy: null });
    const targets = [aTargetFact(), search, policyFact, scheduleFact];
    const everywhere = { services, escalationPolicies: ['Payments'], schedules: ['PSCHED1'] };

    expect(onCall({ ...withRows(), targets }, everywhere).condition.detail).toBe(
      `Sam One (by trait \`email\`) is not on call for service Payments API, service Search API, escalation policy Payments or schedule PSCHED1 at ${AT}`,
    );
  });

  it.each([
    ['schedule', scheduleFact, bySchedule, anOnCallRow({ schedule: { id: 'PSCHED2', summary: 'Other' } })],
    ['schedule', scheduleFact, { ...bySchedule, permanent: true }, anOnCallRow({ schedule: null })],
    ['policy', policyFact, byPolicy, anOnCallRow({ escalation_policy: { ...SEARCH, services: null } })],
  ])('by a row of another %s', (_kind, fact, targets, row) => {
    expect(onCall({ ...withRows(row), targets: [fact] }, targets).condition.answer).toBe('not-met');
  });

  it('by a service without a policy, where the row does not list its services', () => {
    const row = anOnCallRow({ escalation_policy: { ...PAYMENTS, services: null } });

    expect(onCall({ ...withRows(row), targets: [aTargetFact({ policy: null })] }).condition.answer).toBe(
      'not-met',
    );
  });
});
