import type { RequestId } from '../core/access-request.ts';

/** The right of one replica to handle a request, for as long as it renews it. */
export interface Claim {
  /** Aborts as soon as the claim may have run out: whoever holds it must stop, since another replica may go on. */
  readonly lost: AbortSignal;
  /** Nothing is left to do for now: any replica may handle what comes next. */
  release(): Promise<void>;
}

/**
 * Which of several replicas handles a request. A claim is no lock that correctness hangs on: the ledger's once-keys are the
 * last line. It keeps two replicas from asking and doing the same at the same time.
 */
export interface Claims {
  /** The claim on the request, taken now or held before; null while another replica holds it. Throws LedgerUnavailableError. */
  take(requestId: RequestId): Promise<Claim | null>;
  /** Requests whose claim was neither released nor renewed: their replica is gone, and what it began is left to the others. */
  abandoned(): Promise<readonly RequestId[]>;
}
