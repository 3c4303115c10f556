import { describe, expect, it } from 'vitest';
import { byPolicies, teamsNamedBy } from '../../../src/core/owners/by-team.ts';
import type { FieldFact, OwnershipReading } from '../../../src/core/owners/reading.ts';
import { labelsAskedBy } from '../../../src/core/ownership.ts';
import type { PolicySeen } from '../../../src/core/roster/policies-seen.ts';
import type { Rule } from '../../../src/core/rule.ts';
import { DAY } from '../../../src/core/values/instant.ts';
import {
  anEscalation,
  aPolicy,
  aRequest,
  aRule,
  NOW,
  someFacts,
  someTargets,
} from '../../support/builders.ts';
import { decide } from '../../../src/core/decide.ts';
import { ruleFor } from '../owning.ts';
import {
  FIELD,
  seen,
  LONG,
  LATELY,
  GONE,
  fieldFact,
  teamFact,
  reading,
  UNKNOWN,
  unreadField,
  decided,
} from './deciding.ts';

describe('a team of PagerDuty', () => {
  const rule = (overrides: Partial<Rule> = {}) =>
    aRule({
      onCall: someTargets({ services: [], teams: { names: ['T'], settled: { ms: DAY, orFirst: true } } }),
      ...overrides,
    });
  const whole = (policies: readonly PolicySeen[], overrides: Partial<Rule> = {}) =>
    decided([], { rule: rule(overrides), ownership: reading([], [teamFact('T', policies)]) });

  it('lets in whoever is on call by any policy that was in it for long enough', () => {
    expect(whole([seen('policy-B', LONG), seen('policy-A', LONG)]).decision.verdict).toBe('approve');
    expect(whole([seen('policy-A', { fromMs: 0, first: true })]).decision.verdict).toBe('approve');
    expect(whole([seen('policy-B', LONG), seen('policy-A', LATELY)]).decision.verdict).toBe('escalate');
    expect(
      whole([seen('policy-B', LONG), seen('policy-A', GONE)], { otherwise: 'deny' }).decision.verdict,
    ).toBe('deny');
  });

  it('of which nothing counts, or is known, denies nobody, and goes to people', () => {
    const young = whole([seen('policy-A', LATELY)], { otherwise: 'deny' });
    expect(young.decision).toMatchObject({ verdict: 'escalate', provisional: false });
    expect(young.why).toContain('team `T` has no escalation policy that was seen in it for 24 h');
    const away = decided([], { rule: rule(), ownership: reading([], [{ asked: 'T', ...UNKNOWN }]) });
    expect(away).toMatchObject({
      decision: { provisional: true },
      why: expect.stringContaining('is away') as string,
    });
    const unasked = decided([], { rule: rule() });
    expect(unasked.why).toContain('team `T` was not looked up');
    expect(unasked.decision.provisional).toBe(false);
    const beside = someTargets({
      services: ['A'],
      teams: { names: ['T'], settled: { ms: DAY, orFirst: true } },
    });
    expect(decided([], { rule: aRule({ onCall: beside }), ownership: reading() }).decision.verdict).toBe(
      'approve',
    );
  });

  it('is waited for where nothing else is to be asked for', () => {
    const facts = someFacts({ onCall: { state: 'not-asked' }, ownership: reading() });
    const decision = decide(aRequest(), facts, aPolicy({ rules: [rule()] }), NOW);
    expect(decision).toMatchObject({ verdict: 'escalate', provisional: true });
    expect(decision.reasons[0]?.text).toContain('team `T` was not looked up');
  });

  it('is waited for beside one that is known to have nothing', () => {
    const settled = { ms: DAY, orFirst: true };
    const two = rule({ onCall: someTargets({ services: [], teams: { names: ['T', 'U'], settled } }) });
    const ownership = reading([], [{ asked: 'T', ...UNKNOWN }, teamFact('U', [])]);
    expect(decided([], { rule: two, ownership }).decision.provisional).toBe(true);
  });

  it('may be asked', () => {
    const onCall = someTargets({ services: [], teams: { names: ['T'], settled: { ms: 0, orFirst: true } } });
    const asked = rule({
      onCall: someTargets({ services: ['B'] }),
      approvers: { ...aRule().approvers, onCall },
    });
    expect(teamsNamedBy(asked)).toEqual(['T']);
    const { approvers } = byPolicies(asked, reading([], [teamFact('T', [seen('policy-A', LONG)])]));
    expect(approvers.onCall).toEqual(someTargets({ services: [], escalationPolicies: ['policy-A'] }));
    expect(byPolicies(asked, reading()).approvers.onCall?.escalationPolicies).toEqual([]);
    expect(teamsNamedBy(ruleFor({ field: { ...FIELD, teams: ['T'] } }))).toEqual(['T']);
  });

  it('owns what a label says, is paged by its oldest services, and is told from a service of its name', () => {
    const byTeam = ruleFor(
      { teamLabel: 'team', settledMs: DAY },
      { escalate: anEscalation({ toOwner: true }) },
    );
    const labels = {
      x: [{ team: 'T' }],
      y: [{ owner: 'team:T' }],
      z: [{ team: 'U' }],
      v: [{ team: ',' }],
      w: [{ team: 'T, A' }],
    };
    const teams = [
      teamFact('T', [seen('policy-A', LONG)], ['S1', 'S2']),
      teamFact('U', [seen('policy-A', LATELY)]),
    ];
    const found = (names: readonly string[], ownership = reading([], teams)) =>
      decided(names, { rule: byTeam, labels, ownership });

    expect(found(['x']).decision).toMatchObject({ verdict: 'approve', rules: ['prod-oncall/team:T'] });
    expect(found(['x']).rules[0]?.escalate).toMatchObject({
      service: 'S1',
      instead: ['S2', 'Access requests'],
    });
    expect(found(['x', 'y']).decision.verdict).toBe('escalate');
    expect(found(['x', 'y']).rules.map(({ name }) => name)).toEqual([
      'prod-oncall/team:T',
      'prod-oncall/team%3a;T',
    ]);
    expect(found(['z']).why).toContain('team `U` has no escalation policy');
    const atOnce = reading([], [teamFact('T', [seen('policy-A', { fromMs: 0, first: true })])]);
    expect(found(['x'], atOnce).why).toContain('team `T` has no escalation policy');
    expect(found(['z']).decision.rules).toEqual(['prod-oncall/(no owner)']);
    expect(found(['v']).why).toContain('label `team` is no list');
    expect(
      found(
        ['w'],
        reading(
          [],
          [
            { asked: 'T', ...UNKNOWN },
            { asked: 'A', ...UNKNOWN },
          ],
        ),
      ).decision.provisional,
    ).toBe(true);
    expect(
      found(
        ['x'],
        reading([], [{ asked: 'T', state: 'unknown', cause: { message: 'is gone', transient: false } }]),
      ).why,
    ).toContain('is gone');
    const away = found(['x'], reading([], [{ asked: 'T', ...UNKNOWN }])).rules[0]?.escalate;
    expect([away?.service, away?.instead]).toEqual(['Access requests', undefined]);
    expect(labelsAskedBy([byTeam])).toEqual(['owner', 'team']);
  });
});

it('pages the service that an owner names by a field, and leaves who may answer as it is', () => {
  const rule = ruleFor({}, { escalate: anEscalation({ toOwner: true, ownerField: 'desk' }) });
  const desk = (service: string, ...values: readonly PolicySeen[]): FieldFact => ({
    ...fieldFact(service, ...values),
    field: 'desk',
  });
  const labels = { x: [{ owner: 'A' }], y: [{ owner: 'Q' }] };
  const fields = [
    desk('A', seen('Gone desk', GONE), seen(' Desk ', LATELY)),
    desk('B', seen('Other', LONG)),
    fieldFact('A', seen('a=b', LONG)),
    unreadField('A', 'desk'),
  ];
  const found = (name: string, ownership?: OwnershipReading) =>
    decided([name], { rule, labels, ownership }).rules[0];

  expect(found('x', reading(fields))).toMatchObject({
    onCall: { services: ['A'] },
    escalate: { service: 'Desk', instead: ['A', 'Access requests'] },
    approvers: rule.approvers,
  });
  expect(found('x')?.escalate).toMatchObject({ service: 'A', instead: ['Access requests'] });
  expect(found('y', reading(fields))?.escalate?.service).toBe('Q');
});
