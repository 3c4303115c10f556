import { z } from 'zod';
import { parseInstant, type Instant } from '../core/values/instant.ts';
import type { IncidentNews } from '../ports/webhooks.ts';
import { createHmac, timingSafeEqual } from 'node:crypto';

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

/** A secret of a webhook subscription, as it is now. */
export interface WebhookSecret {
  /** Throws when it cannot be read. */
  reveal(): string;
}

/** PagerDuty: one of these for each secret of the subscription, with commas in between; other versions are to be ignored. */
const V1 = /^v1=([0-9a-f]{64})$/u;
/** PagerDuty sends as many as there are secrets, two in a rotation; more are somebody trying. */
const MOST_SIGNATURES = 10;

/** The signatures in `X-PagerDuty-Signature` that can be checked. */
export function signaturesIn(header: string): readonly Buffer[] {
  return header
    .split(',')
    .slice(0, MOST_SIGNATURES)
    .flatMap((part) => {
      const [, hex] = V1.exec(part.trim()) ?? [];
      return hex === undefined ? [] : [Buffer.from(hex, 'hex')];
    });
}

/**
 * Whether one of the signatures was made with one of the secrets over exactly these bytes. It takes the same time whichever of
 * them fits. A secret that cannot be read is passed over as long as another one fits; else its error is thrown, since then
 * nobody can tell.
 */
export function isSigned(
  body: Buffer,
  signatures: readonly Buffer[],
  secrets: readonly WebhookSecret[],
): boolean {
  let fits = false;
  const unreadable: unknown[] = [];
  for (const secret of secrets) {
    try {
      const expected = createHmac('sha256', secret.reveal()).update(body).digest();
      for (const signature of signatures) fits = timingSafeEqual(signature, expected) || fits;
    } catch (error) {
      unreadable.push(error);
    }
  }
  if (!fits && unreadable.length > 0) throw unreadable[0];
  return fits;
}
