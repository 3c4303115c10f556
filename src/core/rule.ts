import type { AccessRequest } from './access-request.ts';
import type { IdentitySource } from './identity.ts';
import type { ResourceId } from './resources/resource.ts';
import type { Settling } from './roster/policies-seen.ts';
import type { ResourceScope } from './resources/resource-scope.ts';
import type { Cause } from './values/cause.ts';
import type { OpeningHours } from './values/opening-hours.ts';
import { matchesAny } from './values/pattern.ts';

/** What happens to a request that a rule covers but whose conditions are not met. */
export type Otherwise = 'escalate' | 'deny' | 'leave';

/** A rule in `shadow` decides and is recorded, but changes nothing: for trying it out on real requests. */
export type Mode = 'enforce' | 'shadow';

/** Which requests a rule covers, beside their roles. Absent parts are null and cover everything. */
export interface When {
  /** Teleport roles, or patterns, of which the requester must hold at least one. */
  readonly requesterRoles: readonly string[] | null;
  /** Traits of which the requester must have each, with at least one of the values. */
  readonly requesterTraits: Readonly<Record<string, readonly string[]>> | null;
  /** The requested resources that it covers; null for all of the root cluster. With it a request for no resource is not covered. */
  readonly resources: ResourceScope | null;
  readonly hours: OpeningHours | null;
}

/** A custom field of PagerDuty's services, and whose it is read of: named services, and those of named teams. */
export interface OwnerField {
  readonly name: string;
  readonly services: readonly string[];
  readonly teams: readonly string[];
}

/** By what a rule tells which services own what is asked for. */
export interface OwnerSource {
  /** The Teleport label that names them. */
  readonly label?: string;
  /** The Teleport label that names teams of PagerDuty, for what has no such label. */
  readonly teamLabel?: string;
  /** The field in which services say by labels what is theirs, for what has neither. */
  readonly field?: OwnerField;
  /** For what has no such label. */
  readonly map: readonly { readonly scope: ResourceScope; readonly services: readonly string[] }[];
  /** For roles that are asked for without resources. */
  readonly ofRole: Readonly<Record<string, readonly string[]>>;
  /** The service that is paged for what has no owner that is known. */
  readonly unowned: string;
  /** How long a service that owns something must have had its escalation policy, by our own sightings. Milliseconds. */
  readonly settledMs: number;
}

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
  /** How long a shift must have lasted: who has just put themselves on call is not waved through. Milliseconds. */
  readonly minShiftAgeMs: number;
  /** What a shift must follow on to be as old as the one before; absent in ledgers of earlier versions: on its own schedule. */
  readonly ageUnder?: 'target';
  /** For how long after their shift a person still counts. Milliseconds. */
  readonly graceAfterShiftMs: number;
  /** Teams of PagerDuty, each policy of which will do that was in the team for long enough. Absent for none, as in older ledgers. */
  readonly teams?: { readonly names: readonly string[]; readonly settled: Settling };
  /** Why it is not known whose on-call counts besides: only in rules that `policyFor` makes. */
  readonly unread?: Pick<Cause, 'message' | 'transient'>;
  /** The services that own what is asked for, in place of the others. Absent for none, and in ledgers of earlier versions. */
  readonly owner?: OwnerSource;
  /** How old policies of its services must be: only in rules that `policyFor` makes. */
  readonly settled?: Settling;
  /** Why nobody is known to own it: only in rules that `policyFor` makes. */
  readonly noOwner?: Pick<Cause, 'message' | 'transient'>;
}

/** How the requester must be involved in the open incident; `any` asks for the incident alone. */
export type Involvement = 'any' | 'assigned' | 'acknowledged' | 'responder';

export interface IncidentRequirement {
  readonly urgency: 'high' | 'low' | null;
  readonly involvement: Involvement;
  /** How long it must have been open, in milliseconds; one that a person opened, and monitoring. Absent in ledgers of earlier versions: for no time. */
  readonly minAgeMs?: { readonly byPeople: number; readonly byMonitoring: number };
}

