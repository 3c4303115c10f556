import { z } from 'zod';
import { Scope } from './scope-schema.ts';
import { duration } from './written-values.ts';

const text = z.string().trim().min(1, 'must not be empty');
const some = z.array(text).min(1, 'must name at least one');

const traits = z
  .record(text, some)
  .refine((named) => Object.keys(named).length > 0, 'must name at least one trait');

/** Whose on-call is meant: as in a rule, but wide unless told, since it says who is fit to be approved at all. */
const OnCall = z.strictObject({
  services: z.array(text).default([]),
  escalation_policies: z.array(text).default([]),
  schedules: z.array(text).default([]),
  teams: z.array(text).default([]),
  teams_settled: duration.default(0),
  from_annotation: text.optional(),
  /** For a service that owns what is asked for, by a rule that goes by owners. */
  owner: z.boolean().default(false),
  max_level: z.int().min(1, 'must be 1 or more: level 1 is notified first').default(1_000),
  permanent: z.boolean().default(true),
  min_shift_age: duration.default(0),
  grace_after_shift: duration.default(0),
});

/** What makes an approval right. */
const Excuse = z.union(
  [
    z.enum(['break_glass', 'open_incident', 'reason']),
    z.strictObject({ on_call: OnCall }),
    z.strictObject({ asked_to_help: OnCall }),
    z.strictObject({ max_duration: duration }),
    z.strictObject({ requester_roles: some }),
    z.strictObject({ requester_traits: traits }),
  ],
  'must be break_glass, open_incident, reason, or `on_call`, `asked_to_help`, `max_duration`, `requester_roles` or `requester_traits` with what is meant',
);

const Asked = {
  requester_roles: some.optional(),
  requester_traits: traits.optional(),
  /** `leaf_clusters`: in any cluster but the root. */
  resources: Scope.extend({ leaf_clusters: z.literal(true).optional() }).optional(),
};

/** What holds whatever is asked by whomever, and is proven before the rules count. */
export const Claim = z.union(
  [
    z.strictObject({
      never: z.strictObject({
        approve: some,
        when: z.strictObject(Asked).prefault({}),
        unless: z.array(Excuse).default([]),
      }),
    }),
    z.strictObject({
      always: z.strictObject({
        person_asked: some,
        when: z.strictObject({ ...Asked, pagerduty: z.literal('unknown').optional() }).prefault({}),
        unless: z.array(z.literal('break_glass')).default([]),
      }),
    }),
    z.strictObject({
      same_as: z.union([
        text,
        z.strictObject({ file: text, gains: z.array(text).default([]), losses: z.array(text).default([]) }),
      ]),
    }),
    z.strictObject({ unreachable: text }),
  ],
  'must be `never: {approve: [roles], when: …, unless: […]}`, `always: {person_asked: [roles], when: …}`, `same_as: file` or `unreachable: rule`',
);
