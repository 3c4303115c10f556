import type { AccessRequest, Threshold } from '../access-request.ts';

/** What Teleport has of a request, as far as it says what one more review does. */
type Standing = Pick<AccessRequest, 'thresholds' | 'reviews'>;
type Proposed = 'approved' | 'denied';

interface InQuestion {
  readonly propose: Proposed;
  /** The approver's Teleport user, where it is known. */
  readonly teleportUser: string | null;
  /** How it would be given: one review among those that thresholds count, or by setting the state whatever they say. */
  readonly by: 'review' | 'state';
}

/**
 * Why an approver's answer must not be given in the service's name; null where it may be. INVARIANT (one-person-one-vote):
 * Teleport tells reviewers apart by author, so it would take one more review of the same person. The service stands in for a person
 * only where nothing is left for them to add, neither before nor after.
 */
export function whyNotInServiceName(
  request: Standing,
  { propose, teleportUser, by }: InQuestion,
): string | null {
  if (teleportUser === null && request.reviews.length > 0) {
    return 'the request has been reviewed in Teleport already, and whether by the same person is not known here';
  }
  if (by === 'state' || settlesOrCountsForNothing(request, propose)) return null;
  const [needed, given] = [mostNeeded(request, propose), reviewsFor(request, propose)];
  const what = propose === 'approved' ? 'approvals' : 'denials';
  if (needed === 0) return `Teleport settles the request by no number of ${what}`;
  if (given + 1 < needed) {
    return `the request needs ${needed} ${what}, of which ${given} ${given === 1 ? 'is' : 'are'} given, and each must be of a person of its own`;
  }
  return 'its thresholds have filters, and which of them would count a review in the name of this service is not known here';
}

/** The most reviews of this kind that a threshold asks for; 0 where none ever settles the request by it. */
export function mostNeeded({ thresholds }: Pick<Standing, 'thresholds'>, propose: Proposed): number {
  // Teleport: without a threshold in the requester's roles, one approval approves and one denial denies.
  return thresholds.length === 0 ? 1 : Math.max(...thresholds.map((each) => countOf(each, propose)));
}

/** How many reviews of this kind Teleport has. */
export function reviewsFor({ reviews }: Pick<Standing, 'reviews'>, propose: Proposed): number {
  return reviews.filter(({ proposedState }) => proposedState === propose).length;
}

/**
 * Whether one more review ends the request or is left out of every count, so that in neither case it adds up with another one.
 * Teleport: each role needs a met threshold of each of its sets, a single met one denies. Which sets there
 * are, and which filters match whom, is not looked at here: all thresholds must agree.
 */
function settlesOrCountsForNothing(request: Standing, propose: Proposed): boolean {
  if (request.thresholds.length === 0) return true;
  const deciding = request.thresholds.filter((each) => countOf(each, propose) > 0);
  if (deciding.length === 0) return false;
  const given = reviewsFor(request, propose);
  const isMetByOneMore = (each: Threshold) => each.filter === '' && countOf(each, propose) <= given + 1;
  const isMetByOne = (each: Threshold) => countOf(each, propose) === 1;
  if (propose === 'denied') return deciding.some(isMetByOneMore) || deciding.every(isMetByOne);
  return deciding.every(isMetByOneMore) || (deciding.length === 1 && deciding.every(isMetByOne));
}

function countOf({ approve, deny }: Threshold, propose: Proposed): number {
  return propose === 'approved' ? approve : deny;
}
