import { z } from 'zod';
import { parseInstant, type Instant } from '../core/values/instant.ts';
import type { IncidentNews } from '../ports/webhooks.ts';

/** One webhook v3, as far as it is understood here. */
export interface WebhookEvent {
  /** The same in every repetition. Unlike the header X-Webhook-Id it is signed. */
  readonly id: string;
  readonly type: string;
  readonly occurredAt: Instant;
  /** Null for events that are not about an incident. */
  readonly news: IncidentNews | null;
}

const name = z.string().min(1).max(255);
const lenient = <T extends z.ZodType>(schema: T) => schema.nullish().catch(null);

/** PagerDuty adds fields and events as it likes: only what is used here must be there. */
const Envelope = z.object({
  event: z.object({
    id: name,
    event_type: name,
    occurred_at: z.string(),
    data: lenient(
      z.object({
        type: lenient(z.string()),
        id: lenient(name),
        incident_key: lenient(z.string()),
        incident: lenient(z.object({ id: name })),
      }),
    ),
  }),
});

/** Reads the body of a webhook; null for what is none. */
export function webhookEventIn(body: Buffer): WebhookEvent | null {
  const { data } = Envelope.safeParse(jsonIn(body));
  const occurredAt = data === undefined ? null : parseInstant(data.event.occurred_at);
  if (data === undefined || occurredAt === null) return null;
  const { id, event_type: type, data: subject } = data.event;
  // PagerDuty: events about an incident carry it as their data; those about its notes and responders refer to it.
  const isIncident = subject?.type === 'incident';
  const incidentId = (isIncident ? subject.id : subject?.incident?.id) ?? null;
  const incidentKey = isIncident ? (subject.incident_key ?? null) : null;
  return {
    id,
    type,
    occurredAt,
    news: incidentId === null ? null : { eventType: type, incidentId, incidentKey },
  };
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
