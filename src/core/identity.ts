import type { Cause } from './values/cause.ts';

/** Where a Teleport user's PagerDuty identity may come from; sources are asked in order, the first that answers wins. */
export type IdentitySource =
  | { readonly kind: 'map'; readonly users: Readonly<Record<string, string>> }
  | { readonly kind: 'trait'; readonly trait: string }
  | { readonly kind: 'username-is-email' };

export interface PagerDutyUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Roles and traits of somebody, as one source has them. */
export interface Held {
  readonly roles: readonly string[];
  readonly traits: Readonly<Record<string, readonly string[]>>;
}

/** A Teleport user as far as identity needs it (`types.UserV2`). */
export interface TeleportUser extends Held {
  readonly name: string;
  /** Whether an SSO connector created the user; a local user's name and traits are whatever an administrator typed. */
  readonly sso: boolean;
  /** A Machine ID bot: Teleport judges it by this record alone, its login state may be empty. */
  readonly bot?: true;
}

/** Who the requester is in PagerDuty. `unrecognised` is settled; `unknown` could not be asked. */
export type Identity =
  | {
      readonly state: 'recognised';
      readonly id: string;
      readonly name: string | null;
      readonly email: string | null;
      /** The source that answered, for instance ``trait `email` ``. */
      readonly source: string;
    }
  | { readonly state: 'unrecognised'; readonly why: string }
  | { readonly state: 'unknown'; readonly cause: Cause };

/** E-mail addresses are compared without regard to case and composition, but otherwise exactly. */
export function sameEmail(one: string, other: string): boolean {
  return canonicalEmail(one) === canonicalEmail(other);
}

export function canonicalEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}

/** A bare address: one `@`, no blanks, no display name. Teleport user names that are none are never guessed into one. */
export function isEmail(text: string): boolean {
  return /^[^\s@<>()",;:]+@[^\s@<>()",;:]+$/u.test(text);
}
