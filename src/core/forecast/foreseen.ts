import type { Reference } from '../on-call.ts';
import type { Stretch } from './stretch.ts';

/** In which nobody could be approved; in which a page would bring no answer; what stands against who is on call. */
export type ForeseenCode = Gap | DeafPage | Refusal | 'not-known';
type Gap = 'nobody-on-call' | 'all-refused' | 'too-young';
type DeafPage =
  | 'page-reaches-nobody'
  | 'page-reaches-requester'
  | 'nobody-may-answer'
  | 'service-disabled'
  | 'in-maintenance';
type Refusal =
  | 'no-account'
  | 'local-account'
  | 'ambiguous-account'
  | 'several-accounts'
  | 'may-not-request'
  | 'not-covered'
  | 'locked'
  | 'young-shift';

/** Something that will go wrong under a rule unless somebody does something about it; or what cannot be foretold. */
export interface Foreseen {
  readonly code: ForeseenCode;
  readonly rule: string;
  /** Whom it is about; empty where it is about the rule. */
  readonly people: readonly Reference[];
  readonly stretches: readonly Stretch[];
  /** A sentence without its full stop; what to do about it. */
  readonly text: string;
  readonly remedy: string;
}
