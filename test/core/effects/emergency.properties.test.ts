import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidateRules } from '../../../src/core/coverage.ts';
import { decide } from '../../../src/core/decide.ts';
import type { Decision } from '../../../src/core/decision.ts';
import { NOT_LISTENED, type Lasting, type SilenceReading } from '../../../src/core/silence.ts';
import { isBlank } from '../../../src/core/values/words.ts';
import { aLasting, anEscalation, aSilence, NOW } from '../../support/builders.ts';
import { scenarios, weirdScenarios, type Scenario } from '../arbitraries.ts';
import { check } from '../arbitrary-text.ts';
import { allEnforced, withoutBreakGlass, withoutShadow } from '../stricter.ts';

function decided({ request, facts, policy }: Scenario): Decision {
  return decide(request, facts, policy, NOW);
}

/** Told by the outcomes and by what was proven: PagerDuty is silent about all that is missing, or nobody can be paged. */
function isEmergency({ outcomes }: Decision, { facts, request, policy }: Scenario): boolean {
  const { silence = NOT_LISTENED, approvers } = facts;
  const missing = outcomes
    .filter(({ mode, breakGlass }) => mode === 'enforce' && !breakGlass)
    .flatMap(({ conditions }) => conditions)
    .filter(({ answer }) => answer !== 'met');
  const onlyMissing =
    missing.length > 0 && missing.every(({ answer, transient }) => answer === 'unknown' && transient);
  const covering = candidateRules(request, policy.rules).filter(({ mode }) => mode === 'enforce');
  const patience = Math.max(...covering.map(({ escalate }) => escalate?.decideWithinMs ?? 120_000), 0);
  const lasted = ({ forMs, times }: Lasting) => forMs >= patience && times > 2;
  const silent = [silence.reads, silence.pages].some((each) => each.state === 'silent' && lasted(each));
  const nobody = approvers.state === 'known' && !approvers.reachable && approvers.lasting !== undefined;
  return (onlyMissing && silent) || (nobody && lasted(approvers.lasting));
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

  it('is never given where neither silence nor that nobody is on call has lasted long enough, whatever is unknown', () => {
    const unproven = aLasting({ forMs: 119_999 });
    const silences: SilenceReading[] = [
      { state: 'answered' },
      { state: 'not-asked' },
      aSilence(unproven),
      aSilence({ times: 2 }),
    ];
    const reaches = [{ reachable: true }, { reachable: false }, { reachable: false, lasting: unproven }];
    const anySilence = fc.constantFrom(...silences);
    const facts = fc.record({
      silence: fc.record({ reads: anySilence, pages: anySilence }),
      approvers: fc.constantFrom(...reaches).map((each) => ({ state: 'known' as const, ...each })),
    });
    check(fc.record({ scenario: scenarios, facts }), ({ scenario, facts: unprovenFacts }) => {
      // The story's patience of two minutes; where a rule has less, that much proves it.
      const patient = scenario.policy.rules.map((rule) => ({ ...rule, escalate: anEscalation() }));
      const policy = { ...scenario.policy, rules: patient };

      expect(
        decided({ ...scenario, policy, facts: { ...scenario.facts, ...unprovenFacts } }).breakGlass,
      ).toBe(false);
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
