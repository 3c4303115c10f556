import { sameEmail, type TeleportUser } from '../core/identity.ts';
import { SECOND } from '../core/values/instant.ts';
import type { Policy } from '../core/rule.ts';
import type { Ask, OnCallDirectory } from '../ports/pagerduty.ts';
import { TeleportError, type TeleportUsers } from '../ports/teleport.ts';

interface Sources {
  readonly directory: OnCallDirectory;
  readonly users: TeleportUsers;
  readonly policy: Policy;
}

/** How long Teleport's users are looked through; an answer does not wait for more. */
const SEARCH_MS = 5 * SECOND;

/**
 * The Teleport user behind a PagerDuty user, by the identity sources read backwards: a map that names them once, user names that
 * are e-mail addresses, and a trait that one user has, where the service may list Teleport's users. Null where none tells. Throws
 * PagerDutyError or TeleportError.
 */
export async function teleportUserOf(userId: string, sources: Sources, ask: Ask): Promise<string | null> {
  for (const source of sources.policy.identities) {
    switch (source.kind) {
      case 'map': {
        const names = Object.entries(source.users).filter(([, id]) => id === userId);
        const [name] = names[0] ?? [];
        if (name !== undefined && names.length === 1) return name;
        break;
      }
      case 'username-is-email': {
        const user = await sources.directory.user(userId, ask);
        if (user !== null && (await exists(user.email, sources.users, ask))) return user.email;
        break;
      }
      case 'trait': {
        const user = await sources.directory.user(userId, ask);
        const found = user === null ? null : await byTrait(source.trait, user.email, sources, ask);
        if (found !== null) return found;
        break;
      }
    }
  }
  return null;
}

/** Several users are never chosen between; what cannot be looked through in time tells nothing. */
async function byTrait(
  trait: string,
  email: string,
  { users, policy }: Sources,
  ask: Ask,
): Promise<string | null> {
  const has = ({ traits, sso }: TeleportUser): boolean =>
    (sso || !policy.requireSso) &&
    Object.hasOwn(traits, trait) &&
    (traits[trait] ?? []).some((value) => sameEmail(value, email));
  const within = AbortSignal.any([ask.signal, AbortSignal.timeout(SEARCH_MS)]);
  try {
    const [user, ...others] = await users.search(has, within);
    return user !== undefined && others.length === 0 ? user.name : null;
  } catch (error) {
    ask.signal.throwIfAborted();
    if (error instanceof TeleportError || within.aborted) return null;
    throw error;
  }
}

async function exists(name: string, users: TeleportUsers, ask: Ask): Promise<boolean> {
  try {
    await users.user(name, ask.signal);
    return true;
  } catch (error) {
    if (error instanceof TeleportError && (error.kind === 'not-found' || error.kind === 'denied'))
      return false;
    throw error;
  }
}
