import { asksForTheSame, type AccessRequest } from '../../core/access-request.ts';
import { reviewsFor, whyNotInServiceName } from '../../core/answers/in-service-name.ts';
import { isSameUser } from '../../core/answers/two-people.ts';
import type { Effect, Outcome } from '../../core/record/effect.ts';
import { sanitise } from '../../core/values/words.ts';
import { TeleportError } from '../../ports/teleport.ts';
import type { Dependencies, ResolveWith } from '../dependencies.ts';
import { notOurs, outcome, RequestChangedError, type EffectAttempt } from './effect-attempt.ts';

const GONE = 'the request is gone';

/** `request` as it is after the review. */
function oneOfSeveral(request: AccessRequest, propose: Proposal['propose']): Outcome {
  return {
    ...outcome('the review is given, and the request is still pending: its thresholds ask for more than one'),
    stillPending: true,
    given: reviewsFor(request, propose),
  };
}

type ReviewDependencies = Pick<Dependencies, 'requests' | 'resolving' | 'ownUser'>;

interface Proposal {
  readonly propose: 'approved' | 'denied';
  readonly reason: string;
  /** In whose name; null for the service's own. */
  readonly onBehalfOf: string | null;
  /** Who has answered, where it is somebody's answer; null for a review of the service's own. */
  readonly approver: AnsweringApprover | null;
}

interface AnsweringApprover {
  /** Their Teleport user, where it is known. */
  readonly teleportUser: string | null;
}

/** The service's own review, of its own decision. Throws TeleportError. */
export function giveReview(
  attempt: EffectAttempt,
  { propose, reason }: Effect & { readonly kind: 'review' },
  dependencies: ReviewDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  return review(attempt, { propose, reason, onBehalfOf: null, approver: null }, dependencies, signal);
}

/**
 * The approver's answer, in their own name where Teleport takes it so, else in the service's where it may stand for them: only where
 * Teleport said that it is the service that may not speak for them. Whom Teleport does not let review, nobody speaks for.
 * Teleport's last word against it is an outcome, not a failure: it is told to the approver, who can still answer in Teleport.
 * Throws TeleportError of what may be tried again.
 */
export async function giveOnBehalf(
  attempt: EffectAttempt,
  { propose, reason, approver }: Effect & { readonly kind: 'vote' },
  dependencies: ReviewDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const { teleportUser } = approver;
  try {
    if (teleportUser !== null && (await presentWay(dependencies, signal)) === 'review') {
      try {
        return await review(
          attempt,
          { propose, reason, onBehalfOf: teleportUser, approver },
          dependencies,
          signal,
        );
      } catch (error) {
        if (!(error instanceof TeleportError) || error.refusedTo !== 'stand-in') throw error;
      }
    }
    return await review(attempt, { propose, reason, onBehalfOf: null, approver }, dependencies, signal);
  } catch (error) {
    if (!(error instanceof TeleportError) || error.transient) throw error;
    if (error.refusedTo === 'reviewer' && teleportUser !== null) {
      return notOurs(
        `Teleport does not let ${sanitise(teleportUser, 100)} review it: somebody else must answer, or review it there`,
      );
    }
    return { ...notOurs(`Teleport refuses it: ${error.message}`), reviewYourself: true };
  }
}

/** Setting a state goes past all thresholds: a cluster that may count reviews by now is asked first. */
async function presentWay({ resolving }: ReviewDependencies, signal: AbortSignal): Promise<ResolveWith> {
  const way = resolving.now();
  return way === 'state' ? resolving.askAnew(signal) : way;
}

async function review(
  attempt: EffectAttempt,
  proposal: Proposal,
  dependencies: ReviewDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const { requestId, again, onlyLook, ensureHeld, seen, decided } = attempt;
  const { requests, resolving, ownUser } = dependencies;
  const { propose, reason, onBehalfOf, approver } = proposal;
  const resolveWith = await presentWay(dependencies, signal);
  const request = await (again || seen === undefined ? requests.find(requestId, signal) : seen);
  if (request === null) return notOurs(GONE);
  const settled = alreadyReviewed(request, proposal, ownUser);
  if (settled !== null) return settled;
  if (onlyLook !== null) return notOurs(onlyLook);
  if (!asksForTheSame(decided.request, request)) throw new RequestChangedError(request);
  // The service's name stands for somebody only where that settles the request.
  const whyNot =
    approver === null || onBehalfOf !== null
      ? null
      : whyNotInServiceName(request, { propose, teleportUser: approver.teleportUser, by: resolveWith });
  if (whyNot !== null) return { ...notOurs(whyNot), reviewYourself: true };
  ensureHeld();
  try {
    if (resolveWith === 'state') {
      await requests.setState({ id: requestId, state: propose, reason }, signal);
      return outcome(`the request is ${propose}`);
    }
    const after = await requests.review(
      { id: requestId, propose, reason, ...(onBehalfOf === null ? {} : { onBehalfOf }) },
      signal,
    );
    return after.state === 'pending'
      ? oneOfSeveral(after, propose)
      : outcome(`the request is ${after.state}`);
  } catch (error) {
    if (!(error instanceof TeleportError) || error.transient) throw error;
    // Teleport has one code for "may not", "has already" and "too late": only the request itself tells them apart.
    const now = await requests.find(requestId, signal);
    const found = now === null ? notOurs(GONE) : alreadyReviewed(now, proposal, ownUser);
    if (found !== null) return found;
    // A cluster that has lost its licence refuses reviews.
    if (resolveWith === 'review' && (await resolving.askAnew(signal)) === 'state') {
      return review({ ...attempt, again: true }, proposal, dependencies, signal);
    }
    throw error;
  }
}

/**
 * What makes a review needless: it stands already, somebody else was first, or there is nothing left to review. Ours is known by
 * its reason, which names the decision, and by its author; but an author may have reviewed by hand, or for another approver,
 * and that is not the review that was to be given. Teleport: a second review by the same author is refused.
 */
function alreadyReviewed(
  request: AccessRequest,
  { propose, reason: ownReason, onBehalfOf, approver }: Proposal,
  ownUser: string,
): Outcome | null {
  const { state, reviews, resolveReason } = request;
  const before =
    state === 'pending'
      ? oneOfSeveral(request, propose)
      : outcome(`the request is ${state}, reviewed before`);
  if (reviews.some(({ reason }) => reason === ownReason)) return before;
  const reviewOf = (name: string | null) =>
    reviews.find(({ author }) => name !== null && isSameUser(name, author));
  const theirs = reviewOf(onBehalfOf) ?? reviewOf(approver?.teleportUser ?? null);
  const other = theirs ?? (onBehalfOf === null ? reviewOf(ownUser) : undefined);
  if (other !== undefined) {
    const { author, proposedState } = other;
    if (approver === null) return before;
    const taken = `${author} has reviewed it before (${proposedState}), and Teleport takes one review of each`;
    // Where it is the name that is spent, and not the approver’s own, they can still review it themselves.
    return theirs === undefined ? { ...notOurs(taken), reviewYourself: true } : notOurs(taken);
  }
  if (resolveReason === ownReason) return outcome(`the request is ${state}, set before`);
  return state === 'pending' ? null : notOurs(`the request was ${state} by somebody else`);
}
