import { accessDenied, badParameter, noSuchRequest } from './errors.ts';
import { MAX_SESSION_TTL_MS } from './access-requests.ts';
import type { AccessRequest, RequestState, ResourceId } from './model.ts';
import { canSee, canSubmitFor, maybeCanReview, requireVerb, type Reviewer } from './permissions.ts';
import type { ReviewSubmission } from './reviews.ts';
import { unary, type CallContext, type Method } from './rpc.ts';
import { accessRequestToWire, instantOf, requestStateOf, traitsOf } from './wire.ts';
import type {
  WireAccessRequest,
  WireResourceId,
  WireReviewSubmission,
  WireStateSetter,
} from './wire-types.ts';

/** The methods which make, decide and remove access requests. */
export const accessRequestMethods: Readonly<Record<string, Method>> = {
  CreateAccessRequestV2: unary(createAccessRequest),
  SubmitAccessReview: unary(submitAccessReview),
  SetAccessRequestState: unary(setAccessRequestState),
  DeleteAccessRequest: unary(deleteAccessRequest),
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** Teleport: a pending request for oneself needs no verb; one for somebody else, in any state, is an admin action with `create`. */
function createAccessRequest({ Metadata, Spec }: WireAccessRequest, context: CallContext) {
  const { cluster, caller, roles } = context;
  if (Spec === null) throw badParameter('access request has no spec');
  const asked = stateOf(Spec.State);
  const state = asked === 'NONE' ? 'PENDING' : asked;
  const name = Metadata?.Name ?? '';
  if (name === '') throw badParameter('access request id not set');
  if (!UUID.test(name)) throw badParameter(`invalid access request id "${name}"`);
  const forOthers = Spec.User !== caller.user;
  if (forOthers || state !== 'PENDING') {
    requireVerb(roles, 'access_request', 'create');
    requireMfa(context);
  }
  if (state !== 'PENDING' && !forOthers) {
    throw accessDenied('cannot create access request for self in non-pending state');
  }
  const request = cluster.createRequest({
    user: Spec.User,
    roles: Spec.Roles,
    reason: Spec.RequestReason,
    suggestedReviewers: Spec.SuggestedReviewers,
    resourceIds: [
      ...Spec.RequestedResourceIDs.map(resourceIdOf),
      ...Spec.RequestedResourceAccessIDs.map(({ id, constraints }) => ({
        ...resourceIdOf(id),
        ...(constraints === null ? {} : { constraints }),
      })),
    ],
    maxDuration: instantOf(Spec.MaxDuration),
    assumeStartTime: instantOf(Spec.AssumeStartTime),
    pendingExpiry: instantOf(Metadata?.Expires ?? null),
    dryRun: Spec.DryRun,
    state,
    // Who makes it for somebody else has no certificate of theirs.
    certificateExpires: forOthers
      ? new Date(cluster.now().getTime() + MAX_SESSION_TTL_MS)
      : context.certificateExpires,
  });
  return accessRequestToWire(request, cluster.capabilities);
}

function resourceIdOf(id: WireResourceId): ResourceId {
  return { cluster: id.ClusterName, kind: id.Kind, name: id.Name, subResource: id.SubResourceName };
}

function submitAccessReview({ RequestID, Review }: WireReviewSubmission, context: CallContext) {
  const { cluster, caller } = context;
  if (RequestID === '') throw badParameter('missing request ID');
  if (Review === null) throw badParameter('access review submission has no review');
  const author = Review.Author === '' ? caller.user : Review.Author;
  const onBehalf = author !== caller.user;
  const submission: ReviewSubmission = {
    requestId: RequestID,
    author,
    proposedState: stateOf(Review.ProposedState),
    reason: Review.Reason,
    roles: Review.Roles,
    annotations: traitsOf(Review.Annotations),
    created: instantOf(Review.Created),
    assumeStartTime: instantOf(Review.AssumeStartTime),
    submittedBy: onBehalf ? caller.user : '',
    submittedOnBehalfOfAuthor: onBehalf,
  };
  const reviewer = onBehalf ? reviewerOnBehalf(Review, context) : cluster.directory.reviewer(caller);
  // In somebody's name it is that person's roles that are looked at.
  if (reviewer === undefined || !maybeCanReview(reviewer.roles)) {
    throw accessDenied(`user "${author}" cannot submit reviews`);
  }
  requireMfa(context);
  return accessRequestToWire(cluster.submitReview(submission, reviewer), cluster.capabilities);
}

/**
 * Teleport v18.11: a review in somebody's name needs `submit_for_users` and `user: read`, and is then judged by that
 * person's own permissions. Older servers do not know the fields and refuse the foreign author.
 */
function reviewerOnBehalf(
  review: NonNullable<WireReviewSubmission['Review']>,
  { cluster, caller, roles }: CallContext,
): Reviewer {
  const author = review.Author;
  const refusal = () => accessDenied(`user "${caller.user}" cannot submit reviews on behalf of "${author}"`);
  if (!cluster.capabilities.submitForUsers || !review.submitted_on_behalf_of_author) throw refusal();
  if (review.SubmittedBy !== '' && review.SubmittedBy !== caller.user) throw refusal();
  requireVerb(roles, 'user', 'read');
  const unmatched = `user "${caller.user}" cannot submit reviews for "${author}"`;
  // Single sign-on users have a record only as long as their session lasts.
  if (cluster.directory.findUser(author) === undefined) {
    throw accessDenied(`${unmatched}, user could not be fetched from local store`);
  }
  if (!canSubmitFor(roles, author)) throw accessDenied(unmatched);
  const user = cluster.directory.effective(author);
  if (user.bot === true) throw badParameter(`bot "${author}" cannot be the author of a review`);
  return { user, roles: cluster.directory.rolesNamed(user.roles) };
}

function setAccessRequestState(setter: WireStateSetter, context: CallContext) {
  const { cluster, caller, roles } = context;
  if (setter.ID === '') throw badParameter('missing request id');
  requireVerb(roles, 'access_request', 'update');
  requireMfa(context);
  const change = {
    id: setter.ID,
    state: stateOf(setter.State),
    reason: setter.Reason,
    delegator: setter.Delegator,
    annotations: traitsOf(setter.Annotations),
    roles: setter.Roles,
    assumeStartTime: instantOf(setter.AssumeStartTime),
  };
  const request = findVisible(setter.ID, context);
  if (request === undefined) throw noSuchRequest(setter.ID, 'set state of');
  if (request.user === caller.user) {
    throw accessDenied('directly updating the state of your own access requests is not permitted');
  }
  cluster.setRequestState(change);
  return {};
}

/** Teleport: needs `delete`; a requester may not even withdraw what is still pending. */
function deleteAccessRequest({ ID }: { readonly ID: string }, context: CallContext) {
  const { cluster, roles } = context;
  if (ID === '') throw badParameter('missing request ID');
  requireVerb(roles, 'access_request', 'delete');
  requireMfa(context);
  cluster.deleteRequest(ID);
  return {};
}

function findVisible(id: string, { cluster, caller, roles }: CallContext): AccessRequest | undefined {
  const request = cluster.findRequest(id);
  const viewer = { caller, roles, reviewer: cluster.directory.reviewer(caller) };
  return request !== undefined && canSee(request, viewer) ? request : undefined;
}

/** Teleport: admin actions of people need MFA, which no unattended client can give; bots are exempt. */
function requireMfa({ cluster, caller }: CallContext): void {
  const bot = cluster.directory.findUser(caller.user)?.bot === true;
  if (cluster.mfaForAdminActions && !bot) {
    throw accessDenied('admin-level API request requires MFA verification');
  }
}

function stateOf(number: number): RequestState {
  const state = requestStateOf(number);
  if (state === undefined) throw badParameter(`invalid request state: ${number}`);
  return state;
}
