import { isResolved, type RequestId } from '../core/access-request.ts';
import { MINUTE, SECOND } from '../core/values/instant.ts';
import { AUDIT_LOG_CLAIM, ClaimLostError, soleClaim, type Claim, type Claims } from '../ports/claims.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { AccessRequests, ObservedRequest } from '../ports/teleport.ts';
import { DONE } from '../ports/next.ts';
import type { Handled, StagedRequest } from './stage.ts';
import { messageOf } from '../core/values/cause.ts';

type Handle = (observed: StagedRequest, signal: AbortSignal) => Promise<Handled>;
type HandleWithClaim = (observed: StagedRequest, signal: AbortSignal, claim: Claim) => Promise<Handled>;

/** Over longer waits a claim is not held: what is due by then is found in the ledger by any replica. */
const HOLD_AT_MOST_MS = MINUTE;
/** How soon a replica that may not handle a request tells the one that may what it has seen, by asking again. */
const SOON = { is: 'later', inMs: SECOND, item: 'decision' } as const;

/**
 * Lets the replica that has the claim handle a request, and the others pass it over: what they would do is done, or is taken
 * over by `createTakeOver` when its holder is gone. A claim is held while the request is to be looked at again soon. The end of a
 * request is not passed over: its holder may have missed that event. Throws what `handle` throws.
 */
export function withClaim(handle: HandleWithClaim, claims: Claims): Handle {
  return async (observed, signal) => {
    const claim = await claims.take(observed.id);
    if (claim === null) return isOver(observed) ? SOON : DONE;
    try {
      // Nobody but us could have the sole claim: its signal never aborts.
      const until = claim === soleClaim ? signal : AbortSignal.any([signal, claim.lost]);
      const next = await handle(observed, until, claim);
      const isHeld = next.is === 'at-once' || (next.is === 'later' && next.inMs <= HOLD_AT_MOST_MS);
      if (!isHeld) await claim.release();
      return next;
    } catch (error) {
      // Whoever has it now knows from the ledger what was begun; should nobody have it, it is ours again.
      const lost = claim.lost.aborted || error instanceof ClaimLostError;
      if (lost && !signal.aborted) return SOON;
      throw error;
    }
  };
}

function isOver({ request }: ObservedRequest): boolean {
  return request === null || isResolved(request);
}

export interface TakeOverOptions {
  readonly claims: Claims;
  readonly requests: Pick<AccessRequests, 'find'>;
  readonly reporter: Pick<Reporter, 'sweepFailed'>;
  readonly handle: (observed: ObservedRequest) => void;
  /** Whether the request is waiting or being handled already. */
  readonly isBusy: (id: RequestId) => boolean;
}

/** Looks for requests whose replica is gone and hands them on. Never throws: the next pass comes on schedule. */
export function createTakeOver(options: TakeOverOptions): (signal: AbortSignal) => Promise<void> {
  const { claims, requests, reporter, handle, isBusy } = options;
  return async (signal) => {
    try {
      for (const id of await claims.abandoned()) {
        if (id !== AUDIT_LOG_CLAIM && !isBusy(id)) handle({ id, request: await requests.find(id, signal) });
      }
    } catch (error) {
      if (!signal.aborted) reporter.sweepFailed({ cause: messageOf(error) });
    }
  };
}
