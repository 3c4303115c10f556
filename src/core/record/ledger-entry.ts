import type { AccessRequest, RequestId, ResolvedState } from '../access-request.ts';
import type { Answer, AnswerFacts } from '../answers/answer.ts';
import type { Cause } from '../values/cause.ts';
import type { Decision } from '../decision.ts';
import type { Effect, Outcome } from './effect.ts';
import type { Facts } from '../facts.ts';
import type { Instant } from '../values/instant.ts';
import type { OnCallReading } from '../on-call.ts';
import type { WatchedTarget } from '../roster/watched.ts';
import type { PagingRule, Policy, Rule } from '../rule.ts';
import type { Totals, UseOutcome } from '../usage/account.ts';
import type { Evidence } from '../usage/evidence.ts';

/** A decision as it stands in the ledger: with everything needed to derive it again. */
export interface RecordedDecision {
  readonly kind: 'decided';
  readonly requestId: RequestId;
  /** 1 for the first decision on a request; a further one replaces it while the request is pending. */
  readonly number: number;
  /** The id that also stands in Teleport's review reason and in PagerDuty's notes. */
  readonly decisionId: string;
  /** SHA-256 in hex over request, facts, decision, policy digest, time, the end that is promised and the rule that pages. */
  readonly digest: string;
  readonly decidedAt: Instant;
  readonly request: AccessRequest;
  readonly facts: Facts;
  readonly decision: Decision;
  readonly policyDigest: string;
  /** SHA-256 in hex over the claims that were proven for the policy; absent where nothing was claimed, and in entries of earlier versions. */
  readonly claimsDigest?: string;
  /**
   * The rules that let the access end with the shift, as they were: they may be gone by then. Empty where none is promised to
   * end; absent in entries of earlier versions.
   */
  readonly endsAccess?: readonly Rule[];
  /**
   * The rule by which people are paged, as it was: it may be gone before they have answered. Null where none pages anybody; absent in
   * entries of earlier versions.
   */
  readonly pagesBy?: PagingRule | null;
  /**
   * When it would be approved by what was known then, of a request that was made a moment too early: then it is decided anew, unless
   * somebody has answered. Absent where that is not to be expected, and in entries of earlier versions.
   */
  readonly comesAt?: Instant;
  /** Rules of other teams by which people are paged beside it, as they were; absent where there are none, and in entries of earlier versions. */
  readonly alsoPagesBy?: readonly PagingRule[];
}

/** How a request ended. Without a state of Teleport's where Teleport has it no more. */
export type Ending =
  | {
      readonly state: ResolvedState;
      readonly by: string | null;
      readonly reason: string;
      /** Teleport's time of the review that approved it; absent where none did, and in ledgers of earlier versions. */
      readonly at?: Instant;
    }
  | { readonly state: 'deleted' | 'expired'; readonly by: null; readonly reason: string };

/**
 * What stands at the place of entries that were removed because the ledger keeps them no longer. The first entry that is left
 * is chained to `through.hash`, so the chain can be checked as before.
 */
export interface Checkpoint {
  readonly kind: 'checkpoint';
  /** The hash of entry 1, by which this ledger is told from others. */
  readonly origin: string;
  /** The last entry that was removed. */
  readonly through: { readonly seq: number; readonly at: Instant; readonly hash: string };
  /** How many were removed by this checkpoint, and from which one on. */
  readonly removed: { readonly from: number; readonly entries: number; readonly decisions: number };
  /** Entries before this instant were to be removed. */
  readonly before: Instant;
  /** Policies that were among them and that later decisions name. */
  readonly policies: readonly { readonly digest: string; readonly policy: Policy }[];
  /** The ledger's id, as its mark has it, which may be among them; absent where entries are not sealed. */
  readonly ledger?: string;
}

/** The mark of a ledger whose entries are sealed, those before it too: it pins what was there when it was set. */
export interface SealedFrom {
  readonly kind: 'sealed-from';
  /** By which this ledger is told from others under the same key. */
  readonly ledger: string;
  /** The last entry before; null where the ledger was new. */
  readonly through: { readonly seq: number; readonly at: string; readonly hash: string } | null;
}

