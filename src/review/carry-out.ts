import type { AccessRequest } from '../core/access-request.ts';
import type { Effect, Outcome } from '../core/effect.ts';
import { SECOND } from '../core/instant.ts';
import type { Ask, Incident } from '../ports/pagerduty.ts';
import { TeleportError } from '../ports/teleport.ts';
import { isOwnPage } from './read-incidents.ts';
import type { Dependencies } from './dependencies.ts';

/** How long one effect may take; then it counts as failed and is tried again. */
const EFFECT_DEADLINE_MS = 15 * SECOND;

/** What an effect is carried out for. */
export interface Errand {
  readonly requestId: string;
  readonly effect: Effect;
  /** Tried before, so it may have happened although nobody heard: look before acting. */
  readonly again: boolean;
}

type Hands = Pick<Dependencies, 'requests' | 'directory' | 'incidents' | 'resolveWith' | 'ownUser'>;

/**
 * Does one effect and says what came of it. Done twice it changes nothing the second time: what is already there is found and
 * counts as done. Throws the TeleportError or PagerDutyError of the call that failed.
 */
export async function carryOut(errand: Errand, hands: Hands, signal: AbortSignal): Promise<Outcome> {
  const { effect } = errand;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(EFFECT_DEADLINE_MS)]);
  const ask: Ask = { signal: deadline };
  switch (effect.key) {
    case 'review':
      return review(errand, effect, hands, deadline);
    case 'page':
      return openPage(errand, effect, hands, ask);
    case 'find-live-incident':
      return findLiveIncident(effect, hands, ask);
    case 'live-note':
      return addNoteOnce(errand, effect.incidentId, effect, hands, ask);
    case 'closing-note': {
      const incident = await hands.incidents.findByKey(effect.incidentKey, ask);
      return incident === null
        ? notOurs('no incident was opened')
        : addNoteOnce(errand, incident.id, effect, hands, ask);
    }
    case 'close-page':
      return closePage(effect.incidentKey, hands, ask);
  }
}

async function review(
  { requestId, again }: Errand,
  { propose, reason }: Effect & { key: 'review' },
  { requests, resolveWith, ownUser }: Hands,
  signal: AbortSignal,
): Promise<Outcome> {
  if (again) {
    const settled = alreadyReviewed(await requests.find(requestId, signal), { ownUser, reason });
    if (settled !== null) return settled;
  }
  try {
    if (resolveWith === 'state') {
      await requests.setState({ id: requestId, state: propose, reason }, signal);
      return outcome(`the request is ${propose}`);
    }
    const after = await requests.review({ id: requestId, propose, reason }, signal);
    return outcome(
      after.state === 'pending'
        ? `the review is given, and the request is still pending: its thresholds ask for more than one`
        : `the request is ${after.state}`,
    );
  } catch (error) {
    if (!(error instanceof TeleportError) || error.transient) throw error;
    // Teleport has one code for "may not", "has already" and "too late": only the request itself tells them apart.
    const settled = alreadyReviewed(await requests.find(requestId, signal), { ownUser, reason });
    if (settled === null) throw error;
    return settled;
  }
}

/**
 * What makes a review needless: our own stands, somebody else was first, or there is nothing left to review. Ours is known by
 * its author, and where the state was set instead, by its reason, which names the decision.
 */
function alreadyReviewed(
  request: AccessRequest | null,
  own: { readonly ownUser: string; readonly reason: string },
): Outcome | null {
  if (request === null) return notOurs('the request is gone');
  const { state, reviews, resolveReason } = request;
  if (reviews.some(({ author }) => author === own.ownUser) || resolveReason === own.reason) {
    return outcome(`the request is ${state}, reviewed before`);
  }
  return state === 'pending' ? null : notOurs(`the request was ${state} by somebody else`);
}

async function openPage(
  { again }: Errand,
  { service, incidentKey, title, details, urgency }: Effect & { key: 'page' },
  { directory, incidents }: Hands,
  ask: Ask,
): Promise<Outcome> {
  const existing = again ? await incidents.findByKey(incidentKey, ask) : null;
  if (existing !== null) return of(existing, 'the incident is open, opened before');
  const { id: serviceId, summary } = await directory.service(service, ask);
  const incident = await incidents.open({ key: incidentKey, serviceId, title, details, urgency }, ask);
  return of(incident, `the incident is open on service ${summary}`);
}

async function findLiveIncident(
  { services, assignee }: Effect & { key: 'find-live-incident' },
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

/** Notes have no key of their own in PagerDuty, so the decision id in the text is looked for. */
async function addNoteOnce(
  { again }: Errand,
  incidentId: string,
  { content, marker }: { readonly content: string; readonly marker: string },
  { incidents }: Hands,
  ask: Ask,
): Promise<Outcome> {
  const there = again ? await incidents.notes(incidentId, ask) : [];
  if (there.some((note) => note.content.includes(marker))) {
    return { summary: 'the note is there, written before', ours: true, incidentId, url: null };
  }
  await incidents.addNote(incidentId, content, ask);
  return { summary: 'the note is written', ours: true, incidentId, url: null };
}

async function closePage(key: string, { incidents }: Hands, ask: Ask): Promise<Outcome> {
  const incident = await incidents.findByKey(key, ask);
  if (incident === null) return notOurs('no incident was opened');
  if (incident.status === 'resolved')
    return { ...of(incident, 'the incident was resolved before'), ours: false };
  await incidents.resolve(incident.id, ask);
  return of(incident, 'the incident is resolved');
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
