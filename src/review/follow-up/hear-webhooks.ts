import type { RequestId } from '../../core/access-request.ts';
import { SECOND, type Instant } from '../../core/values/instant.ts';
import { INCIDENT_KEY_PREFIX } from '../../core/effects/incident-keys.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Incidents } from '../../ports/pagerduty.ts';
import type { Reporter } from '../../ports/reporter.ts';
import { TELLING_EVENTS, type IncidentNews } from '../../ports/webhooks.ts';
import { remember } from '../../core/values/remember.ts';
import { within } from '../deadline.ts';
import { messageOf } from '../../core/values/cause.ts';

export interface WebhookHearing {
  /** Looks at the request that the news is about, if any. Never throws: what is missed here is heard by polling. */
  hear(news: IncidentNews): Promise<void>;
  /** Whether one came at this time or later. */
  cameSince(since: Instant): boolean;
}

export interface WebhookHearingOptions {
  readonly incidents: Pick<Incidents, 'find'>;
  readonly reporter: Pick<Reporter, 'webhookHeard' | 'webhookFailed'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Looks at the request again, now. Throws TeleportError. */
  readonly lookAgain: (requestId: RequestId) => Promise<void>;
}

const TELLING: ReadonlySet<string> = new Set(TELLING_EVENTS);
const KNOWN_INCIDENTS = 5_000;
const LOOK_UP_DEADLINE_MS = 10 * SECOND;

/**
 * From what a webhook says only the incident is taken: what was answered, and by whom, is read from PagerDuty as if nobody had
 * told, so that a forged or repeated webhook can bring nothing about but a look.
 */
export function createWebhookHearing(options: WebhookHearingOptions): WebhookHearing {
  const { incidents, reporter, clock, signal, lookAgain } = options;
  /** Incident → its request; null for incidents that are no pages of ours. An incident's key never changes. */
  const known = new Map<string, RequestId | null>();
  let lastHeard: Instant | null = null;

  function learn(incidentId: string, requestId: RequestId | null): RequestId | null {
    remember(known, incidentId, requestId, KNOWN_INCIDENTS);
    return requestId;
  }

  /** Notes come without the incident's key: it is known from an earlier event, or looked up once. */
  async function requestOf({ incidentId, incidentKey }: IncidentNews): Promise<RequestId | null> {
    if (incidentKey !== null) return learn(incidentId, requestIdIn(incidentKey));
    const requestId = known.get(incidentId);
    if (requestId !== undefined) return requestId;
    const incident = await within(LOOK_UP_DEADLINE_MS, signal, (deadline) =>
      incidents.find(incidentId, { signal: deadline, priority: 'follow-up' }),
    );
    return learn(incidentId, requestIdIn(incident?.incidentKey ?? ''));
  }

  return {
    async hear(news) {
      lastHeard = clock.now();
      const { incidentId, eventType } = news;
      try {
        if (!TELLING.has(eventType) && news.incidentKey === null) return;
        const requestId = await requestOf(news);
        if (!TELLING.has(eventType)) return;
        reporter.webhookHeard({ incidentId, eventType, requestId });
        if (requestId !== null) await lookAgain(requestId);
      } catch (error) {
        if (signal.aborted) return;
        const cause = messageOf(error);
        reporter.webhookFailed({ incidentId, eventType, cause });
      }
    },
    cameSince: (since) => lastHeard !== null && lastHeard >= since,
  };
}

/** The request that a page's incident key names, whichever of its pages it is; null for keys of others. */
function requestIdIn(incidentKey: string): RequestId | null {
  if (!incidentKey.startsWith(INCIDENT_KEY_PREFIX)) return null;
  const [requestId = ''] = incidentKey.slice(INCIDENT_KEY_PREFIX.length).split('/');
  return requestId === '' ? null : requestId;
}
