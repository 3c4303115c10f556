import type { LoginReading, UserReading } from '../../core/facts.ts';
import type { Ask } from '../../ports/pagerduty.ts';
import { TeleportError, type TeleportUsers } from '../../ports/teleport.ts';
import { causeOfMissingFact } from '../cause-of.ts';

/**
 * A user's record in Teleport, and with it their login state where roles or traits matter. Teleport keeps single sign-on users only
 * for as long as their session: they may be absent.
 */
export async function readTeleportUser(
  name: string,
  users: Pick<TeleportUsers, 'user' | 'loginState'>,
  { withLogin, signal }: Pick<Ask, 'signal'> & { readonly withLogin: boolean },
): Promise<UserReading> {
  const [reading, login] = await Promise.all([
    readRecord(name, users, signal),
    withLogin ? readLogin(name, users, signal) : null,
  ]);
  if (reading.state !== 'known' || login === null || reading.user.bot === true) return reading;
  return { ...reading, login };
}

async function readRecord(
  name: string,
  users: Pick<TeleportUsers, 'user'>,
  signal: AbortSignal,
): Promise<UserReading> {
  try {
    return { state: 'known', user: await users.user(name, signal) };
  } catch (error) {
    if (error instanceof TeleportError && error.kind === 'not-found') return { state: 'absent' };
    return { state: 'unknown', cause: causeOfMissingFact(error) };
  }
}

/** Null where Teleport has none, or is too old to know them: then Teleport, too, goes by the record alone. */
async function readLogin(
  name: string,
  users: Pick<TeleportUsers, 'loginState'>,
  signal: AbortSignal,
): Promise<LoginReading | null> {
  try {
    const login = await users.loginState(name, signal);
    return login === null ? null : { state: 'known', ...login };
  } catch (error) {
    if (error instanceof TeleportError && error.kind === 'unsupported') return null;
    return { state: 'unknown', cause: causeOfMissingFact(error) };
  }
}
