import type { AccessRequest, RequestKind, RequestState, Review, Threshold } from '../core/access-request.ts';
import type { TeleportUser } from '../core/identity.ts';
import type { ResourceConstraints, ResourceId } from '../core/resources/resource.ts';
import type { Instant } from '../core/values/instant.ts';
import { epochMsOf, instantOf } from '../core/values/instant.ts';
import {
  TeleportError,
  type LoginState,
  type ProposedState,
  type RolePermissions,
} from '../ports/teleport.ts';
import type { Timestamp, Timestamp__Output } from './proto/generated/google/protobuf/Timestamp.ts';
import type { Trait__Output } from './proto/generated/teleport/trait/v1/Trait.ts';
import type { UserLoginState__Output } from './proto/generated/teleport/userloginstate/v1/UserLoginState.ts';
import type { ResourceConstraints__Output } from './proto/generated/types/ResourceConstraints.ts';
import type { AccessRequestSpecV3__Output } from './proto/generated/types/AccessRequestSpecV3.ts';
import type { AccessRequestV3__Output } from './proto/generated/types/AccessRequestV3.ts';
import type { AccessReview__Output } from './proto/generated/types/AccessReview.ts';
import { AccessRequestKind } from './proto/generated/types/AccessRequestKind.ts';
import { RequestState as WireState } from './proto/generated/types/RequestState.ts';
import type { ResourceID__Output } from './proto/generated/types/ResourceID.ts';
import type { RoleConditions__Output } from './proto/generated/types/RoleConditions.ts';
import type { RoleV6__Output } from './proto/generated/types/RoleV6.ts';
import type { UserV2__Output } from './proto/generated/types/UserV2.ts';
import type { LabelValues__Output } from './proto/generated/wrappers/LabelValues.ts';

/** A message as a core type, or why it cannot be one. */
export type Reading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: string };

/** Throws TeleportError of kind `malformed`. */
export function readOrThrow<T>(reading: Reading<T>): T {
  if (reading.ok) return reading.value;
  throw new TeleportError('malformed', reading.detail);
}

const STATES: ReadonlyMap<number, RequestState> = new Map([
  [WireState.PENDING, 'pending'],
  [WireState.APPROVED, 'approved'],
  [WireState.DENIED, 'denied'],
  [WireState.PROMOTED, 'promoted'],
]);

/** Versions before 18 send no kind: theirs are all short-term. */
const KINDS: ReadonlyMap<number, RequestKind> = new Map([
  [AccessRequestKind.UNDEFINED, 'short-term'],
  [AccessRequestKind.SHORT_TERM, 'short-term'],
  [AccessRequestKind.LONG_TERM, 'long-term'],
]);

/** A label that Teleport itself puts on the users of Machine ID bots. */
const BOT_LABEL = 'teleport.internal/bot';

/** Where nothing but narrowed resources is asked for, Teleport may fill the other list with this. */
const SENTINEL = '__SENTINEL__';

/** The last instant of the year 9999, where a protobuf timestamp ends. */
const TIMESTAMP_MAX_SECONDS = 253_402_300_799;

/**
 * `types.AccessRequestV3` → access request. Without id, requester, or the id of a named resource there is no telling
 * what is asked for: such a message is malformed. A state or kind that is not known here becomes `unknown`.
 */
