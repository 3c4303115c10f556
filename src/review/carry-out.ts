import type { AccessRequest } from '../core/access-request.ts';
import { lockNameOf } from '../core/effects/access-end.ts';
import type { Effect, IncidentHandle, Outcome } from '../core/effects/effect.ts';
import type { RecordedDecision } from '../core/record/ledger-entry.ts';
import { SECOND } from '../core/values/instant.ts';
import type { Ask, Incident } from '../ports/pagerduty.ts';
import { TeleportError } from '../ports/teleport.ts';
import type { Dependencies, PolicyInForce } from './dependencies.ts';
import { movePageUp } from './move-page-up.ts';
import { pageAssignee } from './page-assignee.ts';
import { isOwnPage } from './read-incidents.ts';

/** How long one effect may take; then it counts as failed and is tried again. */
const EFFECT_DEADLINE_MS = 15 * SECOND;

const ONE_OF_SEVERAL: Outcome = {
  summary: 'the review is given, and the request is still pending: its thresholds ask for more than one',
  ours: true,
  stillPending: true,
  incidentId: null,
  url: null,
};

/** What an effect is carried out for. */
export interface Errand {
  readonly requestId: string;
  /** The decision in force. */
  readonly decided: RecordedDecision;
  readonly effect: Effect;
  /** Tried before, so it may have happened although nobody heard: look before acting. */
  readonly again: boolean;
  /** The request has ended: whether it was our review is looked up, but none is given any more. */
  readonly onlyLook: boolean;
}

type Hands = Pick<
  Dependencies,
  'requests' | 'users' | 'locks' | 'directory' | 'incidents' | 'clock' | 'resolveWith' | 'ownUser'
> &
  Pick<PolicyInForce, 'policy'>;

/**
 * Does one effect and says what came of it. Done twice it changes nothing the second time: what is already there is found and
 * counts as done. Throws the TeleportError or PagerDutyError of the call that failed.
 */
export async function carryOut(errand: Errand, hands: Hands, signal: AbortSignal): Promise<Outcome> {
  const { effect, requestId } = errand;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(EFFECT_DEADLINE_MS)]);
  // Somebody waits for a page as for a decision; all else that PagerDuty is asked here may come later.
  const priority = effect.kind === 'page' || effect.kind === 'move-up' ? 'page' : 'follow-up';
  const ask: Ask = { signal: deadline, priority };
  switch (effect.kind) {
    case 'review':
      return review(errand, { ...effect, onBehalfOf: null }, hands, deadline);
    case 'vote':
      return vote(errand, effect, hands, deadline);
    case 'page':
      return openPage(errand, effect, hands, ask);
    case 'find-live-incident':
      return findLiveIncident(effect, hands, ask);
    case 'note':
      return addNoteOnce(errand, effect, hands, ask);
    case 'move-up': {
      const incident = await findIncident(effect.incident, hands, ask);
      return incident === null ? notOurs('no incident was opened') : movePageUp(incident, hands, ask);
    }
    case 'close-page':
      return closePage(effect.incident, hands, ask);
    case 'lock': {
      const { message, expires } = effect;
      await hands.locks.lockRequest(
        { name: lockNameOf(requestId), id: requestId, message, expires },
        deadline,
      );
      return outcome('the access is locked');
    }
  }
}

interface Proposal {
  readonly propose: 'approved' | 'denied';
  readonly reason: string;
  readonly onBehalfOf: string | null;
}

async function review(
  { requestId, effect, again, onlyLook }: Errand,
  { propose, reason, onBehalfOf }: Proposal,
  { requests, resolveWith, ownUser }: Hands,
  signal: AbortSignal,
): Promise<Outcome> {
  const own: OwnReview = { author: onBehalfOf ?? ownUser, reason, isVote: effect.kind === 'vote' };
  // Teleport lets a set state be set again: an approval can be overturned by a denial, and its reason by another one.
  const mayOverturn = resolveWith === 'state' && (own.isVote || propose === 'denied');
  if (again || onlyLook || mayOverturn) {
    const settled = alreadyReviewed(await requests.find(requestId, signal), own);
    if (settled !== null) return settled;
    if (onlyLook) return notOurs('the request ended before it was reviewed');
  }
  try {
    if (resolveWith === 'state') {
      await requests.setState({ id: requestId, state: propose, reason }, signal);
      return outcome(`the request is ${propose}`);
    }
    const after = await requests.review(
      { id: requestId, propose, reason, ...(onBehalfOf === null ? {} : { onBehalfOf }) },
      signal,
    );
    return after.state === 'pending' ? ONE_OF_SEVERAL : outcome(`the request is ${after.state}`);
  } catch (error) {
    if (!(error instanceof TeleportError) || error.transient) throw error;
    // Teleport has one code for "may not", "has already" and "too late": only the request itself tells them apart.
    const settled = alreadyReviewed(await requests.find(requestId, signal), own);
    if (settled === null) throw error;
    return settled;
  }
}

/**
 * The approver's answer, in their own name where Teleport takes it so, else in the service's. Teleport's last word against it
 * is an outcome, not a failure: it is told to the approver, who can still answer in Teleport.
 */
