import { z } from 'zod';
import { instantOf } from '../core/values/instant.ts';
import type { Reference } from '../core/on-call.ts';
import type { Actor } from '../ports/pagerduty.ts';

/**
 * The parts of PagerDuty's REST v2 objects that are read here, by PagerDuty's names. Fields that PagerDuty adds are
 * ignored; fields that it documents as always present may not be missing. Optional ones may be null or absent.
 */

/** ISO 8601 with an offset: without one it would be read in this machine's zone. Kept as PagerDuty wrote it. */
const Time = z.iso.datetime({ offset: true });

/** The same, as an instant. */
const TimeAsInstant = Time.transform((text) => instantOf(Date.parse(text)));

export const Id = z.string().min(1);

/** A reference, or (with `include[]`) the object itself. Undocumented: one to a deleted object has `deleted_at`. */
export const ReferenceObject = z.object({
  id: Id,
  type: z.string(),
  summary: z.string().nullish(),
  deleted_at: z.string().nullish(),
});
export type ReferenceObject = z.infer<typeof ReferenceObject>;

export const User = z.object({
  id: Id,
  name: z.string(),
  email: z.string(),
  deleted_at: z.string().nullish(),
});

/** What has a name to be looked up by. */
export const Named = z.object({ id: Id, name: z.string(), deleted_at: z.string().nullish() });
export type Named = z.infer<typeof Named>;

/** A schedule of either kind, listed or whole. v3 schedules are listed as references, which have their name as `summary`. */
export const Schedule = z
  .object({
    ...ReferenceObject.shape,
    name: z.string().nullish(),
    escalation_policies: z.array(ReferenceObject).nullish(),
  })
  .transform(({ name, summary, escalation_policies, ...rest }) => ({
    ...rest,
    name: name ?? summary ?? '',
    /** Null where the answer does not say. */
    attached:
      escalation_policies === null || escalation_policies === undefined
        ? null
        : escalation_policies.length > 0,
  }));
export type Schedule = z.infer<typeof Schedule>;

/** A layer-based schedule's entries; `end` may be null for a shift without end. */
export const FinalSchedule = z.object({
  final_schedule: z.object({
    rendered_schedule_entries: z.array(
      z.object({ start: Time, end: Time.nullable(), user: ReferenceObject.nullable() }),
    ),
  }),
});

/** A shift-based schedule's entries; gaps have an `empty_member`. */
export const ComputedShifts = z.object({
  final_schedule: z.object({
    computed_shift_assignments: z.array(
      z.object({
        start_time: Time.nullable(),
        end_time: Time.nullable(),
        member: z.object({ type: z.string(), user_id: Id.nullish() }),
      }),
    ),
  }),
});

export const Service = z.object({ ...Named.shape, status: z.string(), escalation_policy: ReferenceObject });
export type Service = z.infer<typeof Service>;

/**
 * A custom field on a service: `value` is null where it has none, a list where the field takes several. PagerDuty gives every field of the
 * account, whether it has a value or not.
 */
export const ServiceFieldValue = z.object({ name: z.string(), value: z.unknown() });

/** PagerDuty's own schema hides that schedule, start and end are null for a direct target of the policy. */
export const OnCall = z.object({
  user: z.object({ ...ReferenceObject.shape, name: z.string().nullish(), email: z.string().nullish() }),
  escalation_policy: z.object({ ...ReferenceObject.shape, services: z.array(ReferenceObject).nullish() }),
  escalation_level: z.int().min(1),
  schedule: ReferenceObject.nullable(),
  start: Time.nullable(),
  end: Time.nullable(),
});
export type OnCall = z.infer<typeof OnCall>;

export const Incident = z.object({
  id: Id,
  incident_key: z.string().nullish(),
  title: z.string().nullish(),
  summary: z.string().nullish(),
  status: z.enum(['triggered', 'acknowledged', 'resolved']),
  urgency: z.enum(['high', 'low']),
  service: ReferenceObject,
  escalation_policy: ReferenceObject,
  assignments: z.array(z.object({ assignee: ReferenceObject })).nullish(),
  assigned_via: z.string().nullish(),
  acknowledgements: z.array(z.object({ at: TimeAsInstant, acknowledger: ReferenceObject })).nullish(),
  /** Absent on plans without responder requests. */
  incidents_responders: z
    .array(z.object({ state: z.string(), user: ReferenceObject, requester: ReferenceObject.nullish() }))
    .nullish(),
  created_at: TimeAsInstant,
  html_url: z.string().nullish(),
  /** How many alerts it has had; none where a person or a program opened it. */
  alert_counts: z.object({ all: z.int() }).nullish(),
  /** With its agent where it is asked for; else a reference. */
  first_trigger_log_entry: z.object({ id: Id, agent: ReferenceObject.nullish() }).nullish(),
  last_status_change_at: TimeAsInstant.nullish(),
  last_status_change_by: ReferenceObject.nullish(),
  /** Of one that was merged: `merge_resolve_reason` with the incident that it went into. */
  resolve_reason: z.object({ type: z.string(), incident: ReferenceObject.nullish() }).nullish(),
});
export type Incident = z.infer<typeof Incident>;

export const OneIncident = z.object({ incident: Incident });

export const IncidentNote = z.object({
  id: Id,
  content: z.string().nullish(),
  user: ReferenceObject.nullish(),
  created_at: TimeAsInstant,
  updated_at: TimeAsInstant.nullish(),
});
export type IncidentNote = z.infer<typeof IncidentNote>;

/** The first entry of an incident's log, with its channel. `details` is text where it was opened by REST, and anything else else. */
export const OpeningEntry = z.object({
  id: Id,
  type: z.string(),
  agent: ReferenceObject.nullish(),
  channel: z.object({ subject: z.string().nullish(), details: z.unknown() }).nullish(),
});

/** What happened to an incident; of the many types only a few are told apart here. */
export const LogEntry = z.object({
  id: Id,
  type: z.string(),
  created_at: TimeAsInstant,
  agent: ReferenceObject.nullish(),
  /** Of a request for help: whom it asks. Seen in answers, absent from PagerDuty's schema, and so of no certain shape. */
  responders: z.unknown().optional(),
});
export type LogEntry = z.infer<typeof LogEntry>;

/** PagerDuty's reference → ours; the id stands in for a display name that PagerDuty left out. */
export function referenceOf({ id, summary }: ReferenceObject): Reference {
  return { id, summary: summary ?? id };
}

export function actorOf(reference: ReferenceObject): Actor {
  return { ...referenceOf(reference), type: reference.type };
}

/** Whom PagerDuty does not name is nobody, and so no person. */
export function actorOrNobody(reference: ReferenceObject | null | undefined): Actor {
  return reference ? actorOf(reference) : { id: '', summary: 'nobody', type: 'unknown' };
}

/** A deleted user stays in policies and schedules as a stub until somebody replaces it. */
export function isDeleted({ deleted_at }: { readonly deleted_at?: string | null | undefined }): boolean {
  return typeof deleted_at === 'string';
}
