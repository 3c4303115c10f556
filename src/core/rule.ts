import type { AccessRequest } from './access-request.ts';
import type { IdentitySource } from './identity.ts';

/** What happens to a request that a rule covers but whose conditions are not met. */
export type Otherwise = 'escalate' | 'deny' | 'leave';

/** Whose on-call counts for a rule: being on call for any one of these is enough. Names are as configured. */
export interface OnCallTargets {
  readonly services: readonly string[];
  readonly escalationPolicies: readonly string[];
  readonly schedules: readonly string[];
  /** A Teleport annotation that lists further service names, for instance `pagerduty_services`; null for none. */
  readonly fromAnnotation: string | null;
  /** The highest escalation level that counts; 1 is notified first. */
  readonly maxLevel: number;
  /** Whether a person named directly in a policy, without a schedule, counts as on call. */
  readonly permanent: boolean;
}

/** Where a person is paged when the rule does not approve by itself. */
export interface Escalation {
  /** Name or id of the PagerDuty service; null when only the annotation names one. */
  readonly service: string | null;
  /** A Teleport annotation whose first value names the service and wins over `service`, for instance `pagerduty_notify_service`. */
  readonly fromAnnotation: string | null;
  readonly urgency: 'high' | 'low';
  /** How long facts that cannot be had are asked for again before a person is paged, in milliseconds. */
  readonly decideWithinMs: number;
}

export interface Rule {
  readonly name: string;
  /** Role names, or patterns in which `*` stands for any text. */
  readonly roles: readonly string[];
  readonly onCall: OnCallTargets;
  readonly require: { readonly reason: boolean };
  readonly otherwise: Otherwise;
  readonly escalate: Escalation | null;
}

/** Everything that `decide` is told to go by; its digest stands in each decision. */
export interface Policy {
  readonly identities: readonly IdentitySource[];
  /** Refuse to recognise Teleport users whom no SSO connector created. */
  readonly requireSso: boolean;
  readonly rules: readonly Rule[];
}

/** Whether the pattern names the role; `*` stands for any text, everything else for itself. */
export function matchesRole(pattern: string, role: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === role;
  if (!role.startsWith(first) || !role.endsWith(last) || role.length < first.length + last.length)
    return false;
  const end = role.length - last.length;
  let from = first.length;
  for (const part of rest) {
    const at = role.indexOf(part, from);
    if (at === -1 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** A rule that covers some of the requested roles, and which. */
export interface Coverage {
  readonly rule: Rule;
  readonly roles: readonly string[];
}

/**
 * The rules that cover the request, and the roles that no rule covers. A rule that goes by an annotation alone covers only
 * requests that carry it, as Teleport's own plugin has it: the requester's role must have opted in.
 */
export function coverageOf(
  request: AccessRequest,
  rules: readonly Rule[],
): { readonly covering: readonly Coverage[]; readonly uncovered: readonly string[] } {
  const covering = rules
    .filter((rule) => targetsOf(rule, request).length > 0)
    .map((rule) => ({
      rule,
      roles: request.roles.filter((role) => rule.roles.some((pattern) => matchesRole(pattern, role))),
    }))
    .filter((coverage) => coverage.roles.length > 0);
  const covered = new Set(covering.flatMap((coverage) => coverage.roles));
  return { covering, uncovered: request.roles.filter((role) => !covered.has(role)) };
}

export type TargetKind = 'service' | 'escalation policy' | 'schedule';

export interface Target {
  readonly kind: TargetKind;
  /** Id or name, as the configuration or the annotation has it. */
  readonly asked: string;
}

/** What the rule's on-call condition looks at for this request, the annotation's services included. */
export function targetsOf(rule: Rule, request: AccessRequest): readonly Target[] {
  const { services, escalationPolicies, schedules, fromAnnotation } = rule.onCall;
  const annotated = fromAnnotation === null ? [] : annotationValues(request, fromAnnotation);
  return [
    ...[...new Set([...services, ...annotated])].map((asked) => ({ kind: 'service' as const, asked })),
    ...escalationPolicies.map((asked) => ({ kind: 'escalation policy' as const, asked })),
    ...schedules.map((asked) => ({ kind: 'schedule' as const, asked })),
  ];
}

/** The service to page for this request under this rule; null when neither rule nor annotation names one. */
export function escalationService(escalation: Escalation, request: AccessRequest): string | null {
  const annotated =
    escalation.fromAnnotation === null ? [] : annotationValues(request, escalation.fromAnnotation);
  return annotated[0] ?? escalation.service;
}

function annotationValues(request: AccessRequest, name: string): readonly string[] {
  return Object.hasOwn(request.annotations, name) ? (request.annotations[name] ?? []) : [];
}
