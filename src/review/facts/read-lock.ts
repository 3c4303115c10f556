import { locksOn, type LockReading } from '../../core/locks.ts';
import { unless } from '../../ports/teleport.ts';
import { causeOf } from '../cause-of.ts';
import type { Dependencies } from '../dependencies.ts';

type Sources = Pick<Dependencies, 'locks' | 'users'>;

/**
 * Whether one of these Teleport users is locked, by name or by a role. Absent where there are none, and where the service may not list
 * locks: nobody told it to look. One read, and two more for each user where any role is locked.
 */
export async function readLock(
  names: readonly string[],
  { locks, users }: Sources,
  signal: AbortSignal,
): Promise<{ readonly lock?: LockReading }> {
  if (names.length === 0) return {};
  try {
    const inForce = await unless(locks.inForce(signal), 'denied', 'unsupported');
    if (inForce === null) return {};
    const isRoleLocked = inForce.some(({ role }) => role !== '');
    for (const name of names) {
      const roles = isRoleLocked ? await rolesOf(name, users, signal) : [];
      if (locksOn(name, roles, inForce).length > 0) return { lock: { state: 'known', lockedUser: name } };
    }
    return { lock: { state: 'known', lockedUser: null } };
  } catch (error) {
    signal.throwIfAborted();
    return { lock: { state: 'unknown', cause: causeOf(error) } };
  }
}

/** By today's record, which ends with a session of single sign-on, and by the last login. Throws TeleportError. */
async function rolesOf(
  name: string,
  users: Sources['users'],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [record, login] = await Promise.all([
    unless(users.user(name, signal), 'not-found'),
    unless(users.loginState(name, signal), 'unsupported'),
  ]);
  return [...(record?.roles ?? []), ...(login?.effective.roles ?? [])];
}
