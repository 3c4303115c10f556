import type { AuditEvent } from '../core/usage/audit-event.ts';
import type { Instant } from '../core/values/instant.ts';

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
