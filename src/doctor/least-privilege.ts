import { matchesPattern } from '../core/values/pattern.ts';
import type { Policy } from '../core/rule.ts';
import type { RolePermissions } from '../ports/teleport.ts';
import type { ResolveWith } from '../review/dependencies.ts';
import { warning, failed, ok, type Finding } from './finding.ts';
import { isDenied, needsOf } from './needs.ts';

interface NeededRule {
  readonly resource: string;
  readonly verbs: readonly string[];
}

/** What the service's Teleport role must allow, and no more. */
export interface TeleportNeeds {
  /** What something would fail without, and why. */
  readonly required: readonly (NeededRule & { readonly purpose: string })[];
  /** What `check` warns of where it is missing. */
  readonly advised: readonly (NeededRule & { readonly purpose: string })[];
  /** What is of use, and no failure without. */
  readonly useful: readonly NeededRule[];
  /** Roles, or patterns, whose requests it must be able to review. */
  readonly review: readonly string[];
  /** In whose name it submits reviews: of whom it is known that they may answer a page, else a name to be replaced; empty for nobody's. */
  readonly submitFor: readonly string[];
}

/** What this policy needs of Teleport, by the table of needs. */
export function teleportNeeds(
  policy: Policy,
  resolveWith: ResolveWith,
  knowsSubmitFor: boolean,
  hasLoginStates = true,
  followsUsage = false,
): TeleportNeeds {
  const pages = policy.rules.some(({ escalate, mode }) => escalate !== null && mode === 'enforce');
  const submits = resolveWith === 'review' && knowsSubmitFor && pages;
  const use = { policy, resolveWith, submits, hasLoginStates, followsUsage };
  return {
    required: needsOf(use, 'required'),
    advised: needsOf(use, 'advised'),
    useful: needsOf(use, 'useful'),
    review: resolveWith === 'state' ? [] : [...new Set(policy.rules.flatMap(({ roles }) => roles))].sort(),
    submitFor: submits ? approverNames(policy) : [],
  };
}

/** Never everybody: whoever takes the service over could review in the name of any user, whatever each of them may review. */
function approverNames({ identities }: Policy): readonly string[] {
  const mapped = identities.flatMap((source) => (source.kind === 'map' ? Object.keys(source.users) : []));
  return mapped.length === 0 ? ['NAME-OF-AN-APPROVER'] : [...new Set(mapped)].sort();
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
  const text = `user ${user} may more than the service needs: ${listed}. This is enough, for \`tctl create -f\`:\n`;
  return [warning('teleport least privilege', text + roleYaml(first.role, needs))];
}

function excessOf(
  role: RolePermissions,
  roles: readonly RolePermissions[],
  needs: TeleportNeeds,
): readonly string[] {
  const verbs = role.allow.flatMap(({ resources, verbs: allowed }) =>
    resources.flatMap((resource) => {
      const needed = [...needs.required, ...needs.advised, ...needs.useful]
        .filter((each) => each.resource === resource)
        .flatMap((each) => each.verbs);
      const more = allowed
        .filter((verb) => !needed.includes(verb) && !implied(verb, needed))
        .filter((verb) => !isDenied(roles, resource, verb));
      return more.length === 0
        ? []
        : [`${more.map(inWords).join(', ')} ${resource === '*' ? 'everything' : resource}`];
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

function inWords(verb: string): string {
  return verb === '*' ? 'do everything with' : verb;
}

/** The role that allows what is needed and no more, for `tctl create -f`. */
export function roleYaml(name: string, { required, advised, review, submitFor }: TeleportNeeds): string {
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
    ...byResource([...required, ...advised]).flatMap(([resource, verbs]) => [
      `      - resources: [${resource}]`,
      `        verbs: [${verbs.join(', ')}]`,
    ]),
  ].join('\n');
}

function byResource(rules: readonly NeededRule[]): readonly (readonly [string, readonly string[]])[] {
  const resources = [...new Set(rules.map(({ resource }) => resource))];
  return resources.map((resource) => [
    resource,
    [...new Set(rules.filter((rule) => rule.resource === resource).flatMap(({ verbs }) => verbs))],
  ]);
}

/** JSON's strings are YAML's too. */
function scalar(text: string): string {
  return /^[A-Za-z][\w-]*$/u.test(text) ? text : JSON.stringify(text);
}

const SUBJECT = 'teleport submit_for_users';

/** Reviews in the name of somebody else: in 18 from 18.11 on. */
export function knowsSubmitFor(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > 18 || (major === 18 && minor >= 11);
}

/** What an approver's answer counts as in Teleport; nothing to say where it is not asked for, or not known there. */
export function checkSubmitFor(
  user: string,
  roles: readonly RolePermissions[],
  { needs, readsUsers, listsUsers }: { needs: TeleportNeeds; readsUsers: boolean; listsUsers: boolean },
): readonly Finding[] {
  if (needs.submitFor.length === 0) return [];
  const enough = `this is enough, for \`tctl create -f\`:\n${roleYaml(roles[0]?.role ?? 'access-reviewer', needs)}`;
  const everybody = roles.some(({ mayNotSubmitFor }) => mayNotSubmitFor.includes('*'));
  const allowed = everybody ? [] : [...new Set(roles.flatMap(({ maySubmitFor }) => maySubmitFor))];
  if (allowed.length === 0) {
    const text =
      `user ${user} may not submit reviews in the name of approvers: an answer is then reviewed in the service's own name, and only ` +
      `where that settles the request; where more approvals are needed, approvers have to review by hand; ${enough}`;
    return [warning(SUBJECT, text)];
  }
  const remark =
    needs.useful.some(({ verbs }) => verbs.includes('list')) && !listsUsers
      ? '; whom only a trait leads to in PagerDuty is found in Teleport where it may also list user'
      : '';
  if (readsUsers && allowed.includes('*')) {
    const text = `user ${user} may submit reviews in the name of every user, for whatever each of them may review: name those who answer pages instead; ${enough}`;
    return [warning(SUBJECT, text)];
  }
  const text = `user ${user} may submit reviews in the name of ${allowed.join(', ')}`;
  if (readsUsers) return [ok(SUBJECT, `${text}${remark}`)];
  return [failed(SUBJECT, `${text}, which Teleport refuses to whoever may not read user; ${enough}`)];
}
