import {
  referenceWorld,
  type ReferenceWorld,
  type ReferenceWorldOptions,
} from '../sim/teleport/reference-world.ts';

/** The reference world, where the engineers' requests take two approvals, and Robin (sre-3) may review as Sam may. */
export function twoApprovals(options: Omit<ReferenceWorldOptions, 'edition'>): ReferenceWorld {
  const { roles, users } = referenceWorld({ edition: 'enterprise', ...options });
  const thresholds = [{ name: 'two', filter: '', approve: 2, deny: 1 }];
  return {
    roles: roles.map((role) =>
      role.name === 'sres'
        ? { ...role, allow: { ...role.allow, request: { ...role.allow.request, thresholds } } }
        : role,
    ),
    users: users.map((user) =>
      user.name === 'sre-3' ? { ...user, roles: ['sres', 'access-reviewer'] } : user,
    ),
  };
}
