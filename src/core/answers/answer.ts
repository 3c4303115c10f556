import type { TargetFact } from '../facts.ts';
import type { Binding } from '../identity.ts';
import type { Cause } from '../values/cause.ts';
import type { Instant } from '../values/instant.ts';
import type { OnCallReading } from '../on-call.ts';
import type { PoliciesReading } from '../roster/policies-seen.ts';
import type { LockReading } from '../locks.ts';
import type { Proposal } from './verbs.ts';

/** Somebody's answer to a page, as PagerDuty has it. */
export interface Answer {
  /** PagerDuty's id of the note; for an acknowledgement who and when. */
  readonly id: string;
  readonly how: 'note' | 'acknowledge';
  /** Null for a note that says neither. */
  readonly propose: Proposal | null;
  /** The approver's own words. */
  readonly reason: string;
  readonly by: { readonly id: string; readonly name: string; readonly isUser: boolean };
  readonly at: Instant;
  /** Notes can be edited: then it is not known what was answered when. */
  readonly edited: boolean;
  readonly codeIsRight: boolean;
  /** What it would have to name, where that is not the end of the request's id. */
  readonly code?: string;
  /** A word of an approval that may take it back, for instance `NOT` before "before Monday"; absent where there is none. */
  readonly takenBackBy?: string;
  /** The verb as it was written, where a slip of the keyboard was read over; absent where there was none. */
  readonly spelt?: string;
  /** Why it is no answer; absent where it reads like one, and in ledgers of earlier versions. */
  readonly unclear?: Unclear;
  readonly incidentId: string;
}

/** Why a note that may have been meant for an answer is none. */
export type Unclear =
  /** The code stands there, and nothing says what is to become of it. */
  | 'no verb'
  /** Words of approval or refusal, and nothing says of what. */
  | 'no code'
  | 'question'
  | 'quotation'
  | 'several verbs'
  | 'several codes'
  /** Verb and code stand there, and something else between or before them. */
  | 'other words'
  /** It names a request of this page that is over. */
  | 'over'
  /** An acknowledgement, which approves nothing here. */
  | 'acknowledged'
  /** Nothing in it reads like an answer. */
  | 'talk';

/** A request as it is listed on a page. */
export interface Listed {
  readonly requestId: string;
  readonly code: string;
}

/** What is known of who answered. */
export interface AnswerFacts {
  /** Their on-call rows at the moment of the answer. */
  readonly onCall: OnCallReading;
  readonly targets: readonly TargetFact[];
  /** As in the facts of a decision. */
  readonly policies?: PoliciesReading;
  /** Their Teleport user, where it can be told from the identity sources. */
  readonly teleportUser: string | null;
  /** By what it is told; null where it is not. Absent in ledgers of earlier versions. */
  readonly binding?: Binding | null;
  /** Whether a Teleport user of theirs is locked; absent where none is known, where the service may not read locks, and in ledgers of earlier versions. */
  readonly lock?: LockReading;
  /** Each rule that asks is answered by itself; absent in ledgers of earlier versions, where one answer was for all together. */
  readonly perRule?: true;
  /** Whether the page still is what was sent; absent where nothing depended on it, and in ledgers of earlier versions. */
  readonly page?: PageReading;
  /** Of what is to end access: when that was given. Absent for all else, and in ledgers of earlier versions, which heard it however early. */
  readonly given?: GivenReading;
}

/** When access was given, as far as it is known, by three clocks. */
export interface GivenReading {
  /** Teleport's time of the review by which it was; null where it was by none. */
  readonly at: Instant | null;
  /** When it was known here, by this service's clock. */
  readonly knownAt: Instant;
  /** PagerDuty's time of our note of it on the page; null where there is none. */
  readonly toldAt: Instant | null;
  /** The page was opened once it was known. */
  readonly before?: true;
}

/** What PagerDuty shows of a page, read when its answer was heard. Whoever may edit incidents may change its title and text. */
export type PageReading =
  /** The answer counts from when the incident was opened, and not from before the page was intended. */
  | { readonly state: 'as-sent'; readonly since: Instant }
  | { readonly state: 'changed'; readonly what: 'title' | 'text' }
  /** It shows the request as it was before it was changed in Teleport. */
  | { readonly state: 'outdated' }
  /** It is not the page but the incident that the page was merged into, which anybody may have opened. */
  | { readonly state: 'merged' }
  | { readonly state: 'unknown'; readonly cause: Cause };

const CODE_LENGTH = 5;
/** What an answer names the request by: the end of its id, which is random in all versions of Teleport. */
export function answerCode(requestId: string, length = CODE_LENGTH): string {
  return requestId
    .replace(/[^0-9a-z]/giu, '')
    .slice(-length)
    .toUpperCase();
}
