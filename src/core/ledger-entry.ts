import type { AccessRequest, RequestId, ResolvedState } from './access-request.ts';
import type { Cause } from './cause.ts';
import type { Decision } from './decision.ts';
import type { Effect, Outcome } from './effect.ts';
import type { Facts } from './facts.ts';
import type { Instant } from './instant.ts';
import type { Policy } from './rule.ts';

/** A decision as it stands in the ledger: with everything needed to derive it again. */
export interface RecordedDecision {
  readonly kind: 'decided';
  readonly requestId: RequestId;
  /** 1 for the first decision on a request; a further one replaces it while the request is pending. */
  readonly number: number;
  /** The id that also stands in Teleport's review reason and in PagerDuty's notes. */
  readonly decisionId: string;
  /** SHA-256 in hex over request, facts, decision, policy digest and time. */
  readonly digest: string;
  readonly decidedAt: Instant;
  readonly request: AccessRequest;
  readonly facts: Facts;
  readonly decision: Decision;
  readonly policyDigest: string;
}

/** How a request ended. `gone` is a request that Teleport has no more: deleted, or expired. */
export type Ending =
  | {
      readonly state: ResolvedState;
      readonly by: string | null;
      readonly reason: string;
    }
  | { readonly state: 'deleted' | 'expired'; readonly by: null; readonly reason: string };

/** What may be written down. Each kind can be written once for its subject; `effect-failed` any number of times. */
export type LedgerEvent =
  | { readonly kind: 'policy'; readonly digest: string; readonly policy: Policy }
  | RecordedDecision
  | { readonly kind: 'effect-intended'; readonly requestId: RequestId; readonly effect: Effect }
  | {
      readonly kind: 'effect-done';
      readonly requestId: RequestId;
      readonly key: Effect['key'];
      readonly outcome: Outcome;
    }
  | {
      readonly kind: 'effect-failed';
      readonly requestId: RequestId;
      readonly key: Effect['key'];
      readonly cause: Cause;
    }
  | { readonly kind: 'ended'; readonly requestId: RequestId; readonly ending: Ending };

export type LedgerEventKind = LedgerEvent['kind'];

/** An event in its place in the chain. Entries are never changed and never removed. */
export interface LedgerEntry {
  /** 1, 2, 3 … without gaps. */
  readonly seq: number;
  readonly at: Instant;
  readonly event: LedgerEvent;
  /** SHA-256 in hex over the previous entry's hash, `seq`, `at` and the event's stored text. */
  readonly hash: string;
}

/** The request that an event belongs to; null for the policy. */
export function subjectOf(event: LedgerEvent): RequestId | null {
  return event.kind === 'policy' ? null : event.requestId;
}

/**
 * What makes an event the only one of its kind: the ledger refuses a second one with the same key, so that of two who want
 * to act only one does. Null where repetition is meant.
 */
export function onceKeyOf(event: LedgerEvent): string | null {
  switch (event.kind) {
    case 'policy':
      return `policy ${event.digest}`;
    case 'decided':
      return `decided ${event.requestId} ${event.number}`;
    case 'effect-intended':
      return `intended ${event.requestId} ${event.effect.key}`;
    case 'effect-done':
      return `done ${event.requestId} ${event.key}`;
    case 'ended':
      return `ended ${event.requestId}`;
    case 'effect-failed':
      return null;
  }
}
