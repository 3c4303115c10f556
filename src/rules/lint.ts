import type { Policy } from '../core/rule.ts';
import { breadthWarnings, identityWarnings } from './lint-breadth.ts';
import { overlapWarnings } from './lint-overlap.ts';
import { reachWarnings } from './lint-reach.ts';
import type { Warning } from './warning.ts';

/** Everything that a careful reader of the rules would ask about, in their order. */
export function lint(policy: Policy): readonly Warning[] {
  const { rules } = policy;
  return [
    ...identityWarnings(policy),
    ...rules.flatMap((rule) => [
      ...reachWarnings(rule, rules),
      ...overlapWarnings(rule, rules),
      ...breadthWarnings(rule),
    ]),
  ];
}
