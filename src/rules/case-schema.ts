import { z } from 'zod';
import { duration } from '../config/written-values.ts';
import type { ConditionName, ReasonCode, Verdict } from '../core/decision.ts';
import { RESOURCE_FORM, writtenResource } from '../core/resources/written-resource.ts';
import { parseInstant } from '../core/values/instant.ts';

const text = z.string().trim().min(1, 'must not be empty');

const VERDICTS = { approve: true, escalate: true, deny: true, abstain: true } satisfies Record<Verdict, true>;

const REASON_CODES = {
  'all-conditions-met': true,
  'condition-not-met': true,
  'condition-unknown': true,
  'role-not-covered': true,
  'resource-not-covered': true,
  'break-glass': true,
  'no-rule': true,
  'shadow-only': true,
  'not-pending': true,
  'dry-run': true,
  'long-term-request': true,
  'request-kind-unknown': true,
  'no-roles': true,
  'review-refused': true,
} satisfies Record<ReasonCode, true>;

const CONDITIONS = {
  applies: true,
  'on-call': true,
  responder: true,
  'reason-given': true,
  'starts-now': true,
  'max-duration': true,
  'open-incident': true,
  emergency: true,
} satisfies Record<ConditionName, true>;

const Verdicts = z.enum(keysOf(VERDICTS));

const instant = z.string().transform((written, context) => {
  const parsed = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/u.test(written) ? parseInstant(written) : null;
  if (parsed !== null) return parsed;
  context.addIssue({ code: 'custom', message: 'must be a moment with an offset, like 2026-03-03T02:14:07Z' });
  return z.NEVER;
});

/** How far from the time of the case, in milliseconds, or an instant of its own. */
const moment = z.string().transform((written, context) => {
  const [, sign, length = ''] = /^([+-]?)(\d.*)$/u.exec(written) ?? [];
  const parsed = duration.safeParse(length);
  if (parsed.success) return sign === '-' ? -parsed.data : parsed.data;
  const absolute = instant.safeParse(written);
  if (absolute.success) return absolute.data;
  context.addIssue({
    code: 'custom',
    message:
      'must be so far from the time of the case, like -2d or +8h, or a moment like 2026-03-03T02:14:07Z',
  });
  return z.NEVER;
});
export type Moment = z.output<typeof moment>;

const Request = z.strictObject({
  user: text.optional(),
  roles: z.array(text).optional(),
  reason: z.string().optional(),
  /** How long the access would last. */
  duration: duration.optional(),
  /** As Teleport writes them, or `kind/name` in the root cluster. */
  resources: z
    .array(text.refine((written) => writtenResource(written, '') !== null, `must be ${RESOURCE_FORM}`))
    .optional(),
  annotations: z.record(text, z.array(text)).optional(),
  /** A later start of the access. */
  starts: moment.optional(),
  dry_run: z.boolean().optional(),
});

const TeleportUser = z.strictObject({
  roles: z.array(text).default([]),
  traits: z.record(text, z.array(text)).default({}),
  /** False for a local user. */
  sso: z.boolean().default(true),
});

const Service = z.strictObject({
  escalation_policy: text,
  status: z.enum(['active', 'warning', 'critical', 'maintenance', 'disabled']).default('active'),
  /** Since when the service itself has seen it with this policy; long enough unless told. */
  policy_seen: moment.optional(),
  /** Custom fields; and since when the service itself has seen them, long enough unless told. */
  custom_fields: z.record(text, z.string()).default({}),
  fields_seen: moment.optional(),
});

const Team = z.strictObject({
  /** Its escalation policies, and by them its services. */
  escalation_policies: z.array(text),
  /** Since when the service itself has seen them in the team; long enough unless told. */
  seen: moment.optional(),
});

/** A row of PagerDuty's on-call list; people, policies and schedules by name. Without a schedule it is permanent. */
const OnCall = z.strictObject({
  user: text,
  /** Absent for a schedule that no policy uses. */
  escalation_policy: text.optional(),
  level: z.int().min(1).default(1),
  schedule: text.optional(),
  start: moment.optional(),
  end: moment.optional(),
});
export type OnCallGiven = z.output<typeof OnCall>;

