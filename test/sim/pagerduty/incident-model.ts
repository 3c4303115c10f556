import type { EscalationRule, Urgency } from './model.ts';

type IncidentStatus = 'triggered' | 'acknowledged' | 'resolved';

/** Who did something: a person, or a service (an integration, an automation, PagerDuty's own escalation). */
export interface Agent {
  readonly type: 'user' | 'service';
  readonly id: string;
}

export interface Assignment {
  readonly at: Date;
  readonly userId: string;
}

interface Acknowledgement {
  readonly at: Date;
  readonly acknowledger: Agent;
}

export interface Note {
  readonly id: string;
  readonly author: Agent;
  readonly content: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type ResponderState = 'pending' | 'joined' | 'declined' | 'user_cancelled';

export interface Responder {
  readonly userId: string;
  readonly requesterId: string;
  readonly message: string;
  readonly state: ResponderState;
  readonly requestedAt: Date;
}

export type LogEntryType =
  | 'trigger_log_entry'
  | 'assign_log_entry'
  | 'acknowledge_log_entry'
  | 'unacknowledge_log_entry'
  | 'escalate_log_entry'
  | 'delegate_log_entry'
  | 'resolve_log_entry'
  | 'reopen_log_entry'
  | 'field_value_change_log_entry'
  | 'annotate_log_entry'
  | 'responder_request_log_entry'
  | 'responder_reply_log_entry';

/** By which way something was done, and what came along, which is shown with `include[]=channels` alone. */
export interface Channel {
  readonly type: string;
  readonly summary: string;
  readonly details?: string | null;
}

export interface LogEntry {
  readonly id: string;
  readonly type: LogEntryType;
  readonly at: Date;
  readonly agent: Agent;
  readonly channel: Channel;
  readonly acknowledgementTimeoutSeconds: number | null;
  readonly assigneeIds: readonly string[];
  /** Of a request for help: whom it asks. */
  readonly responderIds?: readonly string[];
}

export interface Incident {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly details: string | null;
  readonly incidentKey: string;
  readonly serviceId: string;
  readonly escalationPolicyId: string;
  /** A copy taken when the incident entered the policy: later edits of the policy do not move open incidents. */
  readonly escalationRules: readonly EscalationRule[];
  readonly numLoops: number;
  readonly escalationLevel: number;
  readonly loopsDone: number;
  /** When PagerDuty goes to the next level by itself; null while acknowledged, resolved, or at the end. */
  readonly escalatesAt: Date | null;
  readonly acknowledgementEndsAt: Date | null;
  /** When PagerDuty resolves it by itself. */
  readonly resolvesAt: Date | null;
  readonly urgency: Urgency;
  readonly status: IncidentStatus;
  readonly assignedVia: 'escalation_policy' | 'direct_assignment';
  readonly assignments: readonly Assignment[];
  readonly acknowledgements: readonly Acknowledgement[];
  readonly responders: readonly Responder[];
  readonly notes: readonly Note[];
  /** By name; PagerDuty's own where absent. */
  readonly incidentType?: string;
  readonly customFields?: Readonly<Record<string, string | null>>;
  readonly logEntries: readonly LogEntry[];
  readonly alertCount: number;
  readonly resolution: string | null;
  /** The incident that it was merged into. */
  readonly mergedInto: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly resolvedAt: Date | null;
  readonly lastStatusChangeAt: Date;
  readonly lastStatusChangeBy: Agent;
}

export type IncidentEventType =
  | 'incident.triggered'
  | 'incident.acknowledged'
  | 'incident.unacknowledged'
  | 'incident.resolved'
  | 'incident.reopened'
  | 'incident.service_updated'
  | 'incident.annotated'
  | 'incident.escalated'
  | 'incident.delegated'
  | 'incident.reassigned'
  | 'incident.responder.added'
  | 'incident.responder.replied';

/** Something that happened to an incident, with the incident as it was right after. */
export interface IncidentEvent {
  readonly type: IncidentEventType;
  readonly occurredAt: Date;
  readonly agent: Agent;
  readonly incident: Incident;
  readonly note?: Note;
  readonly responder?: Responder;
}

export function isOpen(incident: Incident): boolean {
  return incident.status !== 'resolved';
}