/** An answer to a page, whether it counted, and by what evidence. */
export interface RecordedAnswer {
  readonly kind: 'answered';
  readonly requestId: RequestId;
  readonly answer: Answer;
  readonly counted: boolean;
  readonly why: string;
  /** Null where it was refused without looking anything up. */
  readonly facts: AnswerFacts | null;
  /** The rules that it answers; absent where it does not count, and in ledgers of earlier versions: all that ask. */
  readonly rules?: readonly string[];
  /** Whoever gave it was told often enough on this page; absent where they are told, and in ledgers of earlier versions. */
  readonly untold?: true;
}

/** A look at whether the access that a shift, or an incident, gave goes on. */
export interface AccessCheck {
  readonly kind: 'access-checked';
  readonly requestId: RequestId;
  readonly ends: boolean;
  readonly why: string;
  /** Until when it goes on, as far as known; null for a shift without end, and for access that ends. */
  readonly until: Instant | null;
  readonly onCall: OnCallReading;
  /** What is over of what the rules ask; absent where the shift is, and in ledgers of earlier versions. */
  readonly over?: 'incident' | 'shift and incident';
  /** Where it ends again, after it was given back: which end this is, from 2 on. */
  readonly number?: number;
}

/** Nobody who could answer is asked by a page any more, for instance since the shift of whoever acknowledged it is over. */
export interface PageUnheard {
  readonly kind: 'page-unheard';
  readonly requestId: RequestId;
  readonly incidentId: string;
  /** Counted from 1 on each page. */
  readonly number: number;
  readonly why: string;
}

/**
 * What became of an access, by Teleport's audit log. `provisional` when the access ends; `final` when nothing is to be expected any more,
 * since some events come a day late; `correction` for what came later still.
 */
export interface RecordedUse {
  readonly kind: 'used';
  readonly requestId: RequestId;
  /** 1 for the first account of an access; a further one takes its place. */
  readonly number: number;
  readonly stage: 'provisional' | 'final' | 'correction';
  readonly evidence: Evidence;
  /** Both follow from the evidence. */
  readonly outcome: UseOutcome;
  readonly totals: Totals;
  /** The incident that the person was working on is told; absent where not. */
  readonly tells?: true;
  /** The PagerDuty service that is told what the access shows, for its review; absent where none is. */
  readonly review?: string;
}

/**
 * A page was begun. Its number is the next among those of the same requester, rule and service (`group`), so that of two replicas
 * one begins it. Like `AskedOn` it belongs to no request's story, where the effect stands: it is what all requests must agree on.
 */
export interface PageBegun {
  readonly kind: 'page-begun';
  readonly group: string;
  readonly number: number;
  readonly page: string;
  /** Whose page it is. */
  readonly host: RequestId;
}

/** The code by which a request is answered on a page. No other has it there. */
export interface AskedOn {
  readonly kind: 'asked-on';
  readonly page: string;
  readonly code: string;
  readonly asked: RequestId;
}

/**
 * A target was watched, and shifts that begin before then were looked for. What was seen of it is kept beside the chain: so that it is
 * missed where somebody takes it away, or puts it back as it was.
 */
export interface TargetWatched {
  readonly kind: 'watched';
  readonly target: WatchedTarget;
  readonly until: Instant;
}

