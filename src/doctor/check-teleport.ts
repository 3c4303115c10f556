import { HOUR, MINUTE, msBetween, type Instant } from '../core/values/instant.ts';
import { matchesPattern } from '../core/values/pattern.ts';
import type { Policy } from '../core/rule.ts';
import type {
  AccessRequestArchive,
  AccessRequests,
  Cluster,
  RolePermissions,
  TeleportAdmin,
  TeleportUsers,
} from '../ports/teleport.ts';
import type { ResolveWith } from '../review/dependencies.ts';
import { checkAutomaticReviews } from './check-automatic-reviews.ts';
import { checkHostNames, checkRequesters } from './check-requesters.ts';
import { attempt, failed, ok, warning, type Finding } from './finding.ts';
import {
  checkLeastPrivilege,
  teleportNeeds,
  checkSubmitFor,
  knowsSubmitFor,
  type TeleportNeeds,
} from './least-privilege.ts';
import { knowsLoginStates, mayVerb } from './needs.ts';
import { presentRoles, type PresentRoles } from './present-roles.ts';

const DAY = 24 * HOUR;
/** `tbot` renews what lives for an hour every 20 minutes unless told otherwise: with less left it seems to have stopped. */
const RENEWAL_OVERDUE_MS = 30 * MINUTE;
/** What lives for days was signed by a person, who needs some time to do it again. */
const RENEWAL_SOON_MS = 14 * DAY;

export interface TeleportToCheck {
  readonly requests: AccessRequests;
  readonly archive: AccessRequestArchive;
  readonly users: Pick<TeleportUsers, 'user' | 'search' | 'loginState'>;
  readonly admin: TeleportAdmin;
  readonly cluster: Cluster;
  readonly resolveWith: ResolveWith;
  readonly identityExpires: Instant;
  readonly now: Instant;
  readonly policy: Policy;
  /** Whether what access is used for is followed. */
  readonly followsUsage?: boolean;
}

/** Whether the service's Teleport user can watch, list and resolve what the rules need; nothing is changed. */
export async function checkTeleport(
  teleport: TeleportToCheck,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { admin, requests } = teleport;
  const permissions = await attempt('teleport roles', async () => {
    const roles = await admin.ownRoles(signal);
    const { policy, resolveWith, cluster } = teleport;
    const { version } = cluster;
    const needs = teleportNeeds(
      policy,
      resolveWith,
      knowsSubmitFor(version),
      knowsLoginStates(version),
      teleport.followsUsage,
    );
    const user = admin.ownUser();
    const present = await presentRoles(teleport, roles, signal);
    return [
      ...present.findings,
      ...needs.required.map((need) => checkNeed(user, roles, need)),
      ...needs.advised.map((need) => checkNeed(user, roles, need, warning)),
      ...needs.review.map((role) => checkReview(user, present, role)),
      ...checkHostNames(user, roles, policy),
      ...checkSubmitFor(user, roles, {
        needs,
        readsUsers: mayVerb(roles, 'user', 'read'),
        listsUsers: mayVerb(roles, 'user', 'list'),
      }),
      ...checkLeastPrivilege(user, roles, needs),
    ];
  });
  return [
    checkCluster(teleport),
    checkIdentity(teleport),
    ...(await attempt('teleport watch', () => checkWatch(requests, signal))),
    ...(await attempt('teleport list', async () => {
      const malformed: string[] = [];
      const pending = await requests.listPending(signal, (detail) => malformed.push(detail));
      return ok('teleport list', `${pending.length} pending access requests can be listed`);
    })),
    ...permissions,
    ...(await attempt('teleport access monitoring rules', () =>
      checkAutomaticReviews(admin, teleport.policy, signal),
    )),
    ...(await attempt('teleport requesters', () =>
      checkRequesters({ ...teleport, ownUser: admin.ownUser() }, signal),
    )),
  ];
}

