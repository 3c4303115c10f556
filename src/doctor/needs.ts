import { goesByHoldings } from '../core/coverage.ts';
import { needsUserRecord, type Policy, type Rule } from '../core/rule.ts';
import type { RolePermissions } from '../ports/teleport.ts';
import type { ResolveWith } from '../review/dependencies.ts';

/** What a policy makes of the service, as far as Teleport's permissions depend on it. */
interface Use {
  readonly policy: Policy;
  readonly resolveWith: ResolveWith;
  /** Whether reviews are submitted in the name of approvers. */
  readonly submits: boolean;
  /** Whether the cluster has login states; where it has none Teleport itself goes by the user's record. */
  readonly hasLoginStates: boolean;
  /** Whether what access is used for is followed. */
  readonly followsUsage: boolean;
}

/**
 * Without what is required a feature fails; without what is advised somebody is believed who might not be; what is useful is missed
 * without either. None is ever too much.
 */
type Level = 'required' | 'advised' | 'useful' | 'no';

interface NeedRow {
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Completes "which is needed ". */
  readonly purpose: string;
  readonly level: (use: Use) => Level;
}

/**
 * The one table of what the service's role must allow: what `check` finds missing and what it finds too
 * much both follow from it, and `config/teleport-roles.yaml` has each row.
 */
export const TELEPORT_NEEDS: readonly NeedRow[] = [
  {
    resource: 'access_request',
    verbs: ['list', 'read'],
    purpose: 'to watch, list and read requests',
    level: () => 'required',
  },
  {
    resource: 'access_request',
    verbs: ['update'],
    purpose: 'to set the state of requests',
    level: ({ resolveWith }) => (resolveWith === 'state' ? 'required' : 'no'),
  },
  {
    resource: 'user',
    verbs: ['read'],
    purpose: 'to read roles, traits and origin of requesters, and to review in the name of approvers',
    level: (use) => (needsUserRecord(use.policy) || goesByHoldings(use.policy) ? 'required' : 'useful'),
  },
  {
    resource: 'user',
    verbs: ['list'],
    purpose: 'to find approvers in Teleport by the trait, and whom nobody there is known for (`forecast`)',
    level: () => 'useful',
  },
  {
    resource: 'user_login_state',
    verbs: ['read'],
    purpose:
      'to read what Access Lists grant to requesters: without it nobody is approved by roles or traits',
    level: ({ policy, hasLoginStates }) => (hasLoginStates && goesByHoldings(policy) ? 'required' : 'no'),
  },
  {
    resource: 'user_login_state',
    verbs: ['list', 'read'],
    purpose: 'to tell whom nobody in Teleport is known for (`forecast`)',
    level: ({ hasLoginStates }) => (hasLoginStates ? 'useful' : 'no'),
  },
  {
    resource: 'role',
    verbs: ['read'],
    purpose: 'to tell who may not ask for what they are on call for (`forecast`)',
    level: () => 'useful',
  },
  {
    resource: 'lock',
    verbs: ['list', 'read'],
    purpose: 'to take no answer of who is locked, and to tell who is on call and locked (`forecast`)',
    level: ({ policy }) => (policy.rules.some(takesAnswers) ? 'advised' : 'useful'),
  },
  {
    resource: 'lock',
    verbs: ['read', 'create', 'update'],
    purpose: 'to end access (`access_ends`; `revoke` on a page)',
    level: ({ policy }) =>
      policy.rules.some(endsAccess) ? 'required' : policy.rules.some(takesAnswers) ? 'useful' : 'no',
  },
  {
    resource: 'lock',
    verbs: ['delete'],
    purpose: 'to give access back whose shift goes on after all (`access_ends: with_shift`)',
    level: ({ policy }) => (policy.rules.some(({ accessEnd }) => accessEnd.withShift) ? 'advised' : 'no'),
  },
  {
    resource: 'event',
    verbs: ['list'],
    purpose: 'to read in the audit log what access was used for (`usage`)',
    level: ({ followsUsage }) => (followsUsage ? 'required' : 'no'),
  },
  {
    resource: 'access_monitoring_rule',
    verbs: ['list', 'read'],
    purpose: 'to find what Teleport reviews by itself (`check` alone)',
    level: () => 'useful',
  },
];

/** Login states are there from Teleport 14 on. A version that cannot be read is taken to have them: the permission does no harm. */
export function knowsLoginStates(version: string): boolean {
  return !(Number.parseInt(version, 10) < 14);
}

/** The rows that this use of the service makes one of these levels. */
export function needsOf(use: Use, ...levels: readonly Level[]): readonly NeedRow[] {
  return TELEPORT_NEEDS.filter(({ level }) => levels.includes(level(use)));
}

function takesAnswers({ escalate, mode, approvers }: Rule): boolean {
  return escalate !== null && mode === 'enforce' && !approvers.answerBy.includes('teleport');
}

function endsAccess({ accessEnd }: Rule): boolean {
  return accessEnd.withShift || accessEnd.afterIncidentMs !== undefined || accessEnd.afterMs !== undefined;
}

/** Whether the roles together allow the verb. Teleport: what one role denies no other allows. */
export function mayVerb(roles: readonly RolePermissions[], resource: string, verb: string): boolean {
  return roles.some(({ allow }) => names(allow, resource, verb)) && !isDenied(roles, resource, verb);
}

export function isDenied(roles: readonly RolePermissions[], resource: string, verb: string): boolean {
  return roles.some(({ deny }) => names(deny, resource, verb));
}

function names(rules: RolePermissions['allow'], resource: string, verb: string): boolean {
  return rules.some(
    ({ resources, verbs }) =>
      [resource, '*'].some((name) => resources.includes(name)) &&
      [verb, '*'].some((name) => verbs.includes(name)),
  );
}