/** What may be written down. Each kind can be written once for its subject; `effect-failed` any number of times. */
export type LedgerEvent =
  | { readonly kind: 'policy'; readonly digest: string; readonly policy: Policy }
  | Checkpoint
  | SealedFrom
  | {
      /** The end of the chain that a process knew was gone or another one when it wanted to write again. */
      readonly kind: 'cut-off';
      readonly known: { readonly seq: number; readonly hash: string };
      readonly found: { readonly seq: number; readonly hash: string };
    }
  | RecordedDecision
  | {
      /** A decision was put off for want of facts. From `since` on the time counts after which a person is asked anyway. */
      readonly kind: 'postponed';
      readonly requestId: RequestId;
      readonly since: Instant;
      readonly why: string;
    }
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
  | RecordedAnswer
  | {
      /** Somebody resolved the page without an answer, or with too few of them: the request is still pending. */
      readonly kind: 'page-resolved';
      readonly requestId: RequestId;
      readonly incidentId: string;
      /** Where it was merged: the incident that it goes on as, null where that cannot be read; absent in ledgers of earlier versions. */
      readonly mergedInto?: string | null;
      /** This service did it, for the others on that page, at the moment when the request was listed there. */
      readonly byService?: true;
    }
  | PageUnheard
  | PageBegun
  | AskedOn
  | TargetWatched
  | AccessCheck
  | RecordedUse
  | {
      /** Somebody took our lock away before its time: the access is open again. Teleport does not tell who. */
      readonly kind: 'unlocked';
      readonly requestId: RequestId;
      /** Which, where it is not the first that the end of a shift brought. */
      readonly lock?: Effect['key'];
    }
  | {
      readonly kind: 'ended';
      readonly requestId: RequestId;
      readonly ending: Ending;
      /** Of an end that overturned an earlier one: Teleport lets a state be set to denied after it was approved. */
      readonly after?: 'approved';
      /** The request, where it was approved without any review when it was first seen: whoever may create requests may do that. */
      readonly arrived?: AccessRequest;
      /** While the access lasts, `revoke` is heard on its pages; absent where not, and in ledgers of earlier versions. */
      readonly hearsRevoke?: true;
    };

/** An event in its place in the chain. Entries are never changed; the oldest may be removed behind a checkpoint. */
export interface LedgerEntry {
  /** 1, 2, 3 … without gaps. */
  readonly seq: number;
  readonly at: Instant;
  readonly event: LedgerEvent;
  /** SHA-256 in hex over the previous entry's hash, `seq`, `at` and the event's stored text. */
  readonly hash: string;
}

/** The request that an event belongs to; null for what concerns them all. */
export function subjectOf(event: LedgerEvent): RequestId | null {
  return 'requestId' in event ? event.requestId : null;
}

/** What the once-keys of all pages of a group begin with. */
export function pagesUnder(group: string): string {
  return `page-begun ${group} `;
}

/** What those of all codes on a page begin with. */
export function codesUnder(page: string): string {
  return `asked-on ${page} `;
}

/** What those of a target that was watched begin with; in the order of their times. */
export function watchedUnder({ kind, id }: WatchedTarget): string {
  return `watched ${kind} ${id} `;
}

/**
 * What makes an event the only one of its kind: the ledger refuses a second one with the same key, so that of two who want
 * to act only one does. Null where repetition is meant.
 */
export function onceKeyOf(event: LedgerEvent): string | null {
  switch (event.kind) {
    case 'policy':
      return `policy ${event.digest}`;
    case 'checkpoint':
      return `checkpoint ${event.through.seq}`;
    case 'sealed-from':
      return 'sealed-from';
    case 'decided':
      return `decided ${event.requestId} ${event.number}`;
    case 'postponed':
      return `postponed ${event.requestId}`;
    case 'effect-intended':
      return `intended ${event.requestId} ${event.effect.key}`;
    case 'effect-done':
      return `done ${event.requestId} ${event.key}`;
    case 'ended':
      return event.after === undefined
        ? `ended ${event.requestId}`
        : `ended ${event.requestId} after ${event.after}`;
    case 'answered':
      return `answered ${event.requestId} ${event.answer.id}`;
    case 'page-begun':
      return `${pagesUnder(event.group)}${event.number}`;
    case 'asked-on':
      return `${codesUnder(event.page)}${event.code}`;
    case 'watched':
      return `${watchedUnder(event.target)}${event.until}`;
    case 'page-resolved':
      return `page-resolved ${event.requestId} ${event.incidentId}`;
    case 'page-unheard':
      return `page-unheard ${event.requestId} ${event.incidentId} ${event.number}`;
    case 'access-checked':
      return event.ends ? counted(`access-ends ${event.requestId}`, event.number) : null;
    case 'used':
      return `used ${event.requestId} ${event.number}`;
    case 'unlocked':
      return `unlocked ${event.requestId}${event.lock === undefined ? '' : ` ${event.lock}`}`;
    case 'effect-failed':
    case 'cut-off':
      return null;
  }
}

function counted(key: string, number = 1): string {
  return number === 1 ? key : `${key} ${number}`;
}
