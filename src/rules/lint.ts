import type { Policy, Rule } from '../core/rule.ts';
import { breadthWarnings, identityWarnings } from './lint-breadth.ts';
import { overlapWarnings } from './lint-overlap.ts';
import { ownerWarnings } from './lint-owners.ts';
import { reachWarnings } from './lint-reach.ts';
import { tryClaim } from './claims/try-claim.ts';
import { about, type Warning } from './warning.ts';

/** Everything that a careful reader of the rules would ask about, in their order. */
export function lint(policy: Policy): readonly Warning[] {
  const { rules } = policy;
  return [
    ...identityWarnings(policy),
    ...rules.flatMap((rule) => [
      ...reachWarnings(rule, rules),
      ...outvoted(rule, policy),
      ...overlapWarnings(rule, rules),
      ...breadthWarnings(rule),
      ...ownerWarnings(rule),
    ]),
  ];
}

/** A claim that needs not be made: what is in force approves somebody. */
function outvoted(rule: Rule, policy: Policy): readonly Warning[] {
  if (rule.mode === 'shadow' || rule.notifies === true) return [];
  if (tryClaim({ written: { unreachable: rule.name } }, policy).state !== 'holds') return [];
  return [
    {
      subject: about(rule),
      code: 'never-approves',
      text: 'whatever it would approve another rule covers as well, and never approves together with it',
      remedy: 'take it away, or narrow the other rule by `when`',
    },
  ];
}
