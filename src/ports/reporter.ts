import type { AccessRequest, RequestId } from '../core/access-request.ts';
import type { Cause } from '../core/values/cause.ts';
import type { Effect, Outcome } from '../core/record/effect.ts';
import type {
  Checkpoint,
  AccessCheck,
  Ending,
  RecordedAnswer,
  RecordedDecision,
  RecordedUse,
} from '../core/record/ledger-entry.ts';
import type { WebhookOutcome } from './webhooks.ts';

/** What happens, told to whoever operates the service: one method per event. A reporter never throws. */
export interface Reporter {
  /** The watch is live and everything pending has been listed. */
  watchLive(event: { readonly pending: number; readonly sinceStartMs: number }): void;
  watchLost(event: { readonly cause: string; readonly retryInMs: number }): void;
  /** The live watch told of a new request, `lagMs` after Teleport created it, by two clocks. */
  seen(event: { readonly requestId: RequestId; readonly lagMs: number }): void;
  /** Something from Teleport that could not be read; it was skipped. */
  malformed(event: { readonly detail: string }): void;
  swept(event: { readonly pending: number; readonly open: number }): void;
  sweepFailed(event: { readonly cause: string }): void;
  /** How many effects of how many open requests are due and not done: what a crash left, and what keeps failing. */
  resumed(event: { readonly requests: number; readonly effects: number }): void;
  decided(event: { readonly decided: RecordedDecision; readonly durationMs: number }): void;
  /** Facts were missing; they are asked for again before a person is paged. */
  postponed(event: {
    readonly requestId: RequestId;
    readonly reasons: string;
    readonly attempt: number;
    readonly retryInMs: number;
  }): void;
  effectDone(event: {
    readonly requestId: RequestId;
    readonly key: Effect['key'];
    readonly outcome: Outcome;
    readonly durationMs: number;
  }): void;
  effectFailed(event: {
    readonly requestId: RequestId;
    readonly key: Effect['key'];
    readonly cause: Cause;
    readonly failures: number;
    readonly retryInMs: number;
  }): void;
  /** An incident that this service did not open has the key of a page, which was opened under another one. */
  foreignIncident(event: {
    readonly requestId: RequestId;
    readonly incidentId: string;
    readonly url: string | null;
  }): void;
  /** A name in rules or annotations leads elsewhere in PagerDuty than it first did, and is not believed; told again while it is asked for. */
  nameTaken(event: { readonly name: string; readonly cause: string }): void;
  answered(event: { readonly recorded: RecordedAnswer }): void;
  /** Answers, or whether a shift goes on, could not be read; asked again later. */
  followUpFailed(event: {
    readonly requestId: RequestId;
    readonly what: 'answers' | 'shift';
    readonly cause: string;
    readonly retryInMs: number;
  }): void;
  /** Something was sent to the webhook route: PagerDuty's own, or what was refused. `source` is the address it came from. */
  webhook(event: {
    readonly outcome: WebhookOutcome;
    readonly eventType: string | null;
    readonly source: string;
  }): void;
  /** A webhook told of something new on an incident; the request is null where that is no page of ours. */
  webhookHeard(event: {
    readonly incidentId: string;
    readonly eventType: string;
    readonly requestId: RequestId | null;
  }): void;
  /** What a webhook told of could not be looked into; polling hears of it. */
  webhookFailed(event: {
    readonly incidentId: string;
    readonly eventType: string;
    readonly cause: string;
  }): void;
  /** Somebody resolved the page without an answer, or with too few of them. */
  pageResolved(event: { readonly requestId: RequestId; readonly incidentId: string }): void;
  /** Somebody took our lock on an access away before its time. */
  unlocked(event: { readonly requestId: RequestId }): void;
  accessChecked(event: { readonly checked: AccessCheck }): void;
  ended(event: { readonly requestId: RequestId; readonly ending: Ending }): void;
  /** A request was approved without any review when it was first seen: nothing and nobody was asked. */
  arrivedApproved(event: { readonly request: AccessRequest }): void;
  /** A request needs a person, and as things are nobody hears of it: why, with the remedy. Told again while it lasts. */
  nobodyToPage(event: { readonly requestId: RequestId; readonly why: string }): void;
  /** A request could not be handled at all, for instance because the ledger cannot be written; it is tried again. */
  handlingFailed(event: {
    readonly requestId: RequestId;
    readonly cause: string;
    readonly retryInMs: number;
  }): void;
  /**
   * Somebody else wrote to the ledger: nothing is done for this request until that is mended; null for what concerns them all.
   * Told once.
   */
  recordForged(event: { readonly requestId: RequestId | null; readonly cause: string }): void;
  /** What the ledger holds of this request can be believed again. */
  recordSound(event: { readonly requestId: RequestId }): void;
  /** Our own HTTP server answers, for instance at `http://127.0.0.1:8080`. */
  listening(event: { readonly url: string }): void;
  /** A route of our own HTTP server failed; whoever asked was told nothing of the cause. */
  requestFailed(event: { readonly route: string; readonly cause: string }): void;
  /** Somebody looked at a decision page. */
  pageRead(event: { readonly reader: string; readonly path: string }): void;
  /** Old entries were removed, and a checkpoint stands for them. */
  pruned(event: {
    readonly checkpoint: Checkpoint;
    /** Why older entries than those had to stay; null when none had to. */
    readonly stopsBecause: string | null;
  }): void;
  /** Old entries could not be removed; it is tried again the next night. */
  pruningFailed(event: { readonly cause: string }): void;
  /** PagerDuty cannot be used any more, or can be again; told when it changes. The cause is that of the last call. */
  pagerDuty(event: { readonly state: 'unusable' | 'usable'; readonly cause: string }): void;
  /** The configuration was read again; sections that are other than at the start wait for a restart. */
  reloaded(event: { readonly needsRestart: readonly string[] }): void;
  policyChanged(event: { readonly digest: string }): void;
  /** The policy on disk cannot be used; the last one stays in force. */
  policyProblem(event: { readonly cause: string }): void;
  /** The cluster's edition has changed: reviews from now on, or states that are set. */
  resolvesWith(event: { readonly way: 'review' | 'state' }): void;
  /**
   * Whether Teleport says what Access Lists grant, told when it changes: `refused` for want of a permission, which the cause names;
   * `unsupported` by an older Teleport, and then user records alone count.
   */
  loginStates(event: { readonly state: 'read' | 'refused' | 'unsupported'; readonly cause: string }): void;
  /** What an access was used for is written down. */
  used(event: { readonly recorded: RecordedUse }): void;
  /**
   * Whether Teleport's audit log can be read, told when it changes: `refused` for want of a permission, which the cause names;
   * `unsupported` by an older Teleport.
   */
  auditLog(event: { readonly state: 'read' | 'refused' | 'unsupported'; readonly cause: string }): void;
  /** The audit log could not be read on, or an account not be written; it is tried again. */
  usageFailed(event: { readonly cause: string }): void;
  /** Traces and metrics do not reach the collector, or do again; told when it changes. */
  telemetry(event: { readonly state: 'dropped' | 'sent'; readonly cause: string }): void;
  identityRenewed(event: { readonly expires: string }): void;
  /** The identity on disk cannot be used; the one in use goes on until it expires. */
  identityProblem(event: { readonly cause: string }): void;
}
