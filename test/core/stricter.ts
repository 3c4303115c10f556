import type { Facts } from '../../src/core/facts.ts';
import { HOUR, plusMs } from '../../src/core/instant.ts';
import { coverageOf, type Rule } from '../../src/core/rule.ts';
import { aCause, NOW } from '../builders.ts';
import type { Scenario } from './arbitraries.ts';

/** Which rule, row or target to change (counted round), and a rule that may be added. */
interface Choice {
  readonly index: number;
  readonly rule: Rule;
}

const UNKNOWN = { state: 'unknown' as const, cause: aCause() };

/** Changes after which there is less reason to approve than before. */
export const stricter: Readonly<Record<string, (scenario: Scenario, choice: Choice) => Scenario>> = {
  'losing a row': (scenario, { index }) => {
    const { onCall } = scenario.facts;
    if (onCall.state === 'unknown') return scenario;
    return withFacts(scenario, { onCall: { ...onCall, rows: without(onCall.rows, index) } });
  },
  'a person not on call': (scenario, { index }) => {
    const { onCall } = scenario.facts;
    if (onCall.state === 'unknown') return scenario;
    const rows = changed(onCall.rows, index, (row) => ({ ...row, end: NOW }));
    return withFacts(scenario, { onCall: { ...onCall, rows } });
  },
  'not knowing who is on call': (scenario) => withFacts(scenario, { onCall: UNKNOWN }),
  'not knowing who asks': (scenario) => withFacts(scenario, { requester: UNKNOWN }),
  'not recognising who asks': (scenario) =>
    withFacts(scenario, { requester: { state: 'unrecognised', why: 'no PagerDuty user has the address' } }),
  'not knowing what a name means': (scenario, { index }) =>
    withFacts(scenario, {
      targets: changed(scenario.facts.targets, index, ({ kind, asked }) => ({ kind, asked, ...UNKNOWN })),
    }),
  'not looking up a name': (scenario, { index }) =>
    withFacts(scenario, { targets: without(scenario.facts.targets, index) }),
  'a review that Teleport refused': (scenario) => withFacts(scenario, { reviewRefused: aCause() }),
  'a lower level': (scenario, { index }) =>
    withRule(scenario, index, (rule) => ({
      ...rule,
      onCall: { ...rule.onCall, maxLevel: rule.onCall.maxLevel - 1 },
    })),
  'no permanent rows': (scenario, { index }) =>
    withRule(scenario, index, (rule) => ({ ...rule, onCall: { ...rule.onCall, permanent: false } })),
  'a required reason': (scenario, { index }) =>
    withRule(scenario, index, (rule) => ({ ...rule, require: { reason: true } })),
  'a missing reason': ({ request, ...rest }) => ({ ...rest, request: { ...request, reason: '' } }),
  'a later start': ({ request, ...rest }) => ({
    ...rest,
    request: { ...request, startsAt: plusMs(NOW, HOUR) },
  }),
  'one more rule for the same roles': (scenario, { rule }) => {
    const { request, policy } = scenario;
    const covered = coverageOf(request, policy.rules).covering.flatMap(({ roles }) => roles);
    const rules = [...policy.rules, { ...rule, name: 'one-more', roles: covered }];
    return { ...scenario, policy: { ...policy, rules } };
  },
};

function withFacts(scenario: Scenario, facts: Partial<Facts>): Scenario {
  return { ...scenario, facts: { ...scenario.facts, ...facts } };
}

function withRule(scenario: Scenario, index: number, change: (rule: Rule) => Rule): Scenario {
  const { policy } = scenario;
  return { ...scenario, policy: { ...policy, rules: changed(policy.rules, index, change) } };
}

function changed<T>(items: readonly T[], index: number, change: (item: T) => T): readonly T[] {
  return items.map((item, place) => (place === index % items.length ? change(item) : item));
}

function without<T>(items: readonly T[], index: number): readonly T[] {
  return items.filter((_item, place) => place !== index % items.length);
}