function checkCluster({ cluster, resolveWith }: TeleportToCheck): Finding {
  const edition = cluster.advancedWorkflows ? 'Enterprise' : 'Community';
  const text = `cluster ${cluster.name} answers: Teleport ${cluster.version} ${edition}, requests are resolved by ${resolveWith}`;
  if (resolveWith !== 'review' || cluster.advancedWorkflows) return ok('teleport', text);
  const remedy = 'set `teleport.resolve_with` to state or auto';
  return failed('teleport', `${text}, but Teleport Community knows no reviews: ${remedy}`);
}

function checkIdentity({ admin, identityExpires, now }: TeleportToCheck): Finding {
  const leftMs = msBetween(now, identityExpires);
  const text = `identity of user ${admin.ownUser()} is valid until ${identityExpires}, ${inWords(leftMs)} from now`;
  if (leftMs < RENEWAL_OVERDUE_MS) {
    return warning('teleport identity', `${text}: make sure that \`tbot\` renews it`);
  }
  if (leftMs < DAY || leftMs >= RENEWAL_SOON_MS) return ok('teleport identity', text);
  const remedy = 'sign it anew in time, or let `tbot` write and renew it, so that nobody has to';
  return warning('teleport identity', `${text}: ${remedy}`);
}

function inWords(ms: number): string {
  if (ms >= 2 * DAY) return `${Math.floor(ms / DAY)} days`;
  return ms >= 2 * HOUR ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / MINUTE)} min`;
}

async function checkWatch(requests: AccessRequests, signal: AbortSignal): Promise<Finding> {
  const stop = new AbortController();
  for await (const event of requests.watch(AbortSignal.any([signal, stop.signal]))) {
    if (event.kind !== 'init') continue;
    stop.abort();
    return ok('teleport watch', 'access requests can be watched');
  }
  return failed(
    'teleport watch',
    'Teleport closed the watch before it began: look into the log of the auth server',
  );
}

/** Verbs are judged by the roles of the certificate. */
function checkNeed(
  user: string,
  roles: readonly RolePermissions[],
  { resource, verbs, purpose }: TeleportNeeds['required'][number],
  missed: typeof failed = failed,
): Finding {
  const subject = `teleport ${resource}`;
  const missing = verbs.filter((verb) => !mayVerb(roles, resource, verb));
  if (missing.length === 0) return ok(subject, `user ${user} may ${verbs.join(', ')} ${resource}`);
  const remedy = `add to the \`rules\` of its role \`- { resources: [${resource}], verbs: [${verbs.join(', ')}] }\``;
  const text = `user ${user} may not ${missing.join(', ')} ${resource}, which is needed ${purpose}: ${remedy}`;
  return missed(subject, text);
}

/** Reviews are judged by the user's present roles, of which those newer than the certificate cannot be looked into. */
function checkReview(user: string, { roles, unseen }: PresentRoles, role: string): Finding {
  const subject = `teleport review of ${role}`;
  if (role.includes('*')) {
    const text =
      'cannot be foretold for a pattern: the role of the service must allow `review_requests` for all that it stands for';
    return warning(subject, text);
  }
  const may =
    roles.some(({ mayReview }) => mayReview.some((pattern) => matchesTeleport(pattern, role))) &&
    !roles.some(({ mayNotReview }) => mayNotReview.some((pattern) => matchesTeleport(pattern, role)));
  if (may) return ok(subject, `user ${user} may review requests for ${role}`);
  const [text, needed] = [
    `user ${user} may not review requests for ${role}`,
    `\`review_requests: {roles: [${role}]}\``,
  ];
  if (unseen.length === 0) return failed(subject, `${text}: add to its role ${needed}`);
  return warning(subject, `${text}, unless by ${unseen.join(', ')}: make sure that it has ${needed}`);
}

/** Teleport's role patterns: globs, or a whole regular expression between `^` and `$`. */
function matchesTeleport(pattern: string, role: string): boolean {
  if (!pattern.startsWith('^') || !pattern.endsWith('$')) return matchesPattern(pattern, role);
  try {
    return new RegExp(pattern, 'u').test(role);
  } catch {
    return false;
  }
}
