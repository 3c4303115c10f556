import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { Decision } from '../../src/core/decision.ts';
import { coverageOf, targetsOf, type Rule } from '../../src/core/rule.ts';
import { NOW, SAM } from '../builders.ts';
import { fuzzing, rules, scenarios, weirdScenarios, type Scenario } from './arbitraries.ts';
import { stricter } from './stricter.ts';

function decided({ request, facts, policy }: Scenario): Decision {
  return decide(request, facts, policy, NOW);
}

function verdictOf(scenario: Scenario): Decision['verdict'] {
  return decided(scenario).verdict;
}

describe('the scenarios that the invariants are tried on', () => {
  it.each(['approve', 'escalate', 'deny', 'abstain'] as const)(
    '%s in at least 30 of 1,000 cases',
    (verdict) => {
      const verdicts = fc.sample(scenarios, { numRuns: 1_000, seed: fuzzing.seed }).map(verdictOf);

      expect(verdicts.filter((each) => each === verdict).length).toBeGreaterThanOrEqual(30);
    },
  );
});

describe('INVARIANT (approve-needs-on-call)', () => {
  it('approves only with a row of the requester that covers the time of the answer, for every covering rule', () => {
    check(scenarios, (scenario) => {
      if (verdictOf(scenario) !== 'approve') return;
      const { covering } = coverageOf(scenario.request, scenario.policy.rules);

      expect(covering.every(({ rule }) => hasRowFor(rule, scenario))).toBe(true);
    });
  });
});

describe('INVARIANT (unknown-never-approves)', () => {
  it('never approves while it is unknown who the requester is or who is on call', () => {
    check(scenarios, (scenario) => {
      const { requester, onCall } = scenario.facts;
      const unknown = requester.state !== 'recognised' || onCall.state === 'unknown';

      expect(unknown && verdictOf(scenario) === 'approve').toBe(false);
    });
  });

  it('never denies unless a condition is known not to be met', () => {
    check(scenarios, (scenario) => {
      const { verdict, outcomes } = decided(scenario);
      const denying = outcomes.filter((outcome) => outcome.verdict === 'deny');

      expect(verdict === 'deny').toBe(scenario.facts.reviewRefused === null && denying.length > 0);
      for (const { conditions } of denying) {
        expect(conditions.map(({ answer }) => answer)).toContain('not-met');
      }
    });
  });
});

describe('INVARIANT (no-matching-rule-never-approves)', () => {
  it('approves only if every role has a rule and every covering rule approves', () => {
    check(scenarios, (scenario) => {
      if (verdictOf(scenario) !== 'approve') return;
      const { covering, uncovered } = coverageOf(scenario.request, scenario.policy.rules);

      expect(uncovered).toEqual([]);
      expect(covering.length).toBeGreaterThan(0);
      for (const { rule } of covering) {
        expect(
          verdictOf({ ...scenario, request: asking(rule, scenario), policy: only(rule, scenario) }),
        ).toBe('approve');
      }
    });
  });
});

describe('INVARIANT (stricter-never-opens)', () => {
  it.each(Object.entries(stricter))('%s never turns another verdict into approve', (_change, tighten) => {
    check(fc.record({ scenario: scenarios, rule: rules(), index: fc.nat(9) }), ({ scenario, ...choice }) => {
      const before = verdictOf(scenario);

      const after = verdictOf(tighten(scenario, choice));

      expect(before !== 'approve' && after === 'approve').toBe(false);
    });
  });
});

describe('INVARIANT (order-free)', () => {
  it('gives the same verdict, rules and reasons in whatever order rules, roles, rows and targets come', () => {
    const shuffled = scenarios.chain((scenario) =>
      fc.record({ scenario: fc.constant(scenario), other: shufflesOf(scenario) }),
    );
    check(shuffled, ({ scenario, other }) => {
      const one = decided(scenario);
      const same = decided(other);

      expect(same.verdict).toBe(one.verdict);
      expect(same.rules).toEqual(one.rules);
      expect(same.provisional).toBe(one.provisional);
      expect(same.reasons.map(({ code }) => code).sort()).toEqual(one.reasons.map(({ code }) => code).sort());
    });
  });
});

