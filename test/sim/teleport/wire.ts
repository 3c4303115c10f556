import {
  REQUEST_STATES,
  type AccessRequest,
  type Lock,
  type LoginState,
  type RequestState,
  type ResourceId,
  type Review,
  type Role,
  type RoleConditions,
  type Traits,
  type User,
} from './model.ts';
import type { Capabilities } from './server-version.ts';
import type { WireLabelValues, WireMessage, WireTimestamp } from './wire-types.ts';

/** Go's zero `time.Time`: what a field that is not nullable holds when it was never set. */
const GO_ZERO_SECONDS = -62_135_596_800;
const NAMESPACE = 'default';
const NANOSECONDS_PER_MS = 1_000_000n;

export function accessRequestToWire(request: AccessRequest, capabilities: Capabilities): WireMessage {
  return {
    Kind: 'access_request',
    Version: 'v3',
    Metadata: metadata(request.id, { revision: request.revision, expires: request.resourceExpiry }),
    Spec: {
      User: request.user,
      Roles: request.roles,
      State: REQUEST_STATES.indexOf(request.state),
      Created: timestamp(request.created),
      Expires: timestamp(request.expires),
      RequestReason: request.requestReason,
      ResolveReason: request.resolveReason,
      ResolveAnnotations: labelValues(request.resolveAnnotations),
      SystemAnnotations: labelValues(request.systemAnnotations),
      Thresholds: request.thresholds.map(({ name, filter, approve, deny }) => ({
        Name: name,
        Filter: filter,
        Approve: approve,
        Deny: deny,
      })),
      RoleThresholdMapping: Object.fromEntries(
        Object.entries(request.roleThresholdMapping).map(([role, sets]) => [
          role,
          { Sets: sets.map((Indexes) => ({ Indexes })) },
        ]),
      ),
      Reviews: request.reviews.map((review) => reviewToWire(review, capabilities)),
      SuggestedReviewers: request.suggestedReviewers,
      // Teleport: those with constraints stand in the newer list alone, the others in the older one alone.
      RequestedResourceIDs: request.resourceIds
        .filter(({ constraints }) => constraints === undefined)
        .map(resourceIdToWire),
      RequestedResourceAccessIDs: request.resourceIds
        .filter(({ constraints }) => constraints !== undefined)
        .map((id) => ({ id: resourceIdToWire(id), constraints: id.constraints })),
      DryRun: request.dryRun,
      MaxDuration: timestamp(request.maxDuration),
      SessionTTL: timestamp(request.sessionTtl),
      AssumeStartTime: request.assumeStartTime === null ? null : timestamp(request.assumeStartTime),
      ResourceExpiry: capabilities.resourceExpiry ? timestamp(request.resourceExpiry) : null,
    },
  };
}

function resourceIdToWire({ cluster, kind, name, subResource }: ResourceId): WireMessage {
  return { ClusterName: cluster, Kind: kind, Name: name, SubResourceName: subResource };
}

function reviewToWire(review: Review, { submitForUsers }: Capabilities): WireMessage {
  return {
    Author: review.author,
    ProposedState: REQUEST_STATES.indexOf(review.proposedState),
    Reason: review.reason,
    Created: timestamp(review.created),
    ThresholdIndexes: review.thresholdIndexes,
    AssumeStartTime: review.assumeStartTime === null ? null : timestamp(review.assumeStartTime),
    ...(submitForUsers
      ? { SubmittedBy: review.submittedBy, submitted_on_behalf_of_author: review.submittedOnBehalfOfAuthor }
      : {}),
  };
}

export function userToWire(user: User): WireMessage {
  return {
    Kind: 'user',
    Version: 'v2',
    Metadata: {
      ...metadata(user.name, {}),
      Labels: user.bot === true ? { 'teleport.internal/bot': user.name } : {},
    },
    Spec: {
      Roles: user.roles,
      Traits: labelValues(user.traits),
      Expires: GO_ZERO_TIME,
      CreatedBy: {
        Connector:
          user.connector === undefined
            ? null
            : { Type: user.connector.type, ID: user.connector.id, Identity: user.connector.identity },
        Time: GO_ZERO_TIME,
        User: { Name: user.connector === undefined ? 'admin' : 'system' },
      },
    },
  };
}

