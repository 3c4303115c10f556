import type { Effect, Joined, Outcome } from '../../core/record/effect.ts';
import type { Cause } from '../../core/values/cause.ts';
import { PagerDutyError, type Ask } from '../../ports/pagerduty.ts';
import { causeOf } from '../cause-of.ts';
import {
  arrival,
  notOurs,
  ofIncident,
  requesterIn,
  type EffectAttempt,
  type EffectDependencies,
} from './effect-attempt.ts';
import { lookForBegun, type Looked } from './own-page.ts';

type Page = Effect & { readonly kind: 'page' };

/**
 * On the first of its services that takes it: where PagerDuty has no such service, or opens nothing there, nobody is paged by it. Where it
 * may be open already that is looked up.
 */
export async function openPage(
  attempt: EffectAttempt,
  page: Page,
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Outcome> {
  const looked = attempt.again ? await lookForBegun(attempt, page.incidentKey, dependencies, ask) : null;
  const why: string[] = [];
  const { service, instead = [] } = page;
  for (const desk of [service, ...instead]) {
    try {
      return await openOn(desk, looked, { attempt, page }, dependencies, ask);
    } catch (error) {
      if (!(error instanceof PagerDutyError) || error.transient || error.kind === 'unauthorised') throw error;
      if (instead.length === 0) throw error;
      why.push(`service \`${desk}\`: ${error.message}`);
    }
  }
  throw new PagerDutyError('refused', `none of the services takes the page: ${why.join('; ')}`);
}

/** Where an incident of others has its key it is opened under another. */
async function openOn(
  desk: string,
  before: Looked | null,
  { attempt, page }: { readonly attempt: EffectAttempt; readonly page: Page },
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Outcome> {
  let looked = before;
  for (;;) {
    if (looked?.own) return ofIncident(looked.own, 'the incident is open, opened before');
    const key = looked?.freeKey ?? page.incidentKey;
    try {
      return sayWhoseKey(
        await openUnder(key, attempt, { ...page, service: desk }, dependencies, ask),
        looked,
        attempt,
        dependencies,
      );
    } catch (error) {
      // PagerDuty: an open incident on the service has the key; or it refuses for another reason.
      if (!(error instanceof PagerDutyError) || error.status !== 400) throw error;
      looked = await lookForBegun(attempt, page.incidentKey, dependencies, ask);
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
export async function joinPage(
  { again, interruptedAt, listOnPage }: EffectAttempt,
  { incidentId, text }: Joined,
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Outcome> {
  if (interruptedAt !== null) await arrival(interruptedAt, dependencies, ask);
  const listed = await listOnPage({ incidentId, text, again }, ask);
  if (listed === 'gone') return notOurs('the page was resolved before the request was listed on it');
  if (listed === 'full') return notOurs('the page takes no more notes, so the request is not listed on it');
  return { summary: `the request is listed on the page, ${listed}`, ours: true, incidentId, url: null };
}

async function openUnder(
  key: string,
  { decided, heard }: EffectAttempt,
  { service, title, details, urgency }: Page,
  dependencies: EffectDependencies,
  ask: Ask,
): Promise<Outcome> {
  const { roster, incidents } = dependencies;
  const { id: serviceId, summary, status } = await roster.service(service, ask);
  if (status === 'disabled' || status === 'maintenance') {
    const problem = `PagerDuty's service ${summary} is in state ${status}, in which no incident is opened on it: end that, or name a further one in \`escalate.service\``;
    throw new PagerDutyError('refused', problem);
  }
  const { decisionId, request } = decided;
  const { requester, roles, accessExpires: endsAt } = request;
  const about = { requester, roles, decisionId, endsAt };
  const begunMs = performance.now();
  const tell = (silence: Cause | null): void => heard({ begunMs, endedMs: performance.now() }, silence);
  const incident = await incidents
    .open({ key, serviceId, title, details, about, ...(urgency === 'as_service' ? {} : { urgency }) }, ask)
    .catch((error: unknown) => {
      const { status, silence } = error instanceof PagerDutyError ? error : { status: null, silence: false };
      // What we did not send, or gave up, is neither silence nor an answer.
      if (silence || status !== null) tell(silence ? causeOf(error) : null);
      throw error;
    });
  tell(null);
  const others = incident.assignees.filter(({ id }) => id !== requesterIn(decided));
  const reaches = incident.assignees.length === 0 ? 'nobody' : 'requester';
  return {
    ...ofIncident(incident, `the incident is open on service ${summary}`),
    ...{ desk: service, ...(others.length > 0 ? {} : { reaches }) },
  };
}
