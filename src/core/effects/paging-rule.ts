import type { Decision, RuleOutcome } from '../decision.ts';
import type { RecordedDecision } from '../record/ledger-entry.ts';
import { policyFor } from '../ownership.ts';
import type { Escalation, PagingRule, Policy } from '../rule.ts';

/**
 * The rule by which a decision pages people. Of several covering rules the first by name says where to page, so that one request
 * has one page: of the ordinary rules, or of the break-glass rules where those decided. INVARIANT (shadow-touches-nothing): a rule
 * in shadow pages nobody.
 */
export function promisedPaging({ outcomes, breakGlass }: Decision, policy: Policy): PagingRule | null {
  const inForce = outcomes.filter(({ mode }) => mode === 'enforce');
  const alike = inForce.filter((outcome) => outcome.breakGlass === breakGlass);
  return firstPaging(alike, policy) ?? firstPaging(inForce, policy);
}

/**
 * How people are paged for a request that was decided so. What was begun is finished as it was begun: by the rule that the decision
 * went by, with what it says now, or as it was where it is gone.
 */
export function escalationOf(decided: RecordedDecision, now: Policy): Escalation | null {
  const { decision, pagesBy } = decided;
  const policy = policyFor(now, decided.request, decided.facts);
  // Earlier versions did not record it; and where no rule said where to page, one may say so by now.
  if (pagesBy === undefined || pagesBy === null) return promisedPaging(decision, policy)?.escalate ?? null;
  const inForce = policy.rules.find(({ name, mode }) => name === pagesBy.name && mode === 'enforce');
  return inForce?.escalate ?? pagesBy.escalate;
}

function firstPaging(outcomes: readonly RuleOutcome[], policy: Policy): PagingRule | null {
  const names = new Set(outcomes.map(({ rule }) => rule));
  const paging = policy.rules.flatMap(({ name, escalate }) =>
    names.has(name) && escalate !== null ? [{ name, escalate }] : [],
  );
  return paging.sort((one, other) => (one.name < other.name ? -1 : 1))[0] ?? null;
}
