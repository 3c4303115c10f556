import type { AccessRequest } from '../../src/core/access-request.ts';
import { decide } from '../../src/core/decide.ts';
import type { Decision } from '../../src/core/decision.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { Rule } from '../../src/core/rule.ts';
import {
  aCause,
  aPolicy,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  SILENT,
  someFacts,
  someTargets,
} from '../support/builders.ts';

/** What is said of Sam One when no row has her on call. */
export const OFF_CALL =
  'Sam One (by trait `email`) is not on call for service Payments API at 2026-03-03T02:14:07.000Z';

/** PagerDuty knows her and has no row for her. */
export const offCall = { onCall: onCallWith() };

/** PagerDuty does not say who is on call, and may do so later. */
const unknown = { onCall: { state: 'unknown', cause: aCause() } } as const;

/** The same while PagerDuty is silent about everything, for as long as the story's rule waits. */
export const unreachable = { ...unknown, silence: SILENT };

/** The decision at `NOW` on the reference story with these changes. */
export function decided({
  request = {},
  facts = {},
  rules = [aRule()],
}: {
  readonly request?: Partial<AccessRequest>;
  readonly facts?: Partial<Facts>;
  readonly rules?: readonly Rule[];
}): Decision {
  return decide(aRequest(request), someFacts(facts), aPolicy({ rules }), NOW);
}

/** A rule that the on-call engineer of the story does not satisfy. */
export function unmet(overrides: Partial<Rule>): Rule {
  return aRule({ onCall: someTargets({ maxLevel: 0 }), ...overrides });
}
