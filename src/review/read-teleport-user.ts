import type { UserReading } from '../core/facts.ts';
import type { Ask } from '../ports/pagerduty.ts';
import { TeleportError, type TeleportUsers } from '../ports/teleport.ts';
import { causeOfMissingFact } from './cause-of.ts';

/** A user's record in Teleport. Teleport keeps single sign-on users only for as long as their session: they may be absent. */
export async function readTeleportUser(name: string, users: TeleportUsers, ask: Ask): Promise<UserReading> {
  try {
    return { state: 'known', user: await users.user(name, ask.signal) };
  } catch (error) {
    if (error instanceof TeleportError && error.kind === 'not-found') return { state: 'absent' };
    return { state: 'unknown', cause: causeOfMissingFact(error) };
  }
}
