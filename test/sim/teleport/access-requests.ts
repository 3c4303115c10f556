import { randomUUID } from 'node:crypto';
import { accessDenied, badParameter, notFound } from './errors.ts';
import type {
  AccessRequest,
  RequestState,
  ResourceId,
  Role,
  RoleConditions,
  Threshold,
  Traits,
  User,
} from './model.ts';
import { canRequest, matchesAny } from './permissions.ts';

/** What a requester sends; the server decides everything else. */
export interface AccessRequestProposal {
  readonly user: string;
  readonly roles: readonly string[];
  readonly reason: string;
  readonly suggestedReviewers: readonly string[];
  readonly resourceIds: readonly ResourceId[];
  /** The instant until which access is asked for. */
  readonly maxDuration: Date | null;
  readonly assumeStartTime: Date | null;
  /** When the pending request is to lapse, if sooner than the server would have it. */
  readonly pendingExpiry: Date | null;
  readonly dryRun: boolean;
  /** Only who may create requests makes them in another state than pending. */
  readonly state: RequestState;
  /** The end of the requester's certificate; of one from a login at this moment when null. */
  readonly certificateExpires: Date | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Facts of Teleport: certificates of a login 12 h, of nobody more than 30 h, pending requests 1 week, access 14 days at most. */
const LOGIN_TTL_MS = 12 * HOUR_MS;
export const MAX_SESSION_TTL_MS = 30 * HOUR_MS;
const PENDING_TTL_MS = 7 * DAY_MS;
const MAX_ACCESS_MS = 14 * DAY_MS;
const MAX_REASON_BYTES = 4096;
const MAX_RESOURCES = 300;

const DEFAULT_THRESHOLD: Threshold = { name: 'default', filter: '', approve: 1, deny: 1 };

/**
 * Teleport: validates a new request against the requester's roles and fills in what the server decides. Throws
 * INVALID_ARGUMENT for what the requester may not ask, NOT_FOUND for a role which does not exist.
 */
export function newAccessRequest(
  proposal: AccessRequestProposal,
  world: {
    readonly user: User;
    readonly userRoles: readonly Role[];
    readonly rolesNamed: (names: readonly string[]) => readonly Role[];
    readonly allRoles: readonly string[];
    readonly now: Date;
  },
): AccessRequest {
  const { user, userRoles, rolesNamed, allRoles, now } = world;
  proposal.resourceIds.forEach(checkResourceId);
  const roles = requestedRoles(proposal, userRoles, allRoles);
  for (const role of roles) {
    if (!mayRequest(proposal, userRoles, role)) {
      throw badParameter(`user "${user.name}" can not request role "${role}"`);
    }
    if (!allRoles.includes(role)) throw notFound(`role ${role} is not found`);
  }
  checkReason(proposal.reason, 'request');
  const granting = userRoles.filter(({ allow }) => roles.some((role) => grants(allow, role)));
  const after = (ms: number) => new Date(now.getTime() + ms);
  const sessionTtl = earliest(
    proposal.certificateExpires ?? after(LOGIN_TTL_MS),
    ...rolesNamed(roles).map(({ maxSessionTtlMs = MAX_SESSION_TTL_MS }) => after(maxSessionTtlMs)),
    after(MAX_SESSION_TTL_MS),
  );
  const expires = accessExpiry(proposal.maxDuration, { granting, sessionTtl, now });
  if (proposal.pendingExpiry !== null && proposal.pendingExpiry < now) {
    throw badParameter('invalid request TTL: Access Request can not be created in the past');
  }
  const longestWait = earliest(after(PENDING_TTL_MS), expires);
  if (proposal.pendingExpiry !== null && proposal.pendingExpiry > longestWait) {
    throw badParameter('invalid request TTL: greater than maximum allowed');
  }
  checkAssumeStartTime(proposal.assumeStartTime, { created: now, expires });
  return {
    id: uuidV7(now),
    revision: randomUUID(),
    user: user.name,
    roles,
    state: proposal.state,
    created: now,
    expires,
    maxDuration: expires,
    sessionTtl: earliest(sessionTtl, expires),
    resourceExpiry: proposal.pendingExpiry ?? longestWait,
    assumeStartTime: proposal.assumeStartTime,
    requestReason: proposal.reason,
    resolveReason: '',
    resolveAnnotations: {},
    systemAnnotations: systemAnnotations(user, userRoles, granting),
    ...thresholdsFor(roles, granting),
    reviews: [],
    suggestedReviewers:
      proposal.suggestedReviewers.length > 0
        ? proposal.suggestedReviewers
        : unique(granting.flatMap(({ allow }) => allow.request?.suggestedReviewers ?? [])),
    resourceIds: proposal.resourceIds,
    dryRun: proposal.dryRun,
  };
}

/** Teleport: a request for resources alone asks for the `search_as_roles` of its requester. */
function requestedRoles(
  { roles, resourceIds }: AccessRequestProposal,
  userRoles: readonly Role[],
  allRoles: readonly string[],
): readonly string[] {
  if (roles.includes('*')) {
    const requestable = allRoles.filter((role) => canRequest(userRoles, role));
    if (requestable.length > 0) return requestable;
    throw badParameter('no requestable roles, please verify static RBAC configuration');
  }
  if (roles.length > 0) return unique(roles);
  if (resourceIds.length === 0) throw badParameter('access request does not specify any roles');
  if (resourceIds.length > MAX_RESOURCES) {
    throw badParameter(`access request exceeds maximum of ${MAX_RESOURCES} resources`);
  }
  const searchable = unique(userRoles.flatMap(({ allow }) => allow.request?.searchAsRoles ?? []));
  if (searchable.length === 0) {
    throw accessDenied('Resource Access Requests require usable "search_as_roles", none found');
  }
  return searchable;
}

/** Teleport: only kinds in Kubernetes have sub-resources, and must have one. */
function checkResourceId({ cluster, kind, name, subResource }: ResourceId): void {
  if (cluster === '' || kind === '' || name === '') {
    throw badParameter('ResourceID must include ClusterName, Kind and Name');
  }
  const isInCluster = kind === 'pod' || kind === 'namespace' || kind.startsWith('kube:');
  if (isInCluster !== (subResource !== '')) {
    throw badParameter(`resource of kind "${kind}" has sub-resource "${subResource}"`);
  }
}

function mayRequest(
  { resourceIds }: AccessRequestProposal,
  userRoles: readonly Role[],
  role: string,
): boolean {
  if (resourceIds.length === 0) return canRequest(userRoles, role);
  return userRoles.some(({ allow }) => (allow.request?.searchAsRoles ?? []).includes(role));
}

/** Teleport: request and resolve reasons hold at most 4096 bytes, else INVALID_ARGUMENT. */
export function checkReason(reason: string, kind: 'request' | 'resolve'): void {
  if (Buffer.byteLength(reason) > MAX_REASON_BYTES) {
    throw badParameter(`${kind} reason is too long, max ${MAX_REASON_BYTES} bytes`);
  }
}

/** Access may begin later than it is granted, but not before the request nor after its end. */
export function checkAssumeStartTime(
  assumeStartTime: Date | null,
  { created, expires }: { readonly created: Date; readonly expires: Date },
): void {
  if (assumeStartTime === null) return;
  if (assumeStartTime < created) throw badParameter('assume start time has to be in the future');
  if (assumeStartTime > expires) throw badParameter('assume start time cannot be after access expiry time');
}

function accessExpiry(
  asked: Date | null,
  { granting, sessionTtl, now }: { granting: readonly Role[]; sessionTtl: Date; now: Date },
): Date {
  if (asked === null) return sessionTtl;
  if (asked < now) throw badParameter('invalid maxDuration: must be greater than creation time');
  if (asked.getTime() - now.getTime() > MAX_ACCESS_MS) {
    throw badParameter('max_duration must be less than or equal to 336h0m0s');
  }
  const longest = Math.max(0, ...granting.map(({ allow }) => allow.request?.maxDurationMs ?? 0));
  const cap = longest === 0 ? sessionTtl : new Date(now.getTime() + Math.min(longest, MAX_ACCESS_MS));
  return earliest(asked, cap);
}

/** Teleport: an annotation comes only from roles which allow at least one of the requested roles; deny removes it. */
function systemAnnotations(user: User, userRoles: readonly Role[], granting: readonly Role[]): Traits {
  const denied = userRoles.map(({ deny }) => deny?.request?.annotations ?? {});
  const collected = new Map<string, string[]>();
  for (const { allow } of granting) {
    for (const [key, values] of Object.entries(allow.request?.annotations ?? {})) {
      const kept = values
        .flatMap((value) => interpolate(value, user.traits))
        .filter((value) => !denied.some((annotations) => (annotations[key] ?? []).includes(value)));
      collected.set(key, unique([...(collected.get(key) ?? []), ...kept]));
    }
  }
  return Object.fromEntries([...collected].filter(([, values]) => values.length > 0));
}

function interpolate(value: string, traits: Traits): readonly string[] {
  const variable = /\{\{\s*(?:external|internal)\.([\w-]+)\s*\}\}/.exec(value);
  if (variable === null) return [value];
  const [placeholder, name = ''] = variable;
  return (traits[name] ?? []).map((trait) => value.replace(placeholder, () => trait));
}

/** Each role which allows requesting `role` adds one set: any of its thresholds, or the default when it has none. */
function thresholdsFor(
  requested: readonly string[],
  granting: readonly Role[],
): Pick<AccessRequest, 'thresholds' | 'roleThresholdMapping'> {
  const thresholds: Threshold[] = [];
  const indexOf = (threshold: Threshold) => {
    const known = thresholds.indexOf(threshold);
    return known >= 0 ? known : thresholds.push(threshold) - 1;
  };
  const mapping = requested.map((role): [string, number[][]] => [
    role,
    granting
      .filter(({ allow }) => grants(allow, role))
      .map(({ allow }) => {
        const own = allow.request?.thresholds ?? [];
        return (own.length > 0 ? own : [DEFAULT_THRESHOLD]).map(indexOf);
      }),
  ]);
  return { thresholds, roleThresholdMapping: Object.fromEntries(mapping) };
}

function grants({ request }: RoleConditions, role: string): boolean {
  return matchesAny([...(request?.roles ?? []), ...(request?.searchAsRoles ?? [])], role);
}

function uuidV7(now: Date): string {
  const time = now.getTime().toString(16).padStart(12, '0');
  // Everything behind the version is as random in a UUIDv4.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

function earliest(first: Date, ...others: readonly Date[]): Date {
  return others.reduce((soonest, instant) => (instant < soonest ? instant : soonest), first);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
