import type { OnCallRow } from './on-call.ts';
import type { Instant } from './values/instant.ts';
import type { Mode, Target } from './rule.ts';

/**
 * approve: the access is granted · escalate: handed to people, the request stays pending · deny: refused, only where a rule
 * says so · abstain: not ours, nothing is done.
 */
export type Verdict = 'approve' | 'escalate' | 'deny' | 'abstain';

export type ConditionAnswer = 'met' | 'not-met' | 'unknown';

export type ConditionName =
  | 'applies'
  | 'on-call'
  | 'responder'
  | 'reason-given'
  | 'starts-now'
  | 'max-duration'
  | 'open-incident'
  | 'emergency';

/** One condition of one rule, how it was answered, and the sentence that says why. */
export interface Condition {
  readonly name: ConditionName;
  readonly answer: ConditionAnswer;
  readonly detail: string;
  /** What would have to be true; null where it is. */
  readonly remedy: string | null;
  /** For `unknown`: whether asking again soon may answer it. */
  readonly transient: boolean;
}

/** The row that answers `on-call` (or, of whom asked for help, `responder`) with yes, and the target it was found under. */
export interface Proof {
  readonly rule: string;
  readonly target: Target & { readonly id: string; readonly name: string };
  readonly row: OnCallRow;
  /** The incident that the requester was asked to help with; null for who is on call themselves. */
  readonly helpsWith: { readonly id: string; readonly title: string } | null;
  /**
   * Since when the person was on call where the rule asks for an age; null for ever. `sighting`: by what was seen by watching. `row`: by
   * PagerDuty's rows alone, which whoever may edit schedules, policies and services can move. Absent where no age is asked for, and in
   * ledgers of earlier versions.
   */
  readonly age?: { readonly since: Instant | null; readonly by: 'row' | 'sighting' };
}

export interface RuleOutcome {
  readonly rule: string;
  readonly mode: Mode;
  readonly breakGlass: boolean;
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
  | 'resource-not-covered'
  | 'break-glass'
  | 'no-rule'
  | 'shadow-only'
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

/** A verdict with all that led to it. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The rules that determined the verdict, by name, sorted. */
  readonly rules: readonly string[];
  readonly reasons: readonly Reason[];
}

export interface Decision extends Judgement {
  /** Every rule that was considered, shadow and break-glass rules included. */
  readonly outcomes: readonly RuleOutcome[];
  readonly proofs: readonly Proof[];
  /** Made without facts that may be had later: decided again while the request is pending. */
  readonly provisional: boolean;
  /** Approved by a break-glass rule: people are paged all the same, and must look at it afterwards. */
  readonly breakGlass: boolean;
  /** What would have been decided if the rules in shadow were in force; null when there are none. */
  readonly shadow: Judgement | null;
}
