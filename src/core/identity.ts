import type { Cause } from './values/cause.ts';
import { sanitise } from './values/words.ts';

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

/**
 * What binds a person of Teleport to one of PagerDuty: a map, to PagerDuty's id, which nobody can change; or an e-mail address, which
 * everybody may change for themselves: the one that was first seen at that id, another one, or it is not known which was first.
 */
export type Binding = 'id' | 'unchanged-address' | 'changed-address' | 'unknown-address';

/** Who the requester is in PagerDuty. `unrecognised` is settled; `unknown` could not be asked. */
export type Identity =
  | {
      readonly state: 'recognised';
      readonly id: string;
      readonly name: string | null;
      readonly email: string | null;
      /** The source that answered, for instance ``trait `email` ``. */
      readonly source: string;
      /** Absent in ledgers of earlier versions. */
      readonly binding?: Binding;
      /** By an address of a local user, which an administrator typed, although `require_sso` is on: for rules alone that name them. Absent where not. */
      readonly local?: true;
    }
  | { readonly state: 'unrecognised'; readonly why: string }
  | { readonly state: 'unknown'; readonly cause: Cause };

/** Who the requester is to a rule: a local user of Teleport nobody, unless it names them. */
export function identityFor(
  { localUsers = [], name }: { readonly localUsers?: readonly string[]; readonly name: string },
  requester: string,
  identity: Identity,
): Identity {
  if (identity.state !== 'recognised' || identity.local !== true || localUsers.includes(requester))
    return identity;
  const why = `${sanitise(requester, 100)} is a local user of Teleport, whom rule ${name} does not name in \`local_users\``;
  return { state: 'unrecognised', why };
}

/** E-mail addresses are compared without regard to composition and to the case of ASCII letters, but otherwise exactly. */
export function sameEmail(one: string, other: string): boolean {
  return canonicalEmail(one) === canonicalEmail(other);
}

/** Unicode: the characters whose canonical composition is an ASCII one, for instance the Kelvin sign, which becomes `K`. */
const ASCII_IN_DISGUISE = /([\u037e\u1fef\u212a])/u;

const ASCII = /^[\x00-\x7f]*$/u;

/**
 * The one spelling of an address. Nobody may be taken for another whose address has an ASCII letter where theirs has something that
 * Unicode folds or composes into one: only ASCII letters are folded, and what would become ASCII is not composed.
 */
export function canonicalEmail(email: string): string {
  // Most are ASCII alone, of which none is a disguise.
  if (ASCII.test(email)) return email.trim().toLowerCase();
  return email
    .trim()
    .split(ASCII_IN_DISGUISE)
    .map((part) => (ASCII_IN_DISGUISE.test(part) ? part : part.normalize('NFC')))
    .join('')
    .replace(/[A-Z]+/gu, (letters) => letters.toLowerCase());
}

/** A bare address: one `@`, no blanks, no display name. Teleport user names that are none are never guessed into one. */
export function isEmail(text: string): boolean {
  return /^[^\s@<>()",;:]+@[^\s@<>()",;:]+$/u.test(text);
}
