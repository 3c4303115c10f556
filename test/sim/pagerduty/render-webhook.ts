import { createHmac, randomUUID } from 'node:crypto';
import type { Account } from './account.ts';
import type { IncidentEvent } from './incident-model.ts';
import {
  agentReference,
  escalationPolicyReference,
  incidentReference,
  serviceReference,
  userReference,
} from './references.ts';
import { isoUtc } from './iso-time.ts';

/** PagerDuty guarantees delivery up to this size and leaves out details above it. */
const GUARANTEED_BYTES = 55 * 1024;
const TRIMMED_CONTENT_CHARACTERS = 10_000;

/** The body of one webhook v3 request. Its shapes differ from the REST ones: `number`, flat `assignees`. */
export function renderWebhook(account: Account, event: IncidentEvent): string {
  const text = render(account, event, false);
  return Buffer.byteLength(text) > GUARANTEED_BYTES ? render(account, event, true) : text;
}

/** The body of the test event that PagerDuty sends when somebody asks for one. */
export function renderPing(account: Account): string {
  return JSON.stringify({
    event: {
      id: randomUUID(),
      event_type: 'pagey.ping',
      resource_type: 'pagey',
      occurred_at: account.clock.now().toISOString(),
      agent: null,
      client: null,
      data: { type: 'ping', message: 'Hello from your friend Pagey!' },
    },
  });
}

/**
 * The value of X-PagerDuty-Signature: one `v1=` per secret, over the raw body. PagerDuty signs no timestamp.
 */
export function signWebhook(body: string, secrets: readonly string[]): string {
  return secrets.map((secret) => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`).join(',');
}

function render(account: Account, event: IncidentEvent, isTrimmed: boolean): string {
  return JSON.stringify({
    event: {
      id: randomUUID(),
      event_type: event.type,
      resource_type: 'incident',
      occurred_at: event.occurredAt.toISOString(),
      agent: agentReference(account, event.agent),
      client: null,
      data: renderData(account, event, isTrimmed),
    },
  });
}

function renderData(account: Account, event: IncidentEvent, isTrimmed: boolean): unknown {
  const { incident, note, responder } = event;
  if (note !== undefined) {
    return {
      id: note.id,
      type: 'incident_note',
      incident: incidentReference(account, incident),
      content: isTrimmed ? note.content.slice(0, TRIMMED_CONTENT_CHARACTERS) : note.content,
      trimmed: isTrimmed,
    };
  }
  if (responder !== undefined) {
    return {
      type: 'incident_responder',
      incident: incidentReference(account, incident),
      user: userReference(account, responder.userId),
      escalation_policy: escalationPolicyReference(account, incident.escalationPolicyId),
      message: responder.message,
      state: responder.state,
    };
  }
  return {
    ...incidentReference(account, incident),
    type: 'incident',
    number: incident.number,
    title: incident.title,
    status: incident.status,
    incident_key: incident.incidentKey,
    created_at: isoUtc(incident.createdAt),
    service: serviceReference(account, incident.serviceId),
    assignees: incident.assignments.map(({ userId }) => userReference(account, userId)),
    escalation_policy: escalationPolicyReference(account, incident.escalationPolicyId),
    teams: [],
    priority: null,
    urgency: incident.urgency,
    conference_bridge: null,
    resolve_reason: null,
  };
}