export function loginStateToWire(
  name: string,
  { roles, traits, original, accessLists }: LoginState,
  has: Capabilities['loginStates'],
): WireMessage {
  return {
    header: { kind: 'user_login_state', version: 'v1', metadata: { name } },
    spec: {
      roles,
      traits: traitList(traits),
      original_roles: has.originalRoles ? original.roles : [],
      original_traits: has.originalTraits ? traitList(original.traits) : [],
      access_list_roles: has.accessLists ? accessLists.roles : [],
      access_list_traits: has.accessLists ? traitList(accessLists.traits) : [],
    },
  };
}

function traitList(traits: Traits): readonly WireMessage[] {
  return Object.entries(traits).map(([key, values]) => ({ key, values }));
}

export function roleToWire(role: Role): WireMessage {
  return {
    Kind: 'role',
    Version: 'v7',
    Metadata: metadata(role.name, {}),
    Spec: { Allow: conditionsToWire(role.allow), Deny: conditionsToWire(role.deny ?? {}) },
  };
}

function conditionsToWire({ rules = [], request, reviewRequests }: RoleConditions): WireMessage {
  return {
    Rules: rules.map(({ resources, verbs }) => ({ Resources: resources, Verbs: verbs })),
    Request:
      request === undefined
        ? null
        : {
            Roles: request.roles ?? [],
            Annotations: labelValues(request.annotations ?? {}),
            Thresholds: (request.thresholds ?? []).map(({ name, filter, approve, deny }) => ({
              Name: name,
              Filter: filter,
              Approve: approve,
              Deny: deny,
            })),
            SuggestedReviewers: request.suggestedReviewers ?? [],
            SearchAsRoles: request.searchAsRoles ?? [],
            MaxDuration: (BigInt(request.maxDurationMs ?? 0) * NANOSECONDS_PER_MS).toString(),
          },
    ReviewRequests:
      reviewRequests === undefined
        ? null
        : {
            Roles: reviewRequests.roles ?? [],
            Where: reviewRequests.where ?? '',
            PreviewAsRoles: reviewRequests.previewAsRoles ?? [],
            SubmitForUsers: reviewRequests.submitForUsers ?? [],
          },
  };
}

export function lockToWire(lock: Lock): WireMessage {
  return {
    Kind: 'lock',
    Version: 'v2',
    Metadata: metadata(lock.name, { revision: lock.revision, expires: lock.removedAt }),
    Spec: {
      Target: { User: lock.target.user, Role: lock.target.role, AccessRequest: lock.target.accessRequest },
      Message: lock.message,
      Expires: lock.expires === null ? null : timestamp(lock.expires),
      CreatedAt: timestamp(lock.createdAt),
      CreatedBy: lock.createdBy,
    },
  };
}

/** Seconds as a number: written so often that it matters that a text would have to be read again. */
function timestamp(instant: Date): WireMessage {
  const ms = instant.getTime();
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: (ms - seconds * 1000) * 1_000_000 };
}

const GO_ZERO_TIME: WireMessage = { seconds: GO_ZERO_SECONDS, nanos: 0 };

/** The instant of a timestamp, `null` when it is absent or Go's zero time. */
export function instantOf(value: WireTimestamp | null): Date | null {
  if (value === null || Number(value.seconds) <= GO_ZERO_SECONDS) return null;
  return new Date(Number(value.seconds) * 1000 + Math.floor(value.nanos / 1_000_000));
}

function labelValues(traits: Traits): WireLabelValues {
  return {
    Values: Object.fromEntries(Object.entries(traits).map(([key, values]) => [key, { Values: values }])),
  };
}

export function traitsOf(values: WireLabelValues | null): Traits {
  return Object.fromEntries(Object.entries(values?.Values ?? {}).map(([key, { Values }]) => [key, Values]));
}

/** The name of a `types.RequestState`; `undefined` for a number this version does not know. */
export function requestStateOf(number: number): RequestState | undefined {
  return REQUEST_STATES[number];
}

function metadata(
  name: string,
  { revision = '', expires = null }: { readonly revision?: string; readonly expires?: Date | null },
): WireMessage {
  return {
    Name: name,
    Namespace: NAMESPACE,
    Expires: expires === null ? null : timestamp(expires),
    Revision: revision,
  };
}
