import { expect, it } from 'vitest';
import type { ResourceScope } from '../../src/core/resources/resource-scope.ts';
import type { IncidentRequirement, OnCallTargets, Rule, When } from '../../src/core/rule.ts';
import type { Settling } from '../../src/core/roster/policies-seen.ts';
import { HOUR, MINUTE } from '../../src/core/values/instant.ts';
import { approvalImplies, coverAllOf, isWithinScope } from '../../src/rules/implies.ts';
import { OWNER } from '../core/owning.ts';
import { aRule, aWhen, someRequirements, someTargets } from '../support/builders.ts';

/*
 * What follows from what: a proof rests on each of these. `narrower` follows where it is on the strict side and `wider` on the other, and
 * never the other way round.
 */

const targets = (more: Partial<OnCallTargets>): Partial<Rule> => ({ onCall: someTargets(more) });
const teams = (ms: number, ...names: readonly string[]) => ({ names, settled: { ms } as Settling });
const incident = (more: Partial<IncidentRequirement>): Partial<Rule> => ({
  require: someRequirements({ openIncident: { urgency: null, involvement: 'any', ...more } }),
});
const aged = (byPeople: number, byMonitoring: number) => incident({ minAgeMs: { byPeople, byMonitoring } });

it.each<[what: string, narrower: Partial<Rule>, wider: Partial<Rule>]>([
  [
    'a reason',
    { require: someRequirements({ reason: true }) },
    { require: someRequirements({ reason: false }) },
  ],
  [
    'a shorter time',
    { require: someRequirements({ maxDurationMs: HOUR }) },
    { require: someRequirements({ maxDurationMs: 2 * HOUR }) },
  ],
  ['a time', { require: someRequirements({ maxDurationMs: HOUR }) }, {}],
  ['an incident', incident({}), {}],
  ['a grave incident', incident({ urgency: 'high' }), incident({})],
  ['an incident of the own', incident({ involvement: 'assigned' }), incident({})],
  ['an incident that people opened longer ago', aged(2 * MINUTE, MINUTE), aged(MINUTE, MINUTE)],
  ['an incident that monitoring opened longer ago', aged(MINUTE, 2 * MINUTE), aged(MINUTE, MINUTE)],
  ['an incident of some age', aged(MINUTE, MINUTE), incident({})],
  ['one of two services', targets({ services: ['A'] }), targets({ services: ['A', 'B'] })],
  [
    'one of two policies',
    targets({ escalationPolicies: ['A'] }),
    targets({ escalationPolicies: ['A', 'B'] }),
  ],
  ['a schedule less', {}, targets({ schedules: ['A'] })],
  ['a team less', {}, targets({ teams: teams(0, 'A') })],
  ['one of two teams', targets({ teams: teams(0, 'A') }), targets({ teams: teams(0, 'A', 'B') })],
  ['a team whose policies are older', targets({ teams: teams(2, 'A') }), targets({ teams: teams(1, 'A') })],
  ['no annotation', {}, targets({ fromAnnotation: 'a' })],
  ['a lower level', targets({ maxLevel: 1 }), targets({ maxLevel: 2 })],
  ['nobody for ever', targets({ permanent: false }), targets({ permanent: true })],
  ['a shorter grace', targets({ graceAfterShiftMs: 1 }), targets({ graceAfterShiftMs: 2 })],
  ['an older shift', targets({ minShiftAgeMs: 2 }), targets({ minShiftAgeMs: 1 })],
  ['no helpers', { responders: false }, { responders: true }],
  ['no local users', {}, { localUsers: ['eve'] }],
  ['one of two local users', { localUsers: ['eve'] }, { localUsers: ['eve', 'ada'] }],
])('whoever is approved by %s is approved without, and not the other way round', (_what, narrower, wider) => {
  const [strict, lax] = [aRule(narrower), aRule(wider)];

  expect([approvalImplies([strict], lax), approvalImplies([lax], strict)]).toEqual([true, false]);
  expect(approvalImplies([strict], strict)).toBe(true);
});

it.each<[what: string, one: Partial<Rule>, other: Partial<Rule>]>([
  ['another annotation', targets({ fromAnnotation: 'a' }), targets({ fromAnnotation: 'b' })],
  ['another owner', targets({ owner: OWNER }), targets({ owner: { ...OWNER, label: 'team' } })],
  ['an owner', targets({ owner: OWNER }), {}],
  ['incidents of other urgency', incident({ urgency: 'high' }), incident({ urgency: 'low' })],
  [
    'another part in an incident',
    incident({ involvement: 'assigned' }),
    incident({ involvement: 'acknowledged' }),
  ],
  ['another age', {}, { onCall: { ...someTargets(), ageUnder: undefined } as unknown as OnCallTargets }],
])('nobody is approved by one rule because of the other where they ask for %s', (_what, one, other) => {
  const [first, second] = [aRule(one), aRule(other)];

  expect([approvalImplies([first], second), approvalImplies([second], first)]).toEqual([false, false]);
});

