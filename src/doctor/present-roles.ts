import {
  TeleportError,
  type RolePermissions,
  type TeleportAdmin,
  type TeleportUsers,
} from '../ports/teleport.ts';
import { orNull, warning, type Finding } from './finding.ts';

export interface PresentRoles {
  /** Those of the certificate's roles that the user has now. */
  readonly roles: readonly RolePermissions[];
  /** Roles that the user has now and that the certificate has not: what they allow is not told to the service. */
  readonly unseen: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * The service's roles as Teleport judges its reviews: of a person's user the present ones, by login state or record, of a bot those of
 * the certificate. Where the own record cannot be read, the certificate's are all that is known.
 */
export async function presentRoles(
  { admin, users }: { admin: TeleportAdmin; users: Pick<TeleportUsers, 'user' | 'loginState'> },
  roles: readonly RolePermissions[],
  signal: AbortSignal,
): Promise<PresentRoles> {
  const name = admin.ownUser();
  const [user, login] = await Promise.all([
    orNull(users.user(name, signal), TeleportError),
    orNull(users.loginState(name, signal), TeleportError),
  ]);
  if (user === null || user.bot === true) return { roles, unseen: [], findings: [] };
  const held = login?.effective ?? user;
  const lost = roles.filter(({ role }) => !held.roles.includes(role)).map(({ role }) => role);
  const unseen = held.roles.filter((name) => !roles.some(({ role }) => role === name));
  const differs = [
    ...(lost.length === 0 ? [] : [`it has ${lost.join(', ')}, which the user has no more`]),
    ...(unseen.length === 0 ? [] : [`the user has ${unseen.join(', ')} since`]),
  ];
  const text =
    `the certificate of user ${name} is older than the user's roles: ${differs.join('; ')}. ` +
    "Teleport judges reviews by the user's present roles and all else by the certificate: sign or renew it";
  return {
    roles: roles.filter(({ role }) => !lost.includes(role)),
    unseen,
    findings: differs.length === 0 ? [] : [warning('teleport certificate', text)],
  };
}
