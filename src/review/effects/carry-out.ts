import { setTimeout as delay } from 'node:timers/promises';
import { lockNameOf } from '../../core/effects/access-end.ts';
import type { Effect, IncidentHandle, Joined, Outcome } from '../../core/record/effect.ts';
import type { Cause } from '../../core/values/cause.ts';
import { msBetween, SECOND, type Instant } from '../../core/values/instant.ts';
import { PagerDutyError, type Ask, type Incident, type Resolved } from '../../ports/pagerduty.ts';
import type { Dependencies, PolicyInForce } from '../dependencies.ts';
import { causeOf } from '../cause-of.ts';
import { notOurs, outcome, type EffectAttempt } from './effect-attempt.ts';
import { giveReview, giveOnBehalf } from './give-review.ts';
import { within } from '../deadline.ts';
import { escalateIncident } from './escalate-incident.ts';
import { lookForPage, type Looked } from './own-page.ts';
import { pageAssignee } from './page-assignee.ts';
import { isOwnPage } from '../facts/read-incidents.ts';

/** How long one effect may take; then it counts as failed and is tried again. */
const EFFECT_DEADLINE_MS = 15 * SECOND;

/** How long PagerDuty may take with a call whose sender is gone. */
const ARRIVES_WITHIN_MS = 5 * SECOND;

type EffectDependencies = Pick<
  Dependencies,
  | 'requests'
  | 'users'
  | 'locks'
  | 'directory'
  | 'roster'
  | 'addresses'
  | 'incidents'
  | 'clock'
  | 'resolving'
  | 'ownUser'
  | 'setting'
  | 'reporter'
  | 'ledger'
> &
  Pick<PolicyInForce, 'policy'>;

/**
 * Does one effect and says what came of it. Done twice it changes nothing the second time: what is already there is found and
 * counts as done. Throws the TeleportError or PagerDutyError of the call that failed.
 */
export function carryOut(
  attempt: EffectAttempt,
  dependencies: EffectDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  return within(EFFECT_DEADLINE_MS, signal, (deadline) => attemptEffect(attempt, dependencies, deadline));
}

async function attemptEffect(
  attempt: EffectAttempt,
  dependencies: EffectDependencies,
  deadline: AbortSignal,
): Promise<Outcome> {
  const { effect, requestId } = attempt;
  // Somebody waits for a page as for a decision; all else that PagerDuty is asked here may come later.
  const priority = effect.kind === 'page' || effect.kind === 'move-up' ? 'page' : 'follow-up';
  const { requester } = attempt.decided.request;
  const ask: Ask = { signal: deadline, priority, onWrite: attempt.ensureHeld, for: requester };
  switch (effect.kind) {
    case 'review':
      return giveReview(attempt, effect, dependencies, deadline);
    case 'vote':
      return giveOnBehalf(attempt, effect, dependencies, deadline);
    case 'page':
      return effect.joins === undefined
        ? openPage(attempt, effect, dependencies, ask)
        : joinPage(attempt, effect.joins, dependencies, ask);
    case 'find-live-incident':
      return findLiveIncident(effect, dependencies, ask);
    case 'note':
      return addNoteOnce(attempt, effect, dependencies, ask);
    case 'move-up': {
      const incident = await findIncident(attempt, effect.incident, dependencies, ask);
      return incident === null
        ? notOurs('no incident was opened')
        : escalateIncident(incident, dependencies, ask);
    }
    case 'close-page':
      // Asked after an end is recorded: of several that end at once, the last one finds nobody that waits.
      return effect.page !== undefined && (await dependencies.ledger.isWaitedOn(effect.page, requestId))
        ? notOurs('others who are asked about on this page wait still')
        : closePage(attempt, effect.incident, dependencies, ask);
    case 'lock': {
      const { message, expires } = effect;
      attempt.ensureHeld();
      await dependencies.locks.lockRequest(
        { name: lockNameOf(requestId), id: requestId, message, expires },
        deadline,
      );
      return outcome('the access is locked');
    }
  }
}

