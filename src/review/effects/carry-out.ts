import { lockNameOf } from '../../core/effects/access-end.ts';
import type { Effect, IncidentHandle, Outcome } from '../../core/record/effect.ts';
import { SECOND } from '../../core/values/instant.ts';
import type { Ask, Incident, Resolved, Incidents, OnCallDirectory } from '../../ports/pagerduty.ts';
import { within } from '../deadline.ts';
import { isOwnPage } from '../facts/read-incidents.ts';
import {
  arrival,
  notOurs,
  ofIncident,
  outcome,
  requesterIn,
  type EffectAttempt,
  type EffectDependencies,
} from './effect-attempt.ts';
import { giveOnBehalf, giveReview } from './give-review.ts';
import { joinPage, openPage } from './open-page.ts';
import { asPage, lookForBegun } from './own-page.ts';
import type { OnCallRow } from '../../core/on-call.ts';

/** How long one effect may take; then it counts as failed and is tried again. */
const EFFECT_DEADLINE_MS = 15 * SECOND;

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
    case 'finding':
      return openPage(attempt, asPage(effect), dependencies, ask);
    case 'find-live-incident':
      return findLiveIncident(effect, dependencies, ask);
    case 'note':
      return addNoteOnce(attempt, effect, dependencies, ask);
    case 'move-up': {
      const incident = await findIncident(attempt, effect.incident, dependencies, ask);
      return incident === null
        ? notOurs('no incident was opened')
        : escalateIncident(
            incident,
            { ...effect, requester: requesterIn(attempt.decided) },
            dependencies,
            ask,
          );
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
    case 'unlock': {
      attempt.ensureHeld();
      const { message, expires } = effect;
      const lock = { name: lockNameOf(requestId), id: requestId, message, expires };
      return (await dependencies.locks.lift(lock, deadline))
        ? outcome('the lock is lifted')
        : notOurs('somebody has changed the lock, and it stays');
    }
  }
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
  return found === undefined ? notOurs('no live incident') : ofIncident(found, 'live incident found');
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
    ? { ...ofIncident(incident, 'the incident was resolved before'), ours: false }
    : ofIncident(incident, 'the incident is resolved');
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
  return (await lookForBegun(attempt, handle.incidentKey, dependencies, ask))?.own ?? null;
}

interface EscalateDependencies {
  readonly directory: Pick<OnCallDirectory, 'onCallsUnder'>;
  readonly incidents: Pick<Incidents, 'moveTo' | 'raise'>;
}

interface HowToEscalate {
  /** Whoever has it is not waited for: with nobody above, the first level is asked again. */
  readonly anew?: boolean;
  /** Who is not to be asked; null where that is not known. */
  readonly requester: string | null;
}

/**
 * Pages the next escalation level of the incident's policy that has somebody on call beside the requester. PagerDuty does not say at
 * which level an incident is: it is that of whoever has it now, and of who is on call at several levels the first, so that none is
 * left out. What is of low urgency is raised first, since PagerDuty moves it nowhere.
 */
export async function escalateIncident(
  incident: Incident,
  { anew = false, requester }: HowToEscalate,
  { directory, incidents }: EscalateDependencies,
  ask: Ask,
): Promise<Outcome> {
  const about = { ours: false, incidentId: incident.id, url: incident.htmlUrl };
  if (incident.status === 'resolved') return { summary: 'the incident was resolved before', ...about };
  const { rows } = await directory.onCallsUnder([incident.escalationPolicy.id], null, ask);
  const levels = rows.filter(({ user }) => user.id !== requester).map((row) => row.escalation_level);
  if (anew && levels.length === 0)
    return { summary: 'nobody else is on call under its policy', ...about, reaches: 'nobody' };
  // Of who is not on call under the policy at all: the incident was given to them by hand, or their shift is over.
  const outside = anew ? 0 : 1;
  const reached = Math.max(outside, ...incident.assignees.map(({ id }) => firstLevelOf(id, rows) ?? outside));
  const above = levels.filter((level) => level > reached);
  if (above.length === 0 && !anew) return { summary: 'the page is at the top of its policy', ...about };
  const next = Math.min(...(above.length === 0 ? levels : above));
  if (incident.urgency === 'low') await incidents.raise(incident.id, ask);
  await incidents.moveTo(incident.id, next, ask);
  return { ...about, summary: `level ${next} is paged`, ours: true };
}

function firstLevelOf(userId: string, rows: readonly OnCallRow[]): number | null {
  const levels = rows.filter(({ user }) => user.id === userId).map((row) => row.escalation_level);
  return levels.length === 0 ? null : Math.min(...levels);
}
