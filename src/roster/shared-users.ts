import type { TeleportUser } from '../core/identity.ts';
import { SECOND } from '../core/values/instant.ts';
import { remember } from '../core/values/remember.ts';
import { TeleportError, type LoginState, type TeleportUsers } from '../ports/teleport.ts';
import { SharedReading } from './shared-reading.ts';

/** So many are remembered, of those who asked last. */
const MOST_USERS = 1_000;

/** Users whose records, and login states, are read once for all requests of theirs that are decided in the same moment. */
export function shareUsers(
  users: TeleportUsers,
  { freshMs, stop }: { readonly freshMs: number; readonly stop: AbortSignal },
): TeleportUsers {
  const maxAgeMs = Math.min(freshMs, SECOND);
  const records = new Map<string, SharedReading<TeleportUser>>();
  const logins = new Map<string, SharedReading<LoginState | null>>();

  function shared<T>(
    known: Map<string, SharedReading<T>>,
    name: string,
    read: (name: string, signal: AbortSignal) => Promise<T>,
  ): (signal: AbortSignal) => Promise<T> {
    const reading =
      known.get(name) ??
      new SharedReading((ask) => read(name, ask.signal), stop, { overdue: () => overdue(name) });
    remember(known, name, reading, MOST_USERS);
    return (signal) => reading.take(maxAgeMs, { signal });
  }

  return {
    ...users,
    search: (matches, signal) => users.search(matches, signal),
    user: (name, signal) => shared(records, name, (...asked) => users.user(...asked))(signal),
    loginState: (name, signal) => shared(logins, name, (...asked) => users.loginState(...asked))(signal),
  };
}

function overdue(name: string): TeleportError {
  const problem = `could not read the user \`${name}\`: the asker's time was over before the answer was there`;
  return new TeleportError('timeout', problem, { transient: true });
}