it('what several rules ask for together implies what one asks, and none implies that a page is needless', () => {
  const [reasoned, brief] = [
    aRule({ require: someRequirements({ reason: true }), onCall: someTargets({ services: ['B'] }) }),
    aRule({ require: someRequirements({ reason: false, maxDurationMs: 1 }) }),
  ];
  const both = aRule({ require: someRequirements({ reason: true, maxDurationMs: 1 }) });

  expect(approvalImplies([reasoned, brief], both)).toBe(true);
  expect(approvalImplies([], both)).toBe(false);
  expect(approvalImplies([both], { ...both, notifies: true })).toBe(false);
});

const scope = (more: Partial<ResourceScope>): ResourceScope => ({ kinds: ['db'], names: ['*'], ...more });
const when = (more: Partial<When>): When => ({ ...aWhen(), ...more });
const hours = (from: number): When =>
  when({ hours: { timeZone: 'UTC', spans: [{ days: ['mon'], from, until: 9 }] } });

it.each<[what: string, narrow: When, wide: When]>([
  ['a role of the requester', when({ requesterRoles: ['a'] }), when({})],
  ['a role within a pattern', when({ requesterRoles: ['ab'] }), when({ requesterRoles: ['a*', 'c'] })],
  ['a trait', when({ requesterTraits: { team: ['a'] } }), when({})],
  [
    'one of two values',
    when({ requesterTraits: { team: ['a'] } }),
    when({ requesterTraits: { team: ['a', 'b'] } }),
  ],
  ['hours', hours(1), when({})],
  ['things', when({ resources: scope({}) }), when({})],
  ['a kind', when({ resources: scope({}) }), when({ resources: scope({ kinds: ['db', 'app'] }) })],
  ['a name', when({ resources: scope({ names: ['ab*'] }) }), when({ resources: scope({ names: ['a*'] }) })],
  [
    'a cluster',
    when({ resources: scope({ clusters: ['a'] }) }),
    when({ resources: scope({ clusters: ['*'] }) }),
  ],
  [
    'a label',
    when({ resources: scope({ labels: { env: ['a'] } }) }),
    when({ resources: scope({ labels: { env: ['a', 'b'] } }) }),
  ],
  ['labels', when({ resources: scope({ labels: { env: ['a'] } }) }), when({ resources: scope({}) })],
  ['logins', when({ resources: scope({ logins: ['a'] }) }), when({ resources: scope({}) })],
  [
    'one of two logins',
    when({ resources: scope({ logins: ['a'] }) }),
    when({ resources: scope({ logins: ['a', 'b'] }) }),
  ],
  ['role ARNs', when({ resources: scope({ roleArns: ['a'] }) }), when({ resources: scope({}) })],
  [
    'a namespace',
    when({ resources: scope({ subResources: ['a/b'] }) }),
    when({ resources: scope({ subResources: ['a/*'] }) }),
  ],
])('a rule for %s is within one that is for more, and not the other way round', (_what, narrow, wide) => {
  expect([coverAllOf([narrow], wide), coverAllOf([wide], narrow)]).toEqual([true, false]);
  expect(coverAllOf([wide, narrow], narrow)).toBe(true);
});

it.each<[what: string, one: ResourceScope | null, other: ResourceScope | null]>([
  ['a cluster, and the root one', scope({ clusters: ['a'] }), scope({})],
  ['a cluster, and everything in the root one', scope({ clusters: ['a'] }), null],
  ['namespaces, and all that has no name within', scope({ subResources: ['a'] }), scope({})],
  ['an expression, and a pattern that it looks like', scope({ names: ['^a$'] }), scope({ names: ['^*'] })],
  [
    'names of nodes, which may be ids',
    scope({ kinds: ['node'], names: ['ab'] }),
    scope({ kinds: ['node'], names: ['a*'] }),
  ],
  ['one label, and another', scope({ labels: { env: ['a'] } }), scope({ labels: { of: ['a'] } })],
])('of two neither is within the other: %s', (_what, one, other) => {
  expect([isWithinScope(one, other), isWithinScope(other, one)]).toEqual([false, false]);
});