async function vote(
  errand: Errand,
  { propose, reason, approver }: Effect & { kind: 'vote' },
  hands: Hands,
  signal: AbortSignal,
): Promise<Outcome> {
  const { teleportUser } = approver;
  try {
    if (teleportUser !== null && hands.resolveWith === 'review') {
      try {
        return await review(errand, { propose, reason, onBehalfOf: teleportUser }, hands, signal);
      } catch (error) {
        if (!(error instanceof TeleportError) || error.transient) throw error;
      }
    }
    return await review(errand, { propose, reason, onBehalfOf: null }, hands, signal);
  } catch (error) {
    if (!(error instanceof TeleportError) || error.transient) throw error;
    return notOurs(`Teleport refuses it: ${error.message}`);
  }
}

interface OwnReview {
  readonly author: string;
  readonly reason: string;
  readonly isVote: boolean;
}

/**
 * What makes a review needless: it stands already, somebody else was first, or there is nothing left to review. Ours is known by
 * its reason, which names the decision, and by its author; but an author may have reviewed by hand, or for another approver,
 * and that is not the vote that was to be given. Teleport: a second review by the same author is refused.
 */
function alreadyReviewed(request: AccessRequest | null, own: OwnReview): Outcome | null {
  if (request === null) return notOurs('the request is gone');
  const { state, reviews, resolveReason } = request;
  const before = state === 'pending' ? ONE_OF_SEVERAL : outcome(`the request is ${state}, reviewed before`);
  if (reviews.some(({ reason }) => reason === own.reason)) return before;
  const other = reviews.find(({ author }) => author === own.author);
  if (other !== undefined) {
    const { author, proposedState } = other;
    return own.isVote
      ? notOurs(`${author} has reviewed it before (${proposedState}), and Teleport takes one review of each`)
      : before;
  }
  if (resolveReason === own.reason) return outcome(`the request is ${state}, set before`);
  return state === 'pending' ? null : notOurs(`the request was ${state} by somebody else`);
}

async function openPage(
  { again, decided }: Errand,
  { service, incidentKey, title, details, urgency }: Effect & { kind: 'page' },
  hands: Hands,
  ask: Ask,
): Promise<Outcome> {
  const { directory, incidents } = hands;
  const existing = again ? await incidents.findByKey(incidentKey, ask) : null;
  if (existing !== null) return of(existing, 'the incident is open, opened before');
  const { id: serviceId, summary } = await directory.service(service, ask);
  const assignee = await pageAssignee(decided, hands, ask);
  const incident = await incidents.open(
    { key: incidentKey, serviceId, title, details, urgency, assignee },
    ask,
  );
  return of(incident, `the incident is open on service ${summary}`);
}

async function findLiveIncident(
  { services, assignee }: Effect & { kind: 'find-live-incident' },
  { incidents }: Hands,
  ask: Ask,
): Promise<Outcome> {
  if (services.length === 0) return notOurs('no service, hence no live incident');
  const open = await incidents.openOn(
    services.map(({ id }) => id),
    ask,
  );
  const live = open.filter((incident) => !isOwnPage(incident));
  const own = live.find(({ assignees }) => assignees.some(({ id }) => id === assignee));
  const found = own ?? live[0];
  return found === undefined ? notOurs('no live incident') : of(found, 'live incident found');
}

/** Notes have no key of their own in PagerDuty, so the marker in the text is looked for. */
async function addNoteOnce(
  { again }: Errand,
  { content, marker, incident: handle }: Effect & { kind: 'note' },
  hands: Hands,
  ask: Ask,
): Promise<Outcome> {
  const incidentId = 'id' in handle ? handle.id : ((await findIncident(handle, hands, ask))?.id ?? null);
  if (incidentId === null) return notOurs('no incident was opened');
  const there = again ? await hands.incidents.notes(incidentId, ask) : [];
  if (there.some((note) => note.content.includes(marker))) {
    return { summary: 'the note is there, written before', ours: true, incidentId, url: null };
  }
  await hands.incidents.addNote(incidentId, content, ask);
  return { summary: 'the note is written', ours: true, incidentId, url: null };
}

async function closePage(handle: IncidentHandle, hands: Hands, ask: Ask): Promise<Outcome> {
  const incident = await findIncident(handle, hands, ask);
  if (incident === null) return notOurs('no incident was opened');
  if (incident.status === 'resolved')
    return { ...of(incident, 'the incident was resolved before'), ours: false };
  await hands.incidents.resolve(incident.id, ask);
  return of(incident, 'the incident is resolved');
}

function findIncident(
  handle: IncidentHandle,
  { incidents }: Pick<Hands, 'incidents'>,
  ask: Ask,
): Promise<Incident | null> {
  return 'id' in handle ? incidents.find(handle.id, ask) : incidents.findByKey(handle.incidentKey, ask);
}

function outcome(summary: string): Outcome {
  return { summary, ours: true, incidentId: null, url: null };
}

function notOurs(summary: string): Outcome {
  return { ...outcome(summary), ours: false };
}

function of(incident: Incident, summary: string): Outcome {
  return { summary, ours: true, incidentId: incident.id, url: incident.htmlUrl };
}
