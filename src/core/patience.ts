import type { AccessRequest } from './access-request.ts';
import { candidateRules } from './coverage.ts';
import type { Mode, Policy } from './rule.ts';
import { MINUTE } from './values/instant.ts';

const DECIDE_WITHIN_DEFAULT_MS = 2 * MINUTE;

/** The shortest patience of the covering rules: the one that pages a person first. A rule in shadow hurries nobody. Milliseconds. */
export function decideWithinMs(request: AccessRequest, policy: Policy): number {
  return Math.min(...patiences(request, policy, 'enforce'));
}

/**
 * How long an emergency must have lasted: the longest patience of the covering rules, since with one role more a requester chooses
 * the shortest. Milliseconds.
 */
export function provenAfterMs(request: AccessRequest, policy: Policy): number {
  const inForce = patiences(request, policy, 'enforce');
  return Math.max(...(inForce.length > 0 ? inForce : patiences(request, policy, 'shadow')));
}

/** The same if the rules in shadow were in force, for what is told of them beside the decision. Milliseconds. */
export function provenIfInForceMs(request: AccessRequest, policy: Policy): number {
  return Math.max(...patiences(request, policy, 'enforce'), ...patiences(request, policy, 'shadow'));
}

function patiences(request: AccessRequest, policy: Policy, mode: Mode): readonly number[] {
  return candidateRules(request, policy.rules)
    .filter((rule) => rule.mode === mode)
    .map(({ escalate }) => escalate?.decideWithinMs ?? DECIDE_WITHIN_DEFAULT_MS);
}
