import type { Policy } from '../core/rule.ts';
import type { Ask, OnCallDirectory } from '../ports/pagerduty.ts';
import { TeleportError, type TeleportUsers } from '../ports/teleport.ts';

interface Sources {
  readonly directory: OnCallDirectory;
  readonly users: TeleportUsers;
  readonly policy: Policy;
}

/**
 * The Teleport user behind a PagerDuty user, by the identity sources that can be read backwards: a map that names them once, and
 * user names that are e-mail addresses. Null where none does: Teleport cannot be searched by trait. Throws PagerDutyError or
 * TeleportError.
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
      case 'trait':
        break;
    }
  }
  return null;
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
