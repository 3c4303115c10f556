import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applies, candidateRules, reaches } from '../../src/core/coverage.ts';
import { decide } from '../../src/core/decide.ts';
import type { Decision } from '../../src/core/decision.ts';
import { rolesUnder, type Rule } from '../../src/core/rule.ts';
import { matchesAny } from '../../src/core/values/pattern.ts';
import { NOW } from '../support/builders.ts';
import { scenarios, weirdScenarios, type Scenario } from './arbitraries.ts';
import { isInside, resources, scopes } from './arbitrary-resources.ts';
import { rules } from './arbitrary-rules.ts';
import { check, fuzzing, manyRuns } from './arbitrary-text.ts';
import { coveringRules, isEntitled } from './evidence.ts';
import { stricter } from './stricter.ts';

function decided({ request, facts, policy }: Scenario): Decision {
  return decide(request, facts, policy, NOW);
}

function verdictOf(scenario: Scenario): Decision['verdict'] {
  return decided(scenario).verdict;
}

/** Approved by ordinary rules, and not for an emergency. */
function isApproved(scenario: Scenario): boolean {
  const { verdict, breakGlass } = decided(scenario);
  return verdict === 'approve' && !breakGlass;
}

describe.runIf(manyRuns)('the scenarios that the invariants are tried on', () => {
  it('hold at least 30 of each verdict, five of broken glass and five of responders in 1,000', () => {
    const decisions = fc.sample(scenarios, { numRuns: 1_000, seed: fuzzing.seed }).map(decided);
    const helped = decisions.flatMap(({ proofs }) => proofs).filter(({ helpsWith }) => helpsWith !== null);

    for (const verdict of ['approve', 'escalate', 'deny', 'abstain']) {
      expect(decisions.filter((each) => each.verdict === verdict).length).toBeGreaterThanOrEqual(30);
    }
    expect(decisions.filter(({ breakGlass }) => breakGlass).length).toBeGreaterThanOrEqual(5);
    expect(helped.length).toBeGreaterThanOrEqual(5);
  });
});

it('INVARIANT (approve-needs-on-call) approves only with a row that covers the time of the answer, for every covering rule', () => {
  check(scenarios, (scenario) => {
    if (!isApproved(scenario)) return;

    expect(coveringRules(scenario).every((rule) => isEntitled(rule, scenario))).toBe(true);
  });
});

describe('INVARIANT (unknown-never-approves)', () => {
  it('never approves while it is unknown who the requester is, or who is on call and who asked for help', () => {
    check(scenarios, (scenario) => {
      const { requester, onCall, helped } = scenario.facts;
      const unknown =
        requester.state !== 'recognised' || (onCall.state !== 'known' && helped.state !== 'known');

      expect(unknown && isApproved(scenario)).toBe(false);
    });
  });

  it('never approves by a rule of which it is unknown whether it applies, or that has a condition that is not met', () => {
    check(scenarios, (scenario) => {
      const { outcomes } = decided(scenario);
      for (const { verdict, conditions, breakGlass } of outcomes) {
        if (verdict !== 'approve' || breakGlass) continue;
        const others = conditions.filter(({ name }) => name !== 'on-call' && name !== 'responder');

        expect(others.every(({ answer }) => answer === 'met')).toBe(true);
      }
    });
  });

  it('never denies unless a condition is known not to be met', () => {
    check(scenarios, (scenario) => {
      const { verdict, outcomes } = decided(scenario);
      const denying = outcomes.filter((outcome) => outcome.verdict === 'deny');
      const inForce = denying.filter(({ mode }) => mode === 'enforce');

      expect(verdict === 'deny').toBe(scenario.facts.reviewRefused === null && inForce.length > 0);
      for (const { conditions } of denying) {
        expect(conditions.map(({ answer }) => answer)).toContain('not-met');
      }
    });
  });
});