export interface Requirements {
  readonly reason: boolean;
  /** An incident that is open on one of the rule's services. */
  readonly openIncident: IncidentRequirement | null;
  /** How long the access may last at most, from now. Milliseconds. */
  readonly maxDurationMs: number | null;
}

/** `as_service`: as the service's own rule in PagerDuty says, for instance by its support hours. */
export type PageUrgency = 'high' | 'low' | 'as_service';

/** Where a person is paged when the rule does not approve by itself. */
export interface Escalation {
  /** Name or id of the PagerDuty service; null when only the annotation names one. */
  readonly service: string | null;
  /** Further services, in order, for when none before can reach anybody. Absent where none is named, and in ledgers of earlier versions. */
  readonly instead?: readonly string[];
  /** A Teleport annotation whose values name services to page before those, for instance `pagerduty_notify_service`. */
  readonly fromAnnotation: string | null;
  readonly urgency: PageUrgency;
  /** How long facts that cannot be had are asked for again before a person is paged, in milliseconds. */
  readonly decideWithinMs: number;
  /** How long without an answer until the page says so once more, up to three times; null for never. Milliseconds. */
  readonly remindAfterMs: number | null;
  /** How long without an answer until the page goes up its escalation policy; null leaves that to PagerDuty. Milliseconds. */
  readonly moveUpAfterMs: number | null;
  /** What if somebody resolves the page while the request is pending: without an answer, or with too few of them. */
  readonly ifResolved: 'leave' | 'repage';
  /**
   * How many pages of one requester are open at a time before the rest share one; what is asked for twice has one. Absent in ledgers of
   * earlier versions: each request its own.
   */
  readonly mostOpenPages?: number;
  /** The services that own what is asked for are paged, each for its own. Absent where they are not. */
  readonly toOwner?: true;
  /** The custom field in which an owner names the service that is paged in its place. Absent for none. */
  readonly ownerField?: string;
}

/** The rule by which people are paged. */
export interface PagingRule {
  readonly name: string;
  readonly escalate: Escalation;
}

/** Whose answer to a page counts, and how it may be given. */
export interface Approvers {
  /** Null: those who would be approved themselves, by the rule's own on-call targets, `minShiftAgeMs` included. */
  readonly onCall: OnCallTargets | null;
  /** `teleport`: the page only calls. */
  readonly answerBy: readonly ('note' | 'acknowledge' | 'teleport')[];
}

/** When the access that a rule gave ends: by itself, with the shift, with the incident, or after a time; whatever comes first. */
export interface AccessEnd {
  readonly withShift: boolean;
  /** So long after the incidents that justified it are resolved, in milliseconds; absent where they do not end it, as in older ledgers. */
  readonly afterIncidentMs?: number;
  /** With the later one of shift and incidents; absent for the earlier one. */
  readonly withLast?: true;
  /** The longest that access lasts, from the service's own review on, in milliseconds; without bound when absent, as in older ledgers. */
  readonly afterMs?: number;
  /** How long before that the live incident is told; null for not at all. Milliseconds. */
  readonly warnBeforeMs: number | null;
}

export interface Rule {
  readonly name: string;
  /** Role names, or patterns in which `*` stands for any text. */
  readonly roles: readonly string[];
  readonly when: When;
  readonly onCall: OnCallTargets;
  /** Whether whom the on-call engineer added as responder to an open incident of the services counts like them. */
  readonly responders: boolean;
  readonly require: Requirements;
  readonly otherwise: Otherwise;
  readonly escalate: Escalation | null;
  readonly approvers: Approvers;
  readonly accessEnd: AccessEnd;
  readonly mode: Mode;
  /** For the case that PagerDuty cannot answer or nobody can be reached: approves for a reason, pages, is reviewed later. */
  readonly breakGlass: boolean;
  /** People are paged for every request, and nobody is approved by it: it has no on-call target. Absent for all other rules. */
  readonly notifies?: true;
  /** Local users of Teleport whom it believes to be who their address says, although `requireSso` is on. Absent for none. */
  readonly localUsers?: readonly string[];
  /** Of the requested resources it is about these alone: only in rules that `policyFor` makes. */
  readonly owned?: readonly ResourceId[];
}