export function accessRequestOf(message: AccessRequestV3__Output): Reading<AccessRequest> {
  const { Metadata: metadata, Spec: spec } = message;
  const id = metadata?.Name ?? '';
  if (id === '') return malformed('an access request has no id');
  if (spec === null || spec.User === '') return malformed(`the access request \`${id}\` names no requester`);
  const resources = resourcesOf(spec);
  if (resources === null) return malformed(`the access request \`${id}\` names a resource without an id`);
  return {
    ok: true,
    value: {
      id,
      revision: metadata?.Revision ?? '',
      requester: spec.User,
      roles: spec.Roles,
      resources,
      state: stateOf(spec.State),
      kind: KINDS.get(spec.RequestKind) ?? 'unknown',
      dryRun: spec.DryRun,
      reason: spec.RequestReason,
      created: instantFrom(spec.Created),
      accessExpires: instantFrom(spec.Expires),
      requestExpires: instantFrom(spec.ResourceExpiry) ?? instantFrom(metadata?.Expires ?? null),
      startsAt: instantFrom(spec.AssumeStartTime),
      annotations: labelsOf(spec.SystemAnnotations),
      suggestedReviewers: spec.SuggestedReviewers,
      thresholds: spec.Thresholds.map(({ Name, Filter, Approve, Deny }): Threshold => ({
        name: Name,
        filter: Filter,
        approve: Approve,
        deny: Deny,
      })),
      reviews: spec.Reviews.map(reviewOf),
      resolveReason: spec.ResolveReason,
    },
  };
}

/** `types.UserV2` → user. Teleport writes `created_by.connector` only for users that an SSO login made. */
export function userOf(message: UserV2__Output | null): Reading<TeleportUser> {
  const name = message?.Metadata?.Name ?? '';
  if (message === null || name === '') return malformed('a user has no name');
  const connector = message.Spec?.CreatedBy?.Connector ?? null;
  return {
    ok: true,
    value: {
      name,
      roles: message.Spec?.Roles ?? [],
      traits: labelsOf(message.Spec?.Traits ?? null),
      sso: connector !== null && connector.ID !== '' && connector.Type !== '',
      ...(Object.hasOwn(message.Metadata?.Labels ?? {}, BOT_LABEL) ? { bot: true } : {}),
    },
  };
}

/**
 * `UserLoginState` → what the user had at the last login. What Access Lists granted is told since 18.2; before, it is what is
 * effective and was not there originally. Where the original ones are not told either (before 16), no list can be made out.
 */
export function loginStateOf({ header, spec }: UserLoginState__Output, name: string): Reading<LoginState> {
  if (header?.metadata?.name !== name) {
    return malformed(`teleport answered for the login state of \`${name}\` with another`);
  }
  const effective = { roles: spec?.roles ?? [], traits: traitsOf(spec?.traits) };
  const original = { roles: spec?.original_roles ?? [], traits: traitsOf(spec?.original_traits) };
  const told = { roles: spec?.access_list_roles ?? [], traits: traitsOf(spec?.access_list_traits) };
  const without = (values: readonly string[], others: readonly string[]) =>
    values.filter((value) => !others.includes(value));
  const hasTold = told.roles.length > 0 || Object.keys(told.traits).length > 0;
  const derived = {
    roles: original.roles.length === 0 ? [] : without(effective.roles, original.roles),
    traits:
      Object.keys(original.traits).length === 0
        ? {}
        : Object.fromEntries(
            Object.entries(effective.traits).map(([key, values]) => [
              key,
              without(values, Object.hasOwn(original.traits, key) ? (original.traits[key] ?? []) : []),
            ]),
          ),
  };
  return { ok: true, value: { effective, fromLists: hasTold ? told : derived } };
}

/** `types.RoleV6` → what it allows and denies of the things this service does. */
export function rolePermissionsOf(message: RoleV6__Output): RolePermissions {
  const { Allow: allow = null, Deny: deny = null } = message.Spec ?? {};
  return {
    role: message.Metadata?.Name ?? '',
    allow: rulesOf(allow),
    deny: rulesOf(deny),
    mayReview: allow?.ReviewRequests?.Roles ?? [],
    mayNotReview: deny?.ReviewRequests?.Roles ?? [],
    mayPreview: allow?.ReviewRequests?.PreviewAsRoles ?? [],
    maySubmitFor: allow?.ReviewRequests?.SubmitForUsers ?? [],
    mayNotSubmitFor: deny?.ReviewRequests?.SubmitForUsers ?? [],
  };
}

export function wireStateOf(state: ProposedState): WireState {
  return state === 'approved' ? WireState.APPROVED : WireState.DENIED;
}

