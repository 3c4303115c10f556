import type { RequestId } from '../core/access-request.ts';
import type { Tracked } from '../core/usage/tracked.ts';
import type { Instant } from '../core/values/instant.ts';

/** How far everything was read. */
export interface UsageMarks {
  /** The audit log, once and a second time; null before the first reading. */
  readonly through: Instant | null;
  readonly lateThrough: Instant | null;
  /** The ledger's entries of requests that ended. */
  readonly ledgerSeq: number;
}

/**
 * What was read of the audit log so far, kept beside the ledger's chain for whoever reads on: no part of the record. Every method throws
 * LedgerUnavailableError.
 */
export interface UsageStore {
  marks(): Promise<UsageMarks | null>;
  keepMarks(marks: UsageMarks): Promise<void>;
  /** Accesses that are followed. */
  tracked(): Promise<readonly Tracked[]>;
  keep(tracked: Tracked): Promise<void>;
  forget(requestId: RequestId): Promise<void>;
}