describe('INVARIANT (not-pending-abstains)', () => {
  it('leaves alone what Teleport has settled, or calls by a state that is not known here', () => {
    const states = fc.constantFrom('approved', 'denied', 'promoted', 'unknown');
    check(fc.record({ scenario: scenarios, state: states }), ({ scenario, state }) => {
      const { verdict, reasons } = decided({ ...scenario, request: { ...scenario.request, state } });

      expect(verdict).toBe('abstain');
      expect(reasons.map(({ code }) => code)).toEqual(['not-pending']);
    });
  });
});

describe('INVARIANT (explained)', () => {
  it('gives a reason for every decision, and for every approval its rules and the rows that prove it', () => {
    check(scenarios, (scenario) => {
      const { verdict, rules: names, reasons, proofs } = decided(scenario);
      const { onCall } = scenario.facts;

      expect(reasons.length).toBeGreaterThan(0);
      expect(reasons.every(({ text }) => text.length > 0)).toBe(true);
      if (verdict !== 'approve') return;
      expect(names.length).toBeGreaterThan(0);
      expect(proofs.map(({ rule }) => rule)).toEqual(names);
      expect(proofs.every(({ row }) => onCall.state === 'known' && onCall.rows.includes(row))).toBe(true);
    });
  });
});

describe('decide is total', () => {
  it('gives a decision with a reason for any input, and the same one when asked again', () => {
    check(weirdScenarios, (scenario) => {
      const decision = decided(scenario);

      expect(['approve', 'escalate', 'deny', 'abstain']).toContain(decision.verdict);
      expect(decision.reasons.length).toBeGreaterThan(0);
      expect(decided(structuredClone(scenario))).toEqual(decision);
    });
  });
});

function check<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, holds), fuzzing);
}

/** What approve-needs-on-call asks for, told without the code that decides: by numbers, from the rule, the facts and the rows. */
function hasRowFor(rule: Rule, { request, facts }: Scenario): boolean {
  const { onCall, targets } = facts;
  if (onCall.state === 'unknown') return false;
  const at = Date.parse(onCall.at);
  const wanted = targetsOf(rule, request).map(({ kind, asked }) => `${kind} ${asked}`);
  const ids = targets.flatMap((fact) =>
    fact.state === 'known' && wanted.includes(`${fact.kind} ${fact.asked}`)
      ? [fact.id, fact.policy?.id ?? '']
      : [],
  );
  return onCall.rows.some(
    ({ user, escalation_policy, escalation_level, schedule, start, end }) =>
      user.id === SAM.id &&
      escalation_level <= rule.onCall.maxLevel &&
      (start === null ? rule.onCall.permanent : Date.parse(start) <= at) &&
      (end === null || at < Date.parse(end)) &&
      [escalation_policy, schedule, ...(escalation_policy.services ?? [])].some(
        (reference) => reference !== null && ids.includes(reference.id),
      ),
  );
}

function only(rule: Rule, { policy }: Scenario): Scenario['policy'] {
  return { ...policy, rules: [rule] };
}

/** The request for just the roles that the rule covers. */
function asking(rule: Rule, { request }: Scenario): Scenario['request'] {
  return { ...request, roles: coverageOf(request, [rule]).covering.flatMap(({ roles }) => roles) };
}

function shufflesOf(scenario: Scenario): fc.Arbitrary<Scenario> {
  const { request, facts, policy } = scenario;
  const { onCall } = facts;
  return fc
    .record({
      rules: shuffle(policy.rules),
      roles: shuffle(request.roles),
      targets: shuffle(facts.targets),
      rows: shuffle(onCall.state === 'known' ? onCall.rows : []),
    })
    .map(({ rules: inOrder, roles, targets, rows }) => ({
      request: { ...request, roles },
      facts: { ...facts, targets, onCall: onCall.state === 'known' ? { ...onCall, rows } : onCall },
      policy: { ...policy, rules: inOrder },
    }));
}

function shuffle<T>(items: readonly T[]): fc.Arbitrary<readonly T[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length });
}
