import type { Account } from './account.ts';
import type { Incident, LogEntry, Note, Responder } from './incident-model.ts';
import { isoUtc } from './iso-time.ts';
import {
  agentReference,
  escalationPolicyReference,
  incidentReference,
  logEntryReference,
  noteAuthorReference,
  serviceReference,
  userReference,
} from './references.ts';
import { renderEscalationPolicy, renderService, renderUserIn, type Includes } from './render-config.ts';

export function renderIncident(account: Account, incident: Incident, includes: Includes): unknown {
  const first = incident.logEntries[0];
  const policy = account.escalationPolicies.require(incident.escalationPolicyId);
  return {
    ...incidentReference(account, incident),
    type: 'incident',
    incident_number: incident.number,
    title: incident.title,
    description: incident.title,
    body: incident.details === null ? null : { type: 'incident_body', details: incident.details },
    created_at: isoUtc(incident.createdAt),
    updated_at: isoUtc(incident.updatedAt),
    status: incident.status,
    incident_key: incident.incidentKey,
    service: includes.has('services')
      ? renderService(account, account.services.require(incident.serviceId), new Set())
      : serviceReference(account, incident.serviceId),
    assignments: incident.assignments.map(({ at, userId }) => ({
      at: isoUtc(at),
      assignee: renderUserIn(account, userId, includes.has('assignees') || includes.has('users')),
    })),
    assigned_via: incident.assignedVia,
    last_status_change_at: isoUtc(incident.lastStatusChangeAt),
    last_status_change_by: agentReference(account, incident.lastStatusChangeBy),
    resolved_at: incident.resolvedAt === null ? null : isoUtc(incident.resolvedAt),
    first_trigger_log_entry:
      first === undefined
        ? null
        : includes.has('first_trigger_log_entries')
          ? renderLogEntry(account, incident, first, new Set())
          : logEntryReference(account, first),
    alert_counts: {
      all: incident.alertCount,
      triggered: incident.status === 'resolved' ? 0 : incident.alertCount,
      resolved: incident.status === 'resolved' ? incident.alertCount : 0,
    },
    is_mergeable: incident.status !== 'resolved',
    escalation_policy: includes.has('escalation_policies')
      ? renderEscalationPolicy(account, policy, new Set())
      : escalationPolicyReference(account, policy.id),
    teams: [],
    pending_actions: pendingActions(incident),
    acknowledgements: renderAcknowledgements(account, incident, includes),
    alert_grouping: null,
    priority: null,
    incident_type: { name: incident.incidentType ?? 'incident_default' },
    // PagerDuty: plans without responder requests do not have these fields at all.
    ...(account.abilities.has('coordinated_responding')
      ? {
          incidents_responders: incident.responders.map((responder) =>
            renderResponder(account, incident, responder),
          ),
          responder_requests: incident.responders.map((responder) =>
            renderResponderRequest(account, incident, [responder]),
          ),
        }
      : {}),
    urgency: incident.urgency,
    resolve_reason:
      incident.mergedInto === null
        ? null
        : {
            type: 'merge_resolve_reason',
            incident: incidentReference(account, account.incidents.require(incident.mergedInto)),
          },
    conference_bridge: null,
  };
}

export function renderNote(account: Account, note: Note): unknown {
  return {
    id: note.id,
    user: noteAuthorReference(account, note.author),
    channel: { summary: 'The PagerDuty website or APIs' },
    content: note.content,
    created_at: isoUtc(note.createdAt),
    updated_at: isoUtc(note.updatedAt),
  };
}

export function renderLogEntry(
  account: Account,
  incident: Incident,
  entry: LogEntry,
  includes: Includes,
): unknown {
  return {
    ...logEntryReference(account, entry),
    type: entry.type,
    created_at: isoUtc(entry.at),
    agent: agentReference(account, entry.agent),
    channel: includes.has('channels') ? renderChannel(entry) : { type: entry.channel.type },
    service: includes.has('services')
      ? renderService(account, account.services.require(incident.serviceId), new Set())
      : serviceReference(account, incident.serviceId),
    incident: includes.has('incidents')
      ? renderIncident(account, incident, new Set())
      : incidentReference(account, incident),
    teams: [],
    contexts: [],
    event_details: entry.type === 'trigger_log_entry' ? { description: entry.channel.summary } : {},
    ...(entry.type === 'acknowledge_log_entry'
      ? { acknowledgement_timeout: entry.acknowledgementTimeoutSeconds }
      : {}),
    ...(entry.assigneeIds.length === 0
      ? {}
      : { assignees: entry.assigneeIds.map((id) => userReference(account, id)) }),
    ...(entry.responderIds === undefined
      ? {}
      : { responders: entry.responderIds.map((id) => userReference(account, id)) }),
  };
}

/** Of a trigger what was sent, of a note its text. */
function renderChannel({ type, channel }: LogEntry): unknown {
  const { details, ...named } = channel;
  if (type === 'trigger_log_entry') return { ...named, subject: channel.summary, details: details ?? null };
  return type === 'annotate_log_entry' ? { ...named, content: channel.summary } : named;
}

function renderResponderRequest(
  account: Account,
  incident: Incident,
  responders: readonly Responder[],
): unknown {
  const [first] = responders;
  return {
    incident: incidentReference(account, incident),
    requester: first === undefined ? null : userReference(account, first.requesterId),
    requested_at: first === undefined ? null : isoUtc(first.requestedAt),
    message: first?.message ?? null,
    responder_request_targets: responders.map((responder) => ({
      responder_request_target: {
        ...userReference(account, responder.userId),
        incidents_responders: [renderResponder(account, incident, responder)],
      },
    })),
  };
}

function renderResponder(account: Account, incident: Incident, responder: Responder): unknown {
  return {
    state: responder.state,
    user: userReference(account, responder.userId),
    incident: incidentReference(account, incident),
    updated_at: isoUtc(responder.requestedAt),
    message: responder.message,
    requester: userReference(account, responder.requesterId),
    requested_at: isoUtc(responder.requestedAt),
  };
}

/** PagerDuty's own example shows null here, so an incident that is over has null and an open one a list. */
function renderAcknowledgements(account: Account, incident: Incident, includes: Includes): unknown {
  if (incident.status === 'resolved') return null;
  return incident.acknowledgements.map(({ at, acknowledger }) => ({
    at: isoUtc(at),
    acknowledger:
      acknowledger.type === 'user'
        ? renderUserIn(account, acknowledger.id, includes.has('acknowledgers') || includes.has('users'))
        : agentReference(account, acknowledger),
  }));
}

function pendingActions(incident: Incident): readonly unknown[] {
  return [
    ...(incident.escalatesAt === null ? [] : [{ type: 'escalate', at: isoUtc(incident.escalatesAt) }]),
    ...(incident.acknowledgementEndsAt === null
      ? []
      : [{ type: 'unacknowledge', at: isoUtc(incident.acknowledgementEndsAt) }]),
    ...(incident.resolvesAt === null ? [] : [{ type: 'resolve', at: isoUtc(incident.resolvesAt) }]),
  ];
}
