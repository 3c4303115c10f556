import type { RequestId } from '../core/access-request.ts';
import { DONE, type Next } from '../ports/next.ts';
import type { ObservedRequest } from '../ports/teleport.ts';

/**
 * What a request is handled for. A decision and its review need a shared read of PagerDuty at most; pages and everything after
 * them wait for PagerDuty's rate limit. So each stage has places of its own, and no decision waits behind a page.
 */
export type Stage = 'decision' | 'page' | 'follow-up';

/** A request to be handled. */
export interface StagedRequest extends ObservedRequest {
  /** Where to go on; from the start unless told. */
  readonly stage?: Stage;
}

/** In which stage a request goes on, and when. */
export type Handled = Next<Stage> & {
  /** Nothing of it is recorded that it could be handled by again, so it is worth holding. */
  readonly isPostponed?: true;
  /** Others that are to look at their page now. */
  readonly called?: readonly RequestId[];
};

/** Whether and when a request is to be looked at again for which nothing is to be done now. */
export type ComeBack = Exclude<Next<Stage>, { is: 'at-once' }>;

export function later(inMs: number): ComeBack {
  return { is: 'later', inMs, item: 'decision' };
}

/** The soonest of several; done where all are. */
export function soonest(...all: readonly ComeBack[]): ComeBack {
  const delays = all.flatMap((each) => (each.is === 'later' ? [each.inMs] : []));
  return delays.length === 0 ? DONE : later(Math.min(...delays));
}
