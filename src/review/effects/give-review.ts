import { asksForTheSame, type AccessRequest } from '../../core/access-request.ts';
import { reviewsFor, whyNotInOwnName } from '../../core/answers/own-name.ts';
import { isSameUser } from '../../core/answers/two-people.ts';
import type { Effect, Outcome } from '../../core/effects/effect.ts';
import { harmless } from '../../core/values/words.ts';
import { TeleportError } from '../../ports/teleport.ts';
import type { Dependencies, ResolveWith } from '../dependencies.ts';
import { notOurs, outcome, RequestChangedError, type Errand } from './errand.ts';

const GONE = 'the request is gone';

/** `request` as it is after the review. */
function oneOfSeveral(request: AccessRequest, propose: Proposal['propose']): Outcome {
  return {
    ...outcome('the review is given, and the request is still pending: its thresholds ask for more than one'),
    stillPending: true,
    given: reviewsFor(request, propose),
  };
}

type Hands = Pick<Dependencies, 'requests' | 'resolving' | 'ownUser'>;

interface Proposal {
  readonly propose: 'approved' | 'denied';
  readonly reason: string;
  /** In whose name; null for the service's own. */
  readonly onBehalfOf: string | null;
  /** Who has answered, where it is somebody's answer; null for a review of the service's own. */
  readonly voter: Voter | null;
}

interface Voter {
  /** Their Teleport user, where it is known. */
  readonly teleportUser: string | null;
}

/** The service's own review, of its own decision. Throws TeleportError. */
export function giveReview(
  errand: Errand,
  { propose, reason }: Effect & { readonly kind: 'review' },
  hands: Hands,
  signal: AbortSignal,
): Promise<Outcome> {
  return review(errand, { propose, reason, onBehalfOf: null, voter: null }, hands, signal);
}

/**
 * The approver's answer, in their own name where Teleport takes it so, else in the service's where it may stand for them: only where
 * Teleport said that it is the service that may not speak for them. Whom Teleport does not let review, nobody speaks for.
 * Teleport's last word against it is an outcome, not a failure: it is told to the approver, who can still answer in Teleport.
 * Throws TeleportError of what may be tried again.
 */
export async function giveVote(
  errand: Errand,
  { propose, reason, approver: voter }: Effect & { readonly kind: 'vote' },
  hands: Hands,
  signal: AbortSignal,
): Promise<Outcome> {
  const { teleportUser } = voter;
  try {
    if (teleportUser !== null && (await presentWay(hands, signal)) === 'review') {
      try {
        return await review(errand, { propose, reason, onBehalfOf: teleportUser, voter }, hands, signal);
      } catch (error) {
        if (!(error instanceof TeleportError) || error.refusedTo !== 'stand-in') throw error;
      }
    }
    return await review(errand, { propose, reason, onBehalfOf: null, voter }, hands, signal);
  } catch (error) {
    if (!(error instanceof TeleportError) || error.transient) throw error;
    if (error.refusedTo === 'reviewer' && teleportUser !== null) {
      return notOurs(
        `Teleport does not let ${harmless(teleportUser, 100)} review it: somebody else must answer, or review it there`,
      );
    }
    return { ...notOurs(`Teleport refuses it: ${error.message}`), reviewYourself: true };
  }
}

/** Setting a state goes past all thresholds: a cluster that may count reviews by now is asked first. */
async function presentWay({ resolving }: Hands, signal: AbortSignal): Promise<ResolveWith> {
  const way = resolving.now();
  return way === 'state' ? resolving.askAnew(signal) : way;
}

async function review(
  errand: Errand,
  proposal: Proposal,
  hands: Hands,
  signal: AbortSignal,
): Promise<Outcome> {
  const { requestId, again, onlyLook, ensureHeld, seen, decided } = errand;
  const { requests, resolving, ownUser } = hands;
  const { propose, reason, onBehalfOf, voter } = proposal;
  const resolveWith = await presentWay(hands, signal);
  const request = await (again || seen === undefined ? requests.find(requestId, signal) : seen);
  if (request === null) return notOurs(GONE);
  const settled = alreadyReviewed(request, proposal, ownUser);
  if (settled !== null) return settled;
  if (onlyLook !== null) return notOurs(onlyLook);
  if (voter === null && !asksForTheSame(decided.request, request)) throw new RequestChangedError(request);
  const whyNot = voter === null ? null : whyNoVote(errand, request, { ...proposal, voter, resolveWith });
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
      return review({ ...errand, again: true }, proposal, hands, signal);
    }
    throw error;
  }
}

/** An answer is to what its page showed; and the service's name stands for somebody only where that settles the request. */
function whyNoVote(
  { decided, shown }: Errand,
  request: AccessRequest,
  { propose, onBehalfOf, voter, resolveWith }: Proposal & { voter: Voter; resolveWith: ResolveWith },
): string | null {
  if (![decided.request, ...shown].every((each) => asksForTheSame(each, request))) {
    return 'what the request asks for was changed in Teleport after its page was opened';
  }
  if (onBehalfOf !== null) return null;
  return whyNotInOwnName(request, { propose, teleportUser: voter.teleportUser, by: resolveWith });
}

/**
 * What makes a review needless: it stands already, somebody else was first, or there is nothing left to review. Ours is known by
 * its reason, which names the decision, and by its author; but an author may have reviewed by hand, or for another approver,
 * and that is not the vote that was to be given. Teleport: a second review by the same author is refused.
 */
function alreadyReviewed(
  request: AccessRequest,
  { propose, reason: ownReason, onBehalfOf, voter }: Proposal,
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
  const theirs = reviewOf(onBehalfOf) ?? reviewOf(voter?.teleportUser ?? null);
  const other = theirs ?? (onBehalfOf === null ? reviewOf(ownUser) : undefined);
  if (other !== undefined) {
    const { author, proposedState } = other;
    if (voter === null) return before;
    const taken = `${author} has reviewed it before (${proposedState}), and Teleport takes one review of each`;
    // Where it is the name that is spent, and not the approver’s own, they can still review it themselves.
    return theirs === undefined ? { ...notOurs(taken), reviewYourself: true } : notOurs(taken);
  }
  if (resolveReason === ownReason) return outcome(`the request is ${state}, set before`);
  return state === 'pending' ? null : notOurs(`the request was ${state} by somebody else`);
}