describe('INVARIANT (no-matching-rule-never-approves)', () => {
  it('approves only if every role has a rule and every covering rule approves', () => {
    check(scenarios, (scenario) => {
      if (!isApproved(scenario)) return;
      const covering = coveringRules(scenario);
      const { request } = scenario;

      expect(covering.length).toBeGreaterThan(0);
      for (const role of request.roles) {
        expect(covering.some((rule) => rolesUnder(rule, request).includes(role))).toBe(true);
      }
      for (const rule of covering) {
        const roles = rolesUnder(rule, request);
        const question = { rule, request, facts: scenario.facts, now: NOW };
        const resources = request.resources.filter((each) => reaches(question, each));
        const part = { ...request, roles, resources };
        expect(verdictOf({ ...scenario, request: part, policy: only(rule, scenario) })).toBe('approve');
      }
    });
  });

  it('approves past no rule whose roles or traits the requester may have and is not known to have, by Teleport’s two sources', () => {
    check(scenarios, (scenario) => {
      const { user } = scenario.facts;
      if (!isApproved(scenario) || user.state !== 'known') return;
      const login = user.login ?? { state: 'known', effective: user.user, fromLists: user.user };
      for (const { when } of rulesInTheWay(scenario)) {
        const asked = when.requesterRoles !== null || when.requesterTraits !== null;

        expect(asked && login.state === 'unknown').toBe(false);
        if (login.state === 'unknown') continue;
        const { effective, fromLists } = login;
        const somewhere = [user.user, effective, fromLists].flatMap(({ roles }) => roles);
        const sure = effective.roles.filter(
          (role) => user.user.roles.includes(role) || fromLists.roles.includes(role),
        );
        const wanted = when.requesterRoles ?? [];

        // Of the rules that look at roles alone: whoever may have one is known to have one.
        if (when.requesterTraits !== null || !somewhere.some((role) => matchesAny(wanted, role))) continue;
        expect(sure.some((role) => matchesAny(wanted, role))).toBe(true);
      }
    });
  });

  it('approves no resource that is outside of what the rules say, told by example of all that it may stand for', () => {
    const bound = fc.record({
      scenario: scenarios,
      asked: resources(),
      scopes: fc.array(scopes, { maxLength: 2 }),
    });
    check(bound, ({ scenario, asked, scopes: said }) => {
      const request = { ...scenario.request, resources: [asked] };
      const some = scenario.policy.rules.map((rule, index) => ({
        ...rule,
        when: { ...rule.when, resources: said[index] ?? null },
      }));
      const { verdict, outcomes } = decided({
        ...scenario,
        request,
        policy: { ...scenario.policy, rules: some },
      });
      if (verdict !== 'approve') return;
      const approving = some.filter(({ name }) =>
        outcomes.some(({ rule, verdict: own }) => rule === name && own === 'approve'),
      );

      expect(approving.some(({ when }) => isInside(when.resources, asked, scenario.facts))).toBe(true);
    });
  });
});

describe('INVARIANT (stricter-never-opens)', () => {
  const tightened = fc.record({ scenario: scenarios, rule: rules(), index: fc.nat(9) });

  it.each(Object.entries(stricter))('%s never turns another verdict into approve', (_change, tighten) => {
    check(tightened, ({ scenario, ...choice }) => {
      const before = verdictOf(scenario);

      expect(before !== 'approve' && isApproved(tighten(scenario, choice))).toBe(false);
    });
  });
});

it('INVARIANT (order-free) gives the same verdict, rules and reasons in whatever order rules, roles, rows and targets come', () => {
  const shuffled = scenarios.chain((scenario) =>
    fc.record({ scenario: fc.constant(scenario), other: shufflesOf(scenario) }),
  );
  check(shuffled, ({ scenario, other }) => {
    const one = decided(scenario);
    const same = decided(other);

    expect(same.verdict).toBe(one.verdict);
    expect(same.rules).toEqual(one.rules);
    expect(same.provisional).toBe(one.provisional);
    expect(same.breakGlass).toBe(one.breakGlass);
    expect(same.shadow?.verdict).toBe(one.shadow?.verdict);
    expect(same.reasons.map(({ code }) => code).sort()).toEqual(one.reasons.map(({ code }) => code).sort());
  });
});

it('INVARIANT (not-pending-abstains) leaves alone what Teleport has settled, or calls by a state that is not known here', () => {
  const states = fc.constantFrom('approved', 'denied', 'promoted', 'unknown');
  check(fc.record({ scenario: scenarios, state: states }), ({ scenario, state }) => {
    const { verdict, reasons } = decided({ ...scenario, request: { ...scenario.request, state } });

    expect(verdict).toBe('abstain');
    expect(reasons.map(({ code }) => code)).toEqual(['not-pending']);
  });
});

it('INVARIANT (explained) gives a reason for every decision, and for every approval its rules and the rows that prove it', () => {
  check(scenarios, (scenario) => {
    const { rules: names, reasons, proofs, verdict } = decided(scenario);
    const { onCall, helped } = scenario.facts;
    const read = [onCall, helped].flatMap((reading) => (reading.state === 'known' ? reading.rows : []));

    expect(reasons.length).toBeGreaterThan(0);
    expect(reasons.every(({ text }) => text.length > 0)).toBe(true);
    expect(proofs.every(({ row }) => read.includes(row))).toBe(true);
    if (verdict === 'approve') expect(names.length).toBeGreaterThan(0);
    if (isApproved(scenario)) expect(proofs.map(({ rule }) => rule)).toEqual(names);
  });
});

it('decide is total gives a decision with a reason for any input, and the same one when asked again', () => {
  check(weirdScenarios, (scenario) => {
    const decision = decided(scenario);

    expect(['approve', 'escalate', 'deny', 'abstain']).toContain(decision.verdict);
    expect(decision.reasons.length).toBeGreaterThan(0);
    expect(decided(structuredClone(scenario))).toEqual(decision);
  });
});

/** The ordinary rules in force that cover the request by its roles, resources and the hour. */
function rulesInTheWay({ request, facts, policy }: Scenario): readonly Rule[] {
  const anybody = (rule: Rule): Rule => ({
    ...rule,
    when: { ...rule.when, requesterRoles: null, requesterTraits: null },
  });
  return candidateRules(request, policy.rules).filter(
    (rule) =>
      rule.mode === 'enforce' &&
      !rule.breakGlass &&
      applies({ rule: anybody(rule), request, facts, now: NOW }) === 'met',
  );
}

function only(rule: Rule, { policy }: Scenario): Scenario['policy'] {
  return { ...policy, rules: [rule] };
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
