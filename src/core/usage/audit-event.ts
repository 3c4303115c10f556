import type { RequestId } from '../access-request.ts';
import type { Instant } from '../values/instant.ts';

/** What was used, in the words of Teleport's resource kinds. */
export interface UsedResource {
  readonly kind: string;
  readonly name: string;
  /** The id by which requests name it, where that is another than the name (of nodes). */
  readonly id?: string;
}

/**
 * One event of Teleport's audit log, as far as it is of use: never what was typed, never where from. Whatever is absent in the event is
 * absent here. All texts are of others.
 */
export interface AuditEvent {
  /** For instance `session.start`. */
  readonly type: string;
  readonly uid: string;
  readonly time: Instant;
  /** The cluster in whose log it stands. */
  readonly cluster: string;
  /** Requests in the certificate by which it was done; of a lock, those that it is on. */
  readonly requests: readonly RequestId[];
  readonly user: string;
  readonly sid?: string;
  readonly resource?: UsedResource;
  readonly login?: string;
  /** A start, or a sign-in, that came to nothing. */
  readonly failed?: true;
  /** By an end event. */
  readonly stop?: Instant;
  /** Whether the session was to be recorded, where the event says. */
  readonly recorded?: boolean;
  /** Of a certificate for another cluster. */
  readonly route?: string;
  readonly bytes?: number;
  readonly files?: number;
}
