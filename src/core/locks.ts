import type { Cause } from './values/cause.ts';
import type { Instant } from './values/instant.ts';

/** A lock on a user or on all holders of a role; empty where it is on neither. */
export interface LockFact {
  readonly user: string;
  readonly role: string;
  /** Null for a lock without end. */
  readonly expires: Instant | null;
}

/** Whether somebody is locked out of Teleport, where a user of theirs is known there. */
export type LockReading =
  /** Null where they are not. */
  | { readonly state: 'known'; readonly lockedUser: string | null }
  | { readonly state: 'unknown'; readonly cause: Cause };

/** The locks that are on the user or on one of their roles: Teleport tries each attribute of an identity alone. */
export function locksOn(
  name: string,
  roles: readonly string[],
  locks: readonly LockFact[],
): readonly LockFact[] {
  return locks.filter(({ user, role }) => user === name || roles.includes(role));
}
