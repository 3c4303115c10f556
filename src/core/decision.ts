import type { OnCallRow } from './on-call.ts';
import type { Target } from './rule.ts';

/**
 * approve: the access is granted · escalate: handed to people, the request stays pending · deny: refused, only where a rule
 * says so · abstain: not ours, nothing is done.
 */
export type Verdict = 'approve' | 'escalate' | 'deny' | 'abstain';

export type Answer = 'met' | 'not-met' | 'unknown';

export type ConditionName = 'on-call' | 'reason-given' | 'starts-now';

/** One condition of one rule, how it was answered, and the sentence that says why. */
export interface Condition {
  readonly name: ConditionName;
  readonly answer: Answer;
  readonly detail: string;
  /** For `unknown`: whether asking again soon may answer it. */
  readonly transient: boolean;
}

/** The row that answers `on-call` with yes, and the target it was found under. */
export interface Proof {
  readonly rule: string;
  readonly target: Target & { readonly id: string; readonly name: string };
  readonly row: OnCallRow;
}

export interface RuleOutcome {
  readonly rule: string;
  /** The requested roles that the rule covers. */
  readonly roles: readonly string[];
  readonly verdict: Verdict;
  readonly conditions: readonly Condition[];
}

export type ReasonCode =
  | 'all-conditions-met'
  | 'condition-not-met'
  | 'condition-unknown'
  | 'role-not-covered'
  | 'no-rule'
  | 'not-pending'
  | 'dry-run'
  | 'long-term-request'
  | 'request-kind-unknown'
  | 'no-roles'
  | 'review-refused';

export interface Reason {
  readonly code: ReasonCode;
  /** The condition behind it, where there is one. */
  readonly condition: ConditionName | null;
  readonly text: string;
}

export interface Decision {
  readonly verdict: Verdict;
  /** The rules that determined the verdict, by name, sorted. */
  readonly rules: readonly string[];
  readonly reasons: readonly Reason[];
  readonly outcomes: readonly RuleOutcome[];
  readonly proofs: readonly Proof[];
  /** Made without facts that may be had later: decided again while the request is pending. */
  readonly provisional: boolean;
}
