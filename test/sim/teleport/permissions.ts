import { accessDenied, type StatusError } from './errors.ts';
import type { AccessRequest, Caller, Role, RoleConditions, Traits, User } from './model.ts';
import { matchesPredicate, type PredicateContext } from './predicate.ts';

export function verbDenied(resource: string, verb: string): StatusError {
  return accessDenied(`access denied to perform action "${verb}" on "${resource}"`);
}

/** Refuses unless `roles` allow `verb` on `resource`, and none of them denies it. */
export function requireVerb(roles: readonly Role[], resource: string, verb: string): void {
  if (!hasVerb(roles, resource, verb)) {
    throw verbDenied(resource, verb);
  }
}

/** Deny rules win over allow rules, as everywhere in Teleport. */
export function hasVerb(roles: readonly Role[], resource: string, verb: string): boolean {
  const named = (conditions: RoleConditions | undefined) =>
    (conditions?.rules ?? []).some(
      ({ resources, verbs }) => includesOrStar(resources, resource) && includesOrStar(verbs, verb),
    );
  return !roles.some(({ deny }) => named(deny)) && roles.some(({ allow }) => named(allow));
}

/** Every pending request may be seen by who can list and read them all, by its requester and by its reviewers. */
export function canSee(
  request: AccessRequest,
  viewer: {
    readonly caller: Caller;
    readonly roles: readonly Role[];
    readonly reviewer: Reviewer | undefined;
  },
): boolean {
  const { caller, roles, reviewer } = viewer;
  return (
    request.user === caller.user ||
    (hasVerb(roles, 'access_request', 'list') && hasVerb(roles, 'access_request', 'read')) ||
    (reviewer !== undefined && canReview(reviewer, request))
  );
}

export interface Reviewer {
  readonly user: User;
  /** The roles which count: the user's current ones, or those of the certificate for a bot. */
  readonly roles: readonly Role[];
}

/** Whether any review could be submitted at all: some role holds `review_requests`. */
export function maybeCanReview(roles: readonly Role[]): boolean {
  return roles.some(
    ({ allow }) =>
      (allow.reviewRequests?.roles ?? []).length > 0 ||
      (allow.reviewRequests?.submitForUsers ?? []).length > 0,
  );
}

/**
 * Whether `reviewer` may review `request`: never one's own; every requested role must be covered by an allow condition
 * whose `where` holds, and none by a deny condition.
 */
export function canReview(reviewer: Reviewer, request: AccessRequest): boolean {
  if (reviewer.user.name === request.user) return false;
  const context = predicateContext(reviewer, request);
  const covers = (conditions: RoleConditions | undefined, role: string) =>
    matchesAny(conditions?.reviewRequests?.roles ?? [], role) &&
    matchesPredicate(conditions?.reviewRequests?.where ?? '', context);
  return request.roles.every(
    (role) =>
      !reviewer.roles.some(({ deny }) => covers(deny, role)) &&
      reviewer.roles.some(({ allow }) => covers(allow, role)),
  );
}

/** Whether `roles` let their holder submit reviews in the name of `author` (v18.11 and later). */
export function canSubmitFor(roles: readonly Role[], author: string): boolean {
  const named = (conditions: RoleConditions | undefined) =>
    matchesAny(conditions?.reviewRequests?.submitForUsers ?? [], author);
  return !roles.some(({ deny }) => named(deny)) && roles.some(({ allow }) => named(allow));
}

/** Whether the holder of `roles` may request `role`. */
export function canRequest(roles: readonly Role[], role: string): boolean {
  const named = (conditions: RoleConditions | undefined) =>
    matchesAny(conditions?.request?.roles ?? [], role);
  return !roles.some(({ deny }) => named(deny)) && roles.some(({ allow }) => named(allow));
}

/** Whether one of `patterns` (a name, a glob, or `^regex$`) matches `name`. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matches(pattern, name));
}

export function predicateContext(reviewer: Reviewer, request: AccessRequest): PredicateContext {
  return {
    reviewer: { roles: reviewer.user.roles, traits: reviewer.user.traits satisfies Traits },
    request: {
      roles: request.roles,
      reason: request.requestReason,
      system_annotations: request.systemAnnotations,
    },
  };
}

function matches(pattern: string, name: string): boolean {
  if (pattern.startsWith('^') && pattern.endsWith('$')) return new RegExp(pattern).test(name);
  // Most are names, of which a cluster has hundreds.
  if (!pattern.includes('*')) return pattern === name;
  return new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`).test(name);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

function includesOrStar(names: readonly string[], name: string): boolean {
  return names.includes(name) || names.includes('*');
}
