import type { RequestId } from '../core/access-request.ts';

/** By it the ledger knows, in the transaction that appends, whether a claim still stands. */
export interface Fence {
  readonly requestId: RequestId;
  /** The name of the lease under which the claim was taken. */
  readonly owner: string;
}

/** What is claimed by whichever replica reads the audit log for all. No request has this id. */
export const AUDIT_LOG_CLAIM = 'audit log';

/** The right of one replica to handle a request, for as long as it renews it. */
export interface Claim {
  /** Aborts as soon as the claim may have run out: whoever holds it must stop, since another replica may go on. */
  readonly lost: AbortSignal;
  /** Null where no other replica could have the claim. */
  readonly fence: Fence | null;
  /**
   * Throws ClaimLostError when the claim may have run out by now, by a clock that goes on while the process is frozen: to be
   * asked right before anything is done outside, since a process that was stopped for a while comes back in mid-call.
   */
  ensureHeld(): void;
  /** Nothing is left to do for now: any replica may handle what comes next. */
  release(): Promise<void>;
}

/** Another replica may have the request by now: nothing was written, and nothing more may be done for it here. */
export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError';
}

/** A claim that nobody else could have: of the only instance on its ledger. */
export const soleClaim: Claim = {
  lost: new AbortController().signal,
  fence: null,
  ensureHeld: () => undefined,
  release: () => Promise.resolve(),
};

/**
 * Which of several replicas handles a request. It keeps two replicas from asking and doing the same at the same time; the
 * ledger takes nothing from a replica whose claim is over, and its once-keys are the last line.
 */
export interface Claims {
  /** The claim on the request, taken now or held before; null while another replica holds it. Throws LedgerUnavailableError. */
  take(requestId: RequestId): Promise<Claim | null>;
  /** Requests whose claim was neither released nor renewed: their replica is gone, and what it began is left to the others. */
  abandoned(): Promise<readonly RequestId[]>;
}
