import { SECOND } from '../../core/values/instant.ts';
import type { Policy } from '../../core/rule.ts';
import type { Ask } from '../../ports/pagerduty.ts';
import type { Dependencies } from '../dependencies.ts';

const DEADLINE_MS = 15 * SECOND;

/**
 * Looks up every name that the policy has, so that a decision finds them at hand and asks PagerDuty for the rows alone. Never
 * throws: a name that cannot be looked up now is looked up again by the decision that needs it, and its failure counts there.
 */
export async function keepNamesWarm(
  { directory, policyInForce }: Pick<Dependencies, 'directory' | 'policyInForce'>,
  signal: AbortSignal,
): Promise<void> {
  const ask: Ask = {
    signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    priority: 'background',
  };
  const { services, escalationPolicies, schedules } = namesOf(policyInForce().policy);
  await Promise.allSettled([
    ...services.map((name) => directory.service(name, ask)),
    ...escalationPolicies.map((name) => directory.escalationPolicy(name, ask)),
    ...schedules.map((name) => directory.schedule(name, ask)),
  ]);
}

function namesOf({ rules }: Policy) {
  const unique = (names: readonly string[]) => [...new Set(names)];
  return {
    services: unique(
      rules.flatMap(({ onCall, escalate }) => [...onCall.services, ...[escalate?.service ?? []].flat()]),
    ),
    escalationPolicies: unique(rules.flatMap(({ onCall }) => onCall.escalationPolicies)),
    schedules: unique(rules.flatMap(({ onCall }) => onCall.schedules)),
  };
}
