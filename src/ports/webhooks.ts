/** What became of something that was sent to the webhook route. Only `accepted`, `ignored`, `duplicate` and `ping` are PagerDuty's own. */
export type WebhookOutcome =
  /** About an incident: looked into. */
  | 'accepted'
  /** About something else. */
  | 'ignored'
  | 'duplicate'
  /** PagerDuty's test, sent when somebody presses the button for it. */
  | 'ping'
  | 'unsigned'
  | 'forged'
  | 'oversized'
  | 'malformed'
  /** Signed, but older than PagerDuty keeps trying: a replay. */
  | 'late'
  /** Signed, but from the future. */
  | 'early'
  /** Too many from one source. */
  | 'limited'
  /** By a fault of ours; PagerDuty sends it again. */
  | 'failed';

/** What a webhook tells of an incident. It is a hint where to look, never evidence. */
export interface IncidentNews {
  /** PagerDuty's name of the event, for instance `incident.annotated`. */
  readonly eventType: string;
  readonly incidentId: string;
  /** Null where the event only refers to the incident, as those of notes do. */
  readonly incidentKey: string | null;
}

/** Events after which an answer may be there, or a page may need another look; all others only tell that there is an incident. */
export const TELLING_EVENTS = [
  'incident.annotated',
  'incident.acknowledged',
  'incident.unacknowledged',
  'incident.resolved',
  'incident.reopened',
] as const;
