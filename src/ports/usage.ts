import type { AuditEvent } from '../core/usage/event-types.ts';
import type { Instant } from '../core/values/instant.ts';
import type { RequestId } from '../core/access-request.ts';
import type { Tracked } from '../core/usage/tracked.ts';

/** A part of what was asked for. */
export interface AuditPage {
  readonly events: readonly AuditEvent[];
  /** How many events could not be understood: nobody knows whose they are. */
  readonly unreadable: number;
}

export interface AuditQuery {
  /** This instant and later. */
  readonly from: Instant;
  /** Earlier than this instant. */
  readonly until: Instant;
  readonly types: readonly string[];
}

/** Teleport's audit log. Every method throws TeleportError: kind `denied` without the permission, `unsupported` before Teleport 13. */
export interface AuditLog {
  /** The events in order of time, page by page. */
  read(query: AuditQuery, signal: AbortSignal): AsyncIterable<AuditPage>;
  /** Whether every search is dear, and comes late: the log is in Athena, as in Teleport Cloud. */
  isSlow(signal: AbortSignal): Promise<boolean>;
}

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