/** Timestamp → instant. Go's zero time, absence, and what no timestamp may hold are null. */
export function instantFrom(timestamp: Timestamp__Output | null): Instant | null {
  if (timestamp === null) return null;
  const { seconds, nanos } = timestamp;
  if (!(seconds > 0 && seconds <= TIMESTAMP_MAX_SECONDS)) return null;
  return instantOf(seconds * 1_000 + Math.trunc(nanos / 1_000_000));
}

export function timestampOf(at: Instant): Timestamp {
  const epochMs = epochMsOf(at);
  const seconds = Math.floor(epochMs / 1_000);
  return { seconds, nanos: (epochMs - seconds * 1_000) * 1_000_000 };
}

/**
 * The newer list holds what is narrowed, the older one the rest: the request is for both (Teleport, 2026). What stands there without
 * constraints has none, whatever else stands there of it. Null where a resource has no id.
 */
function resourcesOf(spec: AccessRequestSpecV3__Output): readonly ResourceId[] | null {
  const newer = spec.RequestedResourceAccessIDs.map(({ id, constraints }) =>
    id === null
      ? null
      : { ...resourceOf(id), ...(constraints === null ? {} : { constraints: constraintsOf(constraints) }) },
  ).filter((each) => each !== null);
  if (newer.length < spec.RequestedResourceAccessIDs.length) return null;
  // A filler, without which a list of narrowed ones alone would read as "everything".
  const older = spec.RequestedResourceIDs.filter((id) => newer.length === 0 || !isSentinel(id)).map(
    resourceOf,
  );
  const all: readonly ResourceId[] = [...older, ...newer];
  const free = new Map(
    all.filter(({ constraints }) => constraints === undefined).map((each) => [keyOf(each), each]),
  );
  const narrowed = all.filter((each) => each.constraints !== undefined && !free.has(keyOf(each)));
  return [...free.values(), ...narrowed];
}

/** The same thing, whatever narrows the access to it. */
function keyOf({ cluster, kind, name, subResource }: ResourceId): string {
  return JSON.stringify([cluster, kind, name, subResource]);
}

function isSentinel({ ClusterName, Kind, Name }: ResourceID__Output): boolean {
  return ClusterName === SENTINEL && Kind === 'node' && Name === SENTINEL;
}

/** Content that a newer version has, or that does not say what it narrows to, is not known: it is no absence of constraints. */
function constraintsOf(message: ResourceConstraints__Output): ResourceConstraints {
  const isKnown = message.version === '' || message.version === 'v1';
  const { details } = message;
  const values = details === undefined ? undefined : message[details];
  if (!isKnown || details === undefined || values === undefined || values === null)
    return { kind: 'unknown' };
  if ('role_arns' in values) {
    return values.role_arns.length === 0
      ? { kind: 'unknown' }
      : { kind: 'aws_console', roleArns: values.role_arns };
  }
  if (values.logins.length === 0 || details === 'aws_console') return { kind: 'unknown' };
  return { kind: details, logins: values.logins };
}

function resourceOf({ ClusterName, Kind, Name, SubResourceName }: ResourceID__Output): ResourceId {
  return { cluster: ClusterName, kind: Kind, name: Name, subResource: SubResourceName };
}

function reviewOf(review: AccessReview__Output): Review {
  return {
    author: review.Author,
    proposedState: stateOf(review.ProposedState),
    reason: review.Reason,
    created: instantFrom(review.Created),
    submittedBy: review.SubmittedBy === '' ? null : review.SubmittedBy,
  };
}

function stateOf(state: number): RequestState {
  return STATES.get(state) ?? 'unknown';
}

function rulesOf(conditions: RoleConditions__Output | null): RolePermissions['allow'] {
  return (conditions?.Rules ?? []).map(({ Resources, Verbs }) => ({ resources: Resources, verbs: Verbs }));
}

function traitsOf(traits: readonly Trait__Output[] | undefined): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries((traits ?? []).map(({ key, values }) => [key, values]));
}

function labelsOf(labels: LabelValues__Output | null): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(labels?.Values ?? {}).map(([key, { Values }]) => [key, Values]));
}

function malformed(detail: string): Reading<never> {
  return { ok: false, detail };
}
