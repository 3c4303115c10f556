import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/core/decide.ts';
import type { Decision } from '../../../src/core/decision.ts';
import { isBlank } from '../../../src/core/values/words.ts';
import { NOW } from '../../builders.ts';
import { scenarios, weirdScenarios, type Scenario } from '../arbitraries.ts';
import { check } from '../arbitrary-text.ts';
import { allEnforced, withoutBreakGlass, withoutShadow } from '../stricter.ts';

function decided({ request, facts, policy }: Scenario): Decision {
  return decide(request, facts, policy, NOW);
}

/** Told by the outcomes alone: PagerDuty is silent about all that is missing, or nobody can be paged. */
function isEmergency({ outcomes }: Decision, { facts }: Scenario): boolean {
  const missing = outcomes
    .filter(({ mode, breakGlass }) => mode === 'enforce' && !breakGlass)
    .flatMap(({ conditions }) => conditions)
    .filter(({ answer }) => answer !== 'met');
  const silent =
    missing.length > 0 && missing.every(({ answer, transient }) => answer === 'unknown' && transient);
  return silent || (facts.approvers.state === 'known' && !facts.approvers.reachable);
}

describe('INVARIANT (shadow-touches-nothing)', () => {
  it('decides without the rules in shadow as it does with them', () => {
    check(weirdScenarios, (scenario) => {
      const { reasons, ...one } = decided(scenario);
      const { reasons: otherReasons, ...other } = decided(withoutShadow(scenario));
      // Where nothing else covers the request, why nothing is done is all that differs.
      const alone = reasons[0]?.code === 'shadow-only' && otherReasons[0]?.code === 'no-rule';

      expect({ ...other, outcomes: null, shadow: null }).toEqual({ ...one, outcomes: null, shadow: null });
      if (!alone) expect(otherReasons).toEqual(reasons);
    });
  });

  it('tells beside the decision what would have been decided if they were in force', () => {
    check(scenarios, (scenario) => {
      const { shadow } = decided(scenario);
      if (shadow === null) return;
      const { verdict, rules, reasons } = decided(allEnforced(scenario));

      expect(shadow).toEqual({ verdict, rules, reasons });
    });
  });
});

describe('a break-glass approval', () => {
  it('is given only for a reason, in an emergency, by a rule in force that approves', () => {
    check(scenarios, (scenario) => {
      const decision = decided(scenario);
      if (!decision.breakGlass) return;
      const broken = decision.outcomes.filter(({ rule }) => decision.rules.includes(rule));

      expect(decision.verdict).toBe('approve');
      expect(isBlank(scenario.request.reason)).toBe(false);
      expect(isEmergency(decision, scenario)).toBe(true);
      expect(broken.length).toBeGreaterThan(0);
      expect(
        broken.every(
          ({ breakGlass, mode, verdict }) => breakGlass && mode === 'enforce' && verdict === 'approve',
        ),
      ).toBe(true);
    });
  });

  it('is never given over a denial, nor where ordinary rules approve', () => {
    check(scenarios, (scenario) => {
      const ordinary = decided(withoutBreakGlass(scenario)).verdict;

      if (ordinary === 'deny' || ordinary === 'approve') {
        expect(decided(scenario)).toMatchObject({ verdict: ordinary, breakGlass: false });
      }
    });
  });

  it('is all that break-glass rules can lead to', () => {
    check(scenarios, (scenario) => {
      const decision = decided(scenario);
      const refused = scenario.facts.reviewRefused !== null;
      if (decision.breakGlass || refused) return;

      expect(decision.verdict).toBe(decided(withoutBreakGlass(scenario)).verdict);
    });
  });
});
