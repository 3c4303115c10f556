import { HOUR, plusMs } from '../../src/core/values/instant.ts';
import { checkTeleport, type TeleportToCheck } from '../../src/doctor/check-teleport.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import type {
  AccessRequestEvent,
  AccessRequests,
  Cluster,
  RolePermissions,
  TeleportAdmin,
} from '../../src/ports/teleport.ts';
import { aPolicy, aRequest, aTeleportUser, NOW } from '../support/builders.ts';

const signal = new AbortController().signal;
export const CLUSTER: Cluster = {
  name: 'example',
  version: '18.11.0',
  advancedWorkflows: true,
  proxyPublicAddr: 'teleport.example.com',
};
const BOT = aTeleportUser({ name: 'bot-oncall-approver', roles: [], bot: true });
export const COMMUNITY: Cluster = { ...CLUSTER, advancedWorkflows: false };

/** A role as in `config/teleport-roles.yaml`. */
export function aRole(overrides: Partial<RolePermissions> = {}): RolePermissions {
  return {
    role: 'access-reviewer',
    allow: [
      { resources: ['access_request'], verbs: ['list', 'read'] },
      { resources: ['user', 'user_login_state'], verbs: ['read'] },
    ],
    deny: [],
    mayReview: ['prodaccess'],
    mayNotReview: [],
    maySubmitFor: ['alice'],
    mayNotSubmitFor: [],
    ...overrides,
  };
}

export async function* streamOf(...events: readonly AccessRequestEvent[]): AsyncIterable<AccessRequestEvent> {
  for (const event of events) yield await Promise.resolve(event);
}

export interface World extends Partial<Omit<TeleportToCheck, 'admin' | 'requests'>> {
  readonly roles?: readonly RolePermissions[];
  readonly requests?: Partial<AccessRequests>;
  readonly admin?: Partial<TeleportAdmin>;
}

/** The findings about a cluster in which all is well, but for what is given. */
export async function findingsOf({ roles = [aRole()], requests, admin, ...rest }: World = {}): Promise<
  readonly Finding[]
> {
  const wholeRequests: Partial<AccessRequests> = {
    watch: () => streamOf({ kind: 'init' }),
    listPending: () => Promise.resolve([aRequest()]),
    ...requests,
  };
  const wholeAdmin: Partial<TeleportAdmin> = {
    ownUser: () => 'bot-oncall-approver',
    ownRoles: () => Promise.resolve(roles),
    automaticReviewRules: () => Promise.resolve([]),
    ...admin,
  };
  return await checkTeleport(
    {
      requests: wholeRequests as AccessRequests,
      admin: wholeAdmin as TeleportAdmin,
      archive: { listAll: () => Promise.resolve([aRequest()]) },
      users: {
        user: (name) => Promise.resolve(name === BOT.name ? BOT : aTeleportUser()),
        search: () => Promise.resolve([]),
        loginState: () => Promise.resolve(null),
      },
      cluster: CLUSTER,
      resolveWith: 'review',
      identityExpires: plusMs(NOW, 12 * HOUR),
      now: NOW,
      policy: aPolicy(),
      ...rest,
    },
    signal,
  );
}

export async function findingOn(subject: string, world: World): Promise<Finding | undefined> {
  return (await findingsOf(world)).find((finding) => finding.subject === subject);
}
