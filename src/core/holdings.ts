import type { KnownLogin, UserReading } from './facts.ts';
import type { Held } from './identity.ts';
import type { Cause } from './values/cause.ts';

/** What somebody is known to have, and what they may have: of what Teleport says in two ways, the rest is not known. */
export interface Holdings {
  readonly sure: Held;
  readonly possible: Held;
}

/**
 * A user's roles and traits from both of Teleport's sources, which age differently: the login state is as old as the last login,
 * the user record never has what an Access List grants. What gives must be in force by the login state, and stand in today's record
 * or be granted by a list; what takes may stand in either. Without a login state the record alone counts, as it does for Teleport.
 * Null where there is no record to go by.
 */
export function holdingsOf(reading: UserReading): Holdings | null {
  if (reading.state !== 'known') return null;
  const { user, login } = reading;
  return login?.state === 'unknown' ? null : heldBy({ user, login });
}

/** The same, where what Teleport wrote down at the last login is known, or is not there. */
export function heldBy({
  user,
  login,
}: {
  readonly user: Held;
  readonly login?: KnownLogin | undefined;
}): Holdings {
  if (login === undefined) return { sure: user, possible: user };
  const { effective, fromLists } = login;
  return {
    sure: both(effective, either(user, fromLists)),
    possible: either(either(effective, fromLists), user),
  };
}

/** Why what Teleport says of somebody cannot be known; null where it can. */
export function silenceOf(reading: UserReading): Cause | null {
  if (reading.state === 'unknown') return reading.cause;
  return reading.state === 'known' && reading.login?.state === 'unknown' ? reading.login.cause : null;
}

/** The values of one trait; a name that every object has is none. */
export function valuesOf({ traits }: Held, name: string): readonly string[] {
  return new Map(Object.entries(traits)).get(name) ?? [];
}

function either(one: Held, other: Held): Held {
  return joined(one, other, (ours, theirs) => [...new Set([...ours, ...theirs])]);
}

function both(one: Held, other: Held): Held {
  return joined(one, other, (ours, theirs) => ours.filter((value) => theirs.includes(value)));
}

function joined(
  one: Held,
  other: Held,
  join: (ours: readonly string[], theirs: readonly string[]) => readonly string[],
): Held {
  const names = [...new Set([...Object.keys(one.traits), ...Object.keys(other.traits)])];
  return {
    roles: join(one.roles, other.roles),
    traits: Object.fromEntries(names.map((name) => [name, join(valuesOf(one, name), valuesOf(other, name))])),
  };
}