const Incident = z.strictObject({
  title: text.default('checkout fails'),
  service: text,
  urgency: z.enum(['high', 'low']).default('high'),
  assigned: z.array(text).default([]),
  acknowledged: z.array(text).default([]),
  /** Monitoring unless told. */
  opened_by: text.optional(),
  /** An hour ago unless told. */
  opened: moment.optional(),
  responders: z
    .array(
      z.strictObject({
        user: text,
        /** Whose log entry the request for help is. */
        asked_by: text,
        state: z.enum(['pending', 'joined', 'declined', 'user_cancelled']).default('joined'),
      }),
    )
    .default([]),
});
export type IncidentGiven = z.output<typeof Incident>;

const PARTS = ['users', 'services', 'escalation_policies', 'schedules', 'on_call', 'incidents'] as const;
export type PagerDutyPart = (typeof PARTS)[number];

/** The world of a case. What a case does not say, the file's own `given` says. */
export const Given = z.strictObject({
  time: instant.optional(),
  request: Request.default({}),
  /** What Teleport calls its root cluster. */
  root_cluster: text.optional(),
  /** Host names of nodes, by their ids; the service may not see the others. */
  host_names: z.record(text, text).default({}),
  /** Labels of resources of the root cluster, by `kind/name` (of nodes the id); the service may not see the others. */
  labels: z.record(text, z.record(z.string(), z.string())).default({}),
  teleport_users: z.record(text, TeleportUser).default({}),
  /** By PagerDuty's ids. */
  pagerduty_users: z.record(text, z.strictObject({ name: text, email: text })).default({}),
  services: z.record(text, Service).default({}),
  teams: z.record(text, Team).default({}),
  escalation_policies: z.array(text).optional(),
  schedules: z.array(text).optional(),
  /** Schedules that no escalation policy uses: PagerDuty has no on-call rows for them. */
  schedules_without_policy: z.array(text).optional(),
  on_call: z.array(OnCall).optional(),
  incidents: z.array(Incident).optional(),
  /** Everything, or the parts of PagerDuty that do not answer. */
  pagerduty_fails: z
    .union([z.boolean(), z.array(z.enum(PARTS))], `must be true or a list of ${PARTS.join(', ')}`)
    .optional(),
  teleport_fails: z.boolean().optional(),
  /** How far PagerDuty's clock is from this machine's. */
  pagerduty_clock: moment.optional(),
});
export type Given = z.output<typeof Given>;

const Reason = z.string().refine(
  (written) => {
    const [code = '', condition, ...more] = written.split(' ');
    return code in REASON_CODES && (condition === undefined || condition in CONDITIONS) && more.length === 0;
  },
  `must be one of ${Object.keys(REASON_CODES).join(', ')}, and may be followed by the condition: ${Object.keys(CONDITIONS).join(', ')}`,
);

export const Expectation = z.strictObject({
  verdict: Verdicts,
  /** The rules that determine the verdict; not looked at unless told. */
  rules: z.array(text).optional(),
  /** Every reason of the decision, as `code` or `code condition`; not looked at unless told. */
  reasons: z.array(Reason).optional(),
  break_glass: z.boolean().default(false),
  /** The verdict if the rules in shadow were in force; not looked at unless told, null for no rule in shadow. */
  shadow: Verdicts.nullable().optional(),
  /** Whether the service would wait for facts and decide again; not looked at unless told. */
  provisional: z.boolean().optional(),
});
export type Expectation = z.output<typeof Expectation>;

/** A file of cases, by which rules are proved without a network. */
export const CaseFile = z.strictObject({
  given: Given.prefault({}),
  cases: z
    .array(z.strictObject({ name: text, given: Given.prefault({}), expect: Expectation }))
    .min(1, 'must have at least one case'),
});
export type CaseFile = z.output<typeof CaseFile>;

function keysOf<Key extends string>(record: Readonly<Record<Key, true>>): Key[] {
  return Object.keys(record) as Key[];
}
