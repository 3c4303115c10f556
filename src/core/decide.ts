import type { AccessRequest } from './access-request.ts';
import { judge } from './conditions.ts';
import type { Condition, Decision, Proof, Reason, ReasonCode, RuleOutcome, Verdict } from './decision.ts';
import type { Facts } from './facts.ts';
import type { Instant } from './instant.ts';
import { coverageOf, type Coverage, type Policy } from './rule.ts';
import { harmless } from './words.ts';

/**
 * May this person have these roles now? The one place where that is decided; everything else gathers, records or carries out.
 *
 * Pure and total: the same arguments always give the same decision, and every argument gives one.
 *
 * INVARIANT (approve-needs-on-call): no approval without a known on-call row that covers PagerDuty's time of the answer
 * INVARIANT (unknown-never-approves): an unknown condition never counts as met, and never as not met either: it never denies
 * INVARIANT (no-matching-rule-never-approves): each requested role needs a rule, and every covering rule must approve
 * INVARIANT (stricter-never-opens): losing a row or failing a condition never turns another verdict into approve
 * INVARIANT (order-free): the order of rules, roles and rows changes neither verdict nor determining rules
 * INVARIANT (not-pending-abstains): a request that is not pending is left alone
 * INVARIANT (explained): every decision has a reason, every approval names its rules and the rows that prove it
 */
export function decide(request: AccessRequest, facts: Facts, policy: Policy, now: Instant): Decision {
  const notOurs = outOfScope(request);
  if (notOurs !== null) return plain('abstain', [notOurs]);
  const { covering, uncovered } = coverageOf(request, policy.rules);
  if (covering.length === 0) return plain('abstain', [reason('no-rule', 'no rule covers this request')]);

  const judged = covering.map((coverage) => judgeRule(coverage, request, facts, now)).sort(byRuleName);
  const outcomes = judged.map(({ outcome }) => outcome);
  const gaps = [...uncovered.map(roleNotCovered), ...reviewRefusal(facts), ...kindUnknown(request)];
  const verdict = facts.reviewRefused === null ? combine(outcomes, gaps.length > 0) : 'escalate';
  const agreeing = outcomes.filter((outcome) => outcome.verdict === verdict);
  const determining = agreeing.length > 0 ? agreeing : outcomes;
  return {
    verdict,
    rules: determining.map((outcome) => outcome.rule),
    reasons: [...gaps, ...uniqueReasons(determining.flatMap((outcome) => reasonsOf(outcome, verdict)))],
    outcomes,
    proofs: judged.flatMap(({ proof }) => (proof === null ? [] : [proof])),
    provisional: gaps.length === 0 && mayYetBeApproved(outcomes),
  };
}

/** Requests that Teleport resolves elsewhere, or that ask for nothing. */
function outOfScope(request: AccessRequest): Reason | null {
  if (request.state !== 'pending')
    return reason('not-pending', `the request is ${request.state}, not pending`);
  if (request.dryRun) return reason('dry-run', 'a dry run asks what would be possible, not for access');
  if (request.kind === 'long-term') {
    return reason(
      'long-term-request',
      'a long-term request is resolved by promotion to an access list in Teleport',
    );
  }
  if (request.roles.length === 0) return reason('no-roles', 'the request names no role');
  return null;
}

function judgeRule(
  { rule, roles }: Coverage,
  request: AccessRequest,
  facts: Facts,
  now: Instant,
): { readonly outcome: RuleOutcome; readonly proof: Proof | null } {
  const { conditions, proof } = judge({ rule, request, facts, now });
  return {
    outcome: { rule: rule.name, roles, verdict: verdictOf(conditions, rule.otherwise), conditions },
    proof,
  };
}

/** Only a condition that is known not to be met may deny: missing evidence goes to a person, unless the rule leaves it alone. */
function verdictOf(conditions: readonly Condition[], otherwise: 'escalate' | 'deny' | 'leave'): Verdict {
  if (conditions.every(({ answer }) => answer === 'met')) return 'approve';
  if (otherwise === 'leave') return 'abstain';
  return otherwise === 'deny' && conditions.some(({ answer }) => answer === 'not-met') ? 'deny' : 'escalate';
}

/** deny before escalate before abstain before approve: the strictest rule that covers the request wins. */
function combine(outcomes: readonly RuleOutcome[], gap: boolean): Verdict {
  const verdicts = new Set(outcomes.map((outcome) => outcome.verdict));
  if (verdicts.has('deny')) return 'deny';
  if (verdicts.has('escalate')) return 'escalate';
  if (verdicts.has('abstain')) return 'abstain';
  return gap ? 'escalate' : 'approve';
}

/** All that stands in the way of approval is something that asking again may answer. */
function mayYetBeApproved(outcomes: readonly RuleOutcome[]): boolean {
  const open = outcomes.flatMap(({ conditions }) => conditions.filter(({ answer }) => answer !== 'met'));
  return open.length > 0 && open.every(({ answer, transient }) => answer === 'unknown' && transient);
}

function reasonsOf(outcome: RuleOutcome, verdict: Verdict): Reason[] {
  if (outcome.verdict === 'approve') {
    const details = outcome.conditions.map(({ detail }) => detail).join('; ');
    return verdict === 'approve' ? [reason('all-conditions-met', details)] : [];
  }
  return outcome.conditions
    .filter(({ answer }) => answer !== 'met')
    .map(({ name, answer, detail }) => ({
      code: answer === 'unknown' ? 'condition-unknown' : 'condition-not-met',
      condition: name,
      text: detail,
    }));
}

function roleNotCovered(role: string): Reason {
  return reason('role-not-covered', `no rule covers role ${harmless(role, 100)}`);
}

function reviewRefusal({ reviewRefused }: Facts): Reason[] {
  return reviewRefused === null ? [] : [reason('review-refused', reviewRefused.message)];
}

function kindUnknown(request: AccessRequest): Reason[] {
  return request.kind === 'unknown'
    ? [
        reason(
          'request-kind-unknown',
          'Teleport marks the request with a kind that this version does not know',
        ),
      ]
    : [];
}

function uniqueReasons(reasons: readonly Reason[]): Reason[] {
  return [...new Map(reasons.map((each) => [`${each.code} ${each.text}`, each])).values()];
}

function byRuleName(one: { outcome: RuleOutcome }, other: { outcome: RuleOutcome }): number {
  return one.outcome.rule < other.outcome.rule ? -1 : 1;
}

function plain(verdict: Verdict, reasons: readonly Reason[]): Decision {
  return { verdict, rules: [], reasons, outcomes: [], proofs: [], provisional: false };
}

function reason(code: ReasonCode, text: string): Reason {
  return { code, condition: null, text };
}
