import { randomUUID } from 'node:crypto';
import { checkAssumeStartTime, checkReason } from './access-requests.ts';
import { accessDenied, alreadyExists, badParameter, notImplemented } from './errors.ts';
import type { AccessRequest, RequestState, Review } from './model.ts';
import { canReview, predicateContext, type Reviewer } from './permissions.ts';
import { matchesPredicate } from './predicate.ts';
import type { Capabilities } from './server-version.ts';

/** A review as it was submitted, once its author is settled. */
export interface ReviewSubmission {
  readonly requestId: string;
  readonly author: string;
  readonly proposedState: RequestState;
  readonly reason: string;
  readonly roles: readonly string[];
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly created: Date | null;
  readonly assumeStartTime: Date | null;
  readonly submittedBy: string;
  readonly submittedOnBehalfOfAuthor: boolean;
}

/** Teleport: refuses a review which could never be applied, before the request is even looked up. */
export function checkReview(submission: ReviewSubmission): void {
  const { proposedState } = submission;
  if (proposedState === 'PROMOTED') {
    throw badParameter('state promoted can be only set when promoting to access list');
  }
  if (proposedState !== 'APPROVED' && proposedState !== 'DENIED') {
    throw badParameter(`invalid state proposal: ${proposedState} (expected approval/denial)`);
  }
}

/**
 * Teleport: adds a review and resolves the request when a threshold is met. PERMISSION_DENIED for a review of one's own
 * request, of roles the reviewer has no say over, of a resolved request, and for a second one by the same author (which
 * newer servers call ALREADY_EXISTS).
 */
export function applyReview(
  request: AccessRequest,
  submission: ReviewSubmission,
  world: { readonly reviewer: Reviewer; readonly capabilities: Capabilities; readonly now: Date },
): AccessRequest {
  const { reviewer, capabilities, now } = world;
  const { author } = submission;
  if (!canReview(reviewer, request)) {
    throw accessDenied(`user "${author}" cannot review request "${request.id}"`);
  }
  // The author comes first and the state last: who reviewed an approved request is told that they did.
  if (request.reviews.some((review) => review.author === author)) {
    const message = `user "${author}" has already reviewed this request`;
    throw capabilities.duplicateReviewAlreadyExists ? alreadyExists(message) : accessDenied(message);
  }
  const roles = new Set(submission.roles);
  if (roles.size > 0 && roles.size !== request.roles.length) {
    throw notImplemented('role subselection is not yet supported in reviews, try omitting role list');
  }
  if (Object.keys(submission.annotations).length > 0) {
    throw notImplemented('annotations are not yet supported in reviews, try omitting annotations field');
  }
  const foreign = submission.roles.find((role) => !request.roles.includes(role));
  if (foreign !== undefined) throw badParameter(`role "${foreign}" is not a member of this request`);
  if (request.state !== 'PENDING') {
    throw accessDenied(`the access request has been already ${request.state.toLowerCase()}`);
  }
  checkAssumeStartTime(submission.assumeStartTime, request);
  const review: Review = {
    author,
    proposedState: submission.proposedState,
    reason: submission.reason,
    created: submission.created ?? now,
    thresholdIndexes: matchingThresholds(request, submission, reviewer),
    assumeStartTime: submission.assumeStartTime,
    submittedBy: submission.submittedBy,
    submittedOnBehalfOfAuthor: submission.submittedOnBehalfOfAuthor,
  };
  return resolveByThresholds({
    ...request,
    revision: randomUUID(),
    reviews: [...request.reviews, review],
    assumeStartTime: submission.assumeStartTime ?? request.assumeStartTime,
  });
}

function matchingThresholds(
  request: AccessRequest,
  submission: ReviewSubmission,
  reviewer: Reviewer,
): readonly number[] {
  const context = {
    ...predicateContext(reviewer, request),
    review: { reason: submission.reason, annotations: {} },
  };
  return request.thresholds.flatMap(({ filter }, index) =>
    matchesPredicate(filter, context) ? [index] : [],
  );
}

function resolveByThresholds(request: AccessRequest): AccessRequest {
  const deciding = request.reviews.at(-1);
  const state = outcome(request);
  if (deciding === undefined || state === 'PENDING') return request;
  // Only a reason that becomes the request's own is measured.
  checkReason(deciding.reason, 'resolve');
  const resolved = { ...request, state, resolveReason: deciding.reason };
  return state === 'APPROVED' ? { ...resolved, resourceExpiry: request.expires } : resolved;
}

/**
 * Teleport: one met deny threshold denies; approval needs, for every requested role, each of its sets to hold a met
 * approve threshold. A count of 0 never decides.
 */
function outcome(request: AccessRequest): RequestState {
  const count = (index: number, state: RequestState) =>
    request.reviews.filter(
      ({ proposedState, thresholdIndexes }) => proposedState === state && thresholdIndexes.includes(index),
    ).length;
  const denied = request.thresholds.some(({ deny }, index) => deny !== 0 && count(index, 'DENIED') >= deny);
  if (denied) return 'DENIED';
  const met = (index: number) => {
    const approve = request.thresholds[index]?.approve ?? 0;
    return approve !== 0 && count(index, 'APPROVED') >= approve;
  };
  const approved = request.roles.every((role) => {
    const sets = request.roleThresholdMapping[role] ?? [];
    return sets.length > 0 && sets.every((indexes) => indexes.some(met));
  });
  return approved ? 'APPROVED' : 'PENDING';
}
