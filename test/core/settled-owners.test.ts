import { describe, expect, it } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { policyFor } from '../../src/core/ownership.ts';
import type { TargetFact } from '../../src/core/facts.ts';
import { DAY, plusMs } from '../../src/core/values/instant.ts';
import {
  aCause,
  anOnCallRow,
  aPolicy,
  aRequest,
  aRule,
  aTargetFact,
  NOW,
  onCallWith,
  PAYMENTS_PRIMARY,
  someTargets,
  someFacts,
} from '../support/builders.ts';
import { ask, db, factsOf, labelsAs, ruleFor } from './owning.ts';

describe('a rule that goes by owners', () => {
  it('lets nobody in by a policy that is new to the service, denies nobody by it, and asks those for what has no owner', () => {
    const labels = { a: [{ owner: 'A' }], ab: [{ owner: 'A,B' }], none: [{}] };
    const map = [{ scope: { kinds: ['db'], names: ['none'] }, services: ['A'] }];
    const rule = ruleFor({ settledMs: DAY, map }, { otherwise: 'deny' });
    const [old, young, first] = [{ ms: DAY }, { ms: DAY - 1 }, { ms: 0, first: true }] as const;
    const found = (name: string, ages: Parameters<typeof ask>[1]['ages'], onCallFor = ['A']) =>
      ask([db(name)], { rule, labels, ages, onCallFor });

    expect(found('a', { A: old }).decision.verdict).toBe('approve');
    for (const ages of [{ A: young }, { A: first }, {}, undefined, { A: young, B: old }]) {
      const { decision, why } = found('a', ages);
      expect(decision).toMatchObject({ verdict: 'escalate', provisional: false });
      expect(why).toContain(ages === undefined ? 'for too short a time' : '24 h (`owner.settled`)');
    }
    expect(found('a', { A: young }, []).decision.verdict).toBe('escalate');
    expect(found('a', { A: old }, []).decision.verdict).toBe('deny');
    const { names, asking } = found('a', { A: young });
    expect([names, asking[0]?.escalate?.service]).toEqual([['prod-oncall/(no owner)'], 'Access requests']);
    // Of several owners those count that are not new.
    expect(found('ab', { A: young, B: old }).names).toEqual(['prod-oncall/B']);
    expect(found('ab', { A: young, B: old }).decision.verdict).toBe('deny');
    expect(found('ab', { A: old, B: young }).decision.verdict).toBe('approve');
    // Whoever wrote the map has seen what it names.
    expect(found('none', { A: first }).decision.verdict).toBe('approve');
    expect(found('none', { A: young }).decision.verdict).toBe('escalate');
    const both = ask([db('a'), db('none')], { rule, labels, ages: { A: first } });
    expect(both.decision.verdict).toBe('escalate');
    const ofRole = ruleFor({ settledMs: DAY, ofRole: { prodaccess: ['A'] } });
    expect(ask([], { rule: ofRole, ages: { A: first } }).decision.verdict).toBe('approve');
    expect(found('a', { A: young }).why).toContain(`since ${plusMs(NOW, -young.ms)} only`);
    expect(found('a', {}).why).toContain(`since ${NOW} only`);
  });

  it('has no owner where PagerDuty has none of the services, or they are disabled; one that may be had later is one', () => {
    const rule = ruleFor({}, { otherwise: 'deny' });
    const labels = labelsAs({ a: [{ owner: 'A' }], ab: [{ owner: 'A,B' }] });
    const facts = factsOf([], labels);
    const found = (name: string, ...changed: readonly TargetFact[]) => {
      const others = facts.targets.filter(({ asked }) => !changed.some((each) => each.asked === asked));
      const told = { ...facts, targets: [...changed, ...others] };
      return decide(aRequest({ resources: [db(name)] }), told, aPolicy({ rules: [rule] }), NOW);
    };
    const service = (asked: string) => ({ kind: 'service', asked }) as const;
    const gone = { ...service('A'), state: 'unknown', cause: aCause({ transient: false }) } as const;
    const off = { ...aTargetFact({ ...service('A'), id: 'A' }), disabled: true };

    for (const each of [gone, off]) {
      expect(found('a', each)).toMatchObject({ verdict: 'escalate', rules: ['prod-oncall/(no owner)'] });
      expect(found('ab', each).outcomes.map(({ rule: name }) => name)).toEqual(['prod-oncall/A,B']);
    }
    expect(found('a', off).reasons[0]?.text).toContain('service `A`, is disabled');
    const silent = { ...service('A'), state: 'unknown', cause: aCause() } as const;
    expect(found('a', silent)).toMatchObject({ provisional: true, rules: ['prod-oncall/A'] });
  });

  it('goes by the policy of the row, whatever else is told of the service', () => {
    const rule = ruleFor({ settledMs: DAY });
    const facts = factsOf([], labelsAs({ a: [{ owner: 'A' }] }), { A: { ms: DAY } });
    const under = (id: string | null, services: readonly { id: string; summary: string }[] | null) =>
      onCallWith(anOnCallRow({ escalation_policy: id === null ? null : { id, summary: id, services } }));
    const verdict = (onCall: typeof facts.onCall, targets = facts.targets) =>
      decide(
        aRequest({ resources: [db('a')] }),
        { ...facts, onCall, targets },
        aPolicy({ rules: [rule] }),
        NOW,
      ).verdict;
    const own = [{ id: 'A', summary: 'A' }];

    expect(verdict(under('policy-A', own))).toBe('approve');
    expect(verdict(under('policy-A', null))).toBe('approve');
    expect(verdict(under('policy-X', own))).toBe('escalate');
    // What was there at the first look counts for a service of the map alone, and not where a label names it too.
    const before = { service: 'A', policy: 'policy-X', since: NOW, first: true } as const;
    const seen = { at: NOW, seen: [...(facts.policies?.seen ?? []), before] };
    const map = [{ scope: { kinds: ['db'], names: ['b'] }, services: ['A'] }];
    const labels = labelsAs({ a: [{ owner: 'A' }], b: [{}] });
    for (const [names, expected] of [
      [['b'], 'approve'],
      [['a'], 'escalate'],
      [['a', 'b'], 'escalate'],
    ] as const)
      expect(
        decide(
          aRequest({ resources: names.map((name) => db(name)) }),
          { ...facts, labels, policies: seen, onCall: under('policy-X', own) },
          aPolicy({ rules: [ruleFor({ settledMs: DAY, map })] }),
          NOW,
        ).verdict,
      ).toBe(expected);
    const loose = someTargets({ services: [], schedules: ['S'], settled: { ms: DAY, orFirst: true } });
    const schedule = aTargetFact({ kind: 'schedule', asked: 'S', id: PAYMENTS_PRIMARY.id, policy: null });
    const found = decide(
      aRequest(),
      { ...facts, onCall: under(null, null), targets: [schedule] },
      aPolicy({ rules: [aRule({ onCall: loose })] }),
      NOW,
    );
    expect(found.verdict).toBe('escalate');
    const gone = [{ ...aTargetFact({ asked: 'A', id: 'A', policy: null }) }];
    expect(verdict(under('policy-A', own), gone)).toBe('approve');
  });

  it('has no owner where its label was not asked for: the map may name another than the label does', () => {
    const map = [{ scope: { kinds: ['*'], names: ['*'] }, services: ['A'] }];
    const policy = aPolicy({ rules: [ruleFor({ map })] });
    const names = (asked: readonly string[]) =>
      policyFor(policy, aRequest({ resources: [db('x')] }), {
        ...someFacts(),
        labels: { state: 'known', asked, resources: [{ kind: 'db', name: 'x', labels: [{}] }] },
      }).rules.map(({ name }) => name);

    expect(names(['owner'])).toEqual(['prod-oncall/A']);
    expect(names(['team'])).toEqual(['prod-oncall/(no owner)']);
  });
});