/** Where it may be open already that is looked up; where an incident of others has its key it is opened under another. */
async function openPage(
  attempt: EffectAttempt,
  page: Effect & { kind: 'page' },
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Outcome> {
  let looked = attempt.again ? await lookAgain(attempt, page.incidentKey, dependencies, ask) : null;
  for (;;) {
    if (looked?.own) return of(looked.own, 'the incident is open, opened before');
    const key = looked?.freeKey ?? page.incidentKey;
    try {
      return sayWhoseKey(
        await openUnder(key, attempt, page, dependencies, ask),
        looked,
        attempt,
        dependencies,
      );
    } catch (error) {
      // PagerDuty: an open incident on the service has the key; or it refuses for another reason.
      if (!(error instanceof PagerDutyError) || error.status !== 400) throw error;
      looked = await lookAgain(attempt, page.incidentKey, dependencies, ask);
      if (looked === null || (looked.own === null && looked.freeKey === key)) throw error;
    }
  }
}

function sayWhoseKey(
  opened: Outcome,
  looked: Looked | null,
  { requestId }: EffectAttempt,
  { reporter }: EffectDependencies,
): Outcome {
  const stranger = looked?.foreign[0];
  if (stranger === undefined) return opened;
  reporter.foreignIncident({ requestId, incidentId: stranger.id, url: stranger.htmlUrl });
  const why = `incident ${stranger.id}, which is not ours, has the key of this page`;
  return { ...opened, summary: `${opened.summary}, under another key: ${why}` };
}

/** On the page of another request, by a note. Where that was resolved meanwhile, people are asked elsewhere. */
async function joinPage(
  { again, interruptedAt, listOnPage }: EffectAttempt,
  { incidentId, text }: Joined,
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Outcome> {
  if (interruptedAt !== null) await arrival(interruptedAt, dependencies, ask);
  const listed = await listOnPage({ incidentId, text, again }, ask);
  if (listed === 'gone') return notOurs('the page was resolved before the request was listed on it');
  return { summary: `the request is listed on the page, ${listed}`, ours: true, incidentId, url: null };
}

async function openUnder(
  key: string,
  { decided, heard }: EffectAttempt,
  { service, title, details, urgency }: Effect & { kind: 'page' },
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Outcome> {
  const { roster, incidents } = dependencies;
  const { id: serviceId, summary } = await roster.service(service, ask);
  const assignee = await pageAssignee(decided, dependencies, ask);
  const begunMs = performance.now();
  const tell = (silence: Cause | null): void => heard({ begunMs, endedMs: performance.now() }, silence);
  const incident = await incidents
    .open({ key, serviceId, title, details, urgency, assignee }, ask)
    .catch((error: unknown) => {
      const { status, silence } = error instanceof PagerDutyError ? error : { status: null, silence: false };
      // What we did not send, or gave up, is neither silence nor an answer.
      if (silence || status !== null) tell(silence ? causeOf(error) : null);
      throw error;
    });
  tell(null);
  return of(incident, `the incident is open on service ${summary}`);
}

async function findLiveIncident(
  { services, assignee }: Effect & { kind: 'find-live-incident' },
  { incidents }: EffectDependencies,
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

/**
 * Notes have no key of their own in PagerDuty, so the marker in the text is looked for: once what a killed process may have sent has
 * arrived, since PagerDuty goes on with a call that nobody waits for any more.
 */
async function addNoteOnce(
  attempt: EffectAttempt,
  { content, marker, incident: handle }: Effect & { kind: 'note' },
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Outcome> {
  const incidentId =
    'id' in handle ? handle.id : ((await findIncident(attempt, handle, dependencies, ask))?.id ?? null);
  if (incidentId === null) return notOurs('no incident was opened');
  if (attempt.interruptedAt !== null) await arrival(attempt.interruptedAt, dependencies, ask);
  const there = attempt.again ? await dependencies.incidents.notes(incidentId, ask) : [];
  if (there.some((note) => note.content.includes(marker))) {
    return { summary: 'the note is there, written before', ours: true, incidentId, url: null };
  }
  await dependencies.incidents.addNote(incidentId, content, ask);
  return { summary: 'the note is written', ours: true, incidentId, url: null };
}

/** Until what was sent at this time has arrived; no time at all where a clock was moved since. */
async function arrival(sentAt: Instant, { clock }: EffectDependencies, { signal }: Ask): Promise<void> {
  const ageMs = Math.abs(msBetween(sentAt, clock.now()));
  await delay(Math.max(0, ARRIVES_WITHIN_MS - ageMs), undefined, { signal });
}

async function closePage(
  attempt: EffectAttempt,
  handle: IncidentHandle,
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Outcome> {
  const resolved = await resolve(attempt, handle, dependencies, ask);
  if (resolved === null) return notOurs('no incident was opened');
  const { incident, before } = resolved;
  return before
    ? { ...of(incident, 'the incident was resolved before'), ours: false }
    : of(incident, 'the incident is resolved');
}

async function resolve(
  attempt: EffectAttempt,
  handle: IncidentHandle,
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Resolved | null> {
  if ('id' in handle) return dependencies.incidents.resolve(handle.id, ask);
  const incident = await findIncident(attempt, handle, dependencies, ask);
  if (incident?.status === 'resolved') return { incident, before: true };
  return incident && dependencies.incidents.resolve(incident.id, ask);
}

async function findIncident(
  attempt: EffectAttempt,
  handle: IncidentHandle,
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Incident | null> {
  if ('id' in handle) return dependencies.incidents.find(handle.id, ask);
  return (await lookAgain(attempt, handle.incidentKey, dependencies, ask))?.own ?? null;
}

/** Null for a page that was never begun. */
async function lookAgain(
  { pages }: EffectAttempt,
  key: string,
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Looked | null> {
  const begun = pages.find(({ page }) => page.incidentKey === key);
  return begun === undefined ? null : await lookForPage(begun, dependencies, ask);
}

function of(incident: Incident, summary: string): Outcome {
  return { summary, ours: true, incidentId: incident.id, url: incident.htmlUrl };
}