/** Everything that `decide` is told to go by; its digest stands in each decision. */
export interface Policy {
  readonly identities: readonly IdentitySource[];
  /** Recognise by an address only Teleport users whom an SSO connector created; a map names whom it names. */
  readonly requireSso: boolean;
  /**
   * `managed`: the identity provider keeps PagerDuty's addresses, nobody chooses their own. Absent in policies of earlier versions,
   * which is unmanaged.
   */
  readonly addresses?: 'managed' | 'unmanaged';
  readonly rules: readonly Rule[];
}

/** More services are not tried for one page. */
const MOST_ANNOTATED = 10;

export type TargetKind = 'service' | 'escalation policy' | 'schedule';

export interface Target {
  readonly kind: TargetKind;
  /** Id or name, as the configuration or the annotation has it. */
  readonly asked: string;
}

/** Whether the source needs somebody's record in Teleport: for a trait, or to know where they come from. */
export function sourceNeedsUser({ kind }: IdentitySource, { requireSso }: Policy): boolean {
  return kind === 'trait' || (requireSso && kind !== 'map');
}

/** Whether somebody's record in Teleport must be read to recognise them. */
export function needsUserRecord(policy: Policy): boolean {
  return policy.identities.some((source) => sourceNeedsUser(source, policy));
}

/** Whether there is a source by which only users of single sign-on are recognised. */
export function needsSso({ requireSso, identities }: Policy): boolean {
  return requireSso && identities.some(({ kind }) => kind !== 'map');
}

/** Whether a rule names this local user of Teleport. */
export function isNamedLocal({ rules }: Policy, user: string): boolean {
  return rules.some(({ localUsers = [] }) => localUsers.includes(user));
}

/** The rule as it is for whoever answers: who may let others in is trusted no sooner than who is let in. */
export function asApprovers(rule: Rule): Rule {
  return { ...rule, onCall: rule.approvers.onCall ?? rule.onCall };
}

type Annotated = Pick<AccessRequest, 'annotations'>;

/** What the rule's on-call condition looks at for this request, the annotation's services included. */
export function targetsOf(rule: Rule, request: Annotated): readonly Target[] {
  const { services, escalationPolicies, schedules, fromAnnotation } = rule.onCall;
  const annotated = fromAnnotation === null ? [] : annotationValues(request, fromAnnotation);
  return [
    ...[...new Set([...services, ...annotated])].map((asked) => ({ kind: 'service' as const, asked })),
    ...escalationPolicies.map((asked) => ({ kind: 'escalation policy' as const, asked })),
    ...schedules.map((asked) => ({ kind: 'schedule' as const, asked })),
  ];
}

/** Whether there are any. */
export function hasTargets({ onCall }: Rule, request: Annotated): boolean {
  const { services, escalationPolicies, schedules, fromAnnotation } = onCall;
  return (
    onCall.owner !== undefined ||
    onCall.noOwner !== undefined ||
    onCall.teams !== undefined ||
    onCall.unread !== undefined ||
    services.length + escalationPolicies.length + schedules.length > 0 ||
    (fromAnnotation !== null && annotationValues(request, fromAnnotation).length > 0)
  );
}

/**
 * The services to page for this request under this rule, each for when those before it reach nobody: what the annotation names, then the
 * rule's own. Empty when neither names one.
 */
export function desksOf(
  { service, instead = [], fromAnnotation }: Escalation,
  request: Annotated,
): readonly string[] {
  const annotated = fromAnnotation === null ? [] : annotationValues(request, fromAnnotation);
  const named = [...annotated.slice(0, MOST_ANNOTATED), ...(service === null ? [] : [service]), ...instead];
  return [...new Set(named.map((name) => name.trim()).filter((name) => name !== ''))];
}

/** Which of the requested roles the rule names. */
export function rolesUnder(rule: Rule, request: AccessRequest): readonly string[] {
  return request.roles.filter((role) => matchesAny(rule.roles, role));
}

function annotationValues(request: Annotated, name: string): readonly string[] {
  return Object.hasOwn(request.annotations, name) ? (request.annotations[name] ?? []) : [];
}
