import { matchesPattern } from '../core/values/pattern.ts';
import type { Policy } from '../core/rule.ts';
import type { RolePermissions } from '../ports/teleport.ts';
import type { ResolveWith } from '../review/dependencies.ts';
import { warning, type Finding } from './finding.ts';

interface NeededRule {
  readonly resource: string;
  readonly verbs: readonly string[];
}

/** What the service's Teleport role must allow, and no more. */
export interface TeleportNeeds {
  readonly rules: readonly NeededRule[];
  /** Roles, or patterns, whose requests it must be able to review. */
  readonly review: readonly string[];
  /** In whose name it submits reviews: everybody's who answers a page, or nobody's. */
  readonly submitFor: readonly string[];
  /** Whether `user: list` is of use: from a trait nothing leads back to its user but a look through all of them. */
  readonly searchesUsers: boolean;
}

/**
 * What this policy needs of Teleport (`teleport-wire.md` §3.7). Whose answers are to count in their own names, any Teleport user
 * may be: approvers change with every shift.
 */
export function teleportNeeds(
  policy: Policy,
  resolveWith: ResolveWith,
  knowsSubmitFor: boolean,
): TeleportNeeds {
  const pages = policy.rules.some(({ escalate, mode }) => escalate !== null && mode === 'enforce');
  const submits = resolveWith === 'review' && knowsSubmitFor && pages;
  const endsAccess = policy.rules.some(
    ({ accessEnd }) => accessEnd.withShift || accessEnd.afterMs !== undefined,
  );
  return {
    rules: [
      {
        resource: 'access_request',
        verbs: resolveWith === 'state' ? ['list', 'read', 'update'] : ['list', 'read'],
      },
      { resource: 'user', verbs: ['read'] },
      ...(endsAccess ? [{ resource: 'lock', verbs: ['list', 'read', 'create', 'update'] }] : []),
    ],
    review: resolveWith === 'state' ? [] : [...new Set(policy.rules.flatMap(({ roles }) => roles))].sort(),
    submitFor: submits ? ['*'] : [],
    searchesUsers: submits && policy.identities.some(({ kind }) => kind === 'trait'),
  };
}

/** A warning with the role that is enough, where the service's roles allow more; nothing where they do not. */
export function checkLeastPrivilege(
  user: string,
  roles: readonly RolePermissions[],
  needs: TeleportNeeds,
): readonly Finding[] {
  const excess = roles.flatMap((role) =>
    excessOf(role, roles, needs).map((more) => ({ role: role.role, more })),
  );
  const [first] = excess;
  if (first === undefined) return [];
  const listed = excess.map(({ role, more }) => `${more} (role ${role})`).join('; ');
  return [
    warning(
      'teleport least privilege',
      `user ${user} may more than the service needs: ${listed}. This is enough, for \`tctl create -f\`:\n` +
        roleYaml(first.role, needs),
    ),
  ];
}

function excessOf(
  role: RolePermissions,
  roles: readonly RolePermissions[],
  needs: TeleportNeeds,
): readonly string[] {
  const verbs = role.allow.flatMap(({ resources, verbs: allowed }) =>
    resources.flatMap((resource) => {
      const needed = needs.rules.find((each) => each.resource === resource)?.verbs ?? [];
      const more = allowed
        .filter((verb) => !needed.includes(verb) && !implied(verb, needed))
        .filter((verb) => !(needs.searchesUsers && resource === 'user' && verb === 'list'))
        .filter((verb) => !isDenied(resource, verb, roles));
      return more.length === 0 ? [] : [`${more.map(inWords).join(', ')} ${ofResource(resource)}`];
    }),
  );
  const reviews = role.mayReview.filter(
    (pattern) =>
      !needs.review.some((wanted) => wanted === pattern || matchesPattern(wanted, pattern)) &&
      !roles.some(({ mayNotReview }) => mayNotReview.includes(pattern)),
  );
  const submits = needs.submitFor.length > 0 ? [] : role.maySubmitFor;
  return [
    ...verbs,
    ...(reviews.length === 0 ? [] : [`review requests for ${reviews.join(', ')}`]),
    ...(submits.length === 0 ? [] : [`submit reviews in the name of ${submits.join(', ')}`]),
  ];
}

/** Teleport: who may read with secrets may read without them. */
function implied(verb: string, needed: readonly string[]): boolean {
  return verb === 'readnosecrets' && needed.includes('read');
}

function isDenied(resource: string, verb: string, roles: readonly RolePermissions[]): boolean {
  return roles.some(({ deny }) =>
    deny.some(
      ({ resources, verbs }) =>
        [resource, '*'].some((name) => resources.includes(name)) &&
        [verb, '*'].some((name) => verbs.includes(name)),
    ),
  );
}

function inWords(verb: string): string {
  return verb === '*' ? 'do everything with' : verb;
}

function ofResource(resource: string): string {
  return resource === '*' ? 'everything' : resource;
}

/** The role that allows what is needed and no more, for `tctl create -f`. */
export function roleYaml(name: string, { rules, review, submitFor }: TeleportNeeds): string {
  return [
    'kind: role',
    'version: v7',
    'metadata:',
    `  name: ${scalar(name)}`,
    'spec:',
    '  allow:',
    ...(review.length === 0
      ? []
      : ['    review_requests:', `      roles: [${review.map(scalar).join(', ')}]`]),
    ...(submitFor.length === 0 ? [] : [`      submit_for_users: [${submitFor.map(scalar).join(', ')}]`]),
    '    rules:',
    ...rules.flatMap(({ resource, verbs }) => [
      `      - resources: [${resource}]`,
      `        verbs: [${verbs.join(', ')}]`,
    ]),
  ].join('\n');
}

/** JSON's strings are YAML's too. */
function scalar(text: string): string {
  return /^[A-Za-z][\w-]*$/u.test(text) ? text : JSON.stringify(text);
}
