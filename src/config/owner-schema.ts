import { z } from 'zod';
import { duration } from './written-values.ts';

const text = z.string().trim().min(1, 'must not be empty');

/** One entry of a map of owners; a file of its own is a list of these. */
const OwnerEntry = z
  .strictObject({
    clusters: z.array(text).min(1).optional(),
    kinds: z.array(text).min(1).default(['*']),
    names: z.array(text).min(1).default(['*']),
    sub_resources: z.array(text).min(1).optional(),
    services: z.array(text).min(1).max(10),
  })
  .refine(
    ({ kinds, names, sub_resources }) =>
      [kinds, names, sub_resources ?? ['*']].some((patterns) =>
        patterns.every((each) => !/^\*+$/u.test(each)),
      ),
    'is for everything there is: say of which `kinds`, `names` or `sub_resources` these services are the owners',
  );
export const OwnerMap = z.array(OwnerEntry).max(10_000);

/** In which custom field services say by labels what is theirs, and whose is read: one read for each, a few times an hour. */
const FieldOf = z
  .strictObject({ services: z.array(text).default([]), teams: z.array(text).default([]) })
  .refine(
    ({ services, teams }) => services.length + teams.length > 0,
    'names nobody: say of which `services` or `teams` the field is read',
  );

/** What is gone is remembered for a month. */
const LONGEST_SETTLED = 30 * 86_400_000;

export const Owner = z
  .strictObject({
    label: text.optional(),
    team_label: text.optional(),
    field: text.optional(),
    field_of: FieldOf.optional(),
    map: OwnerMap.optional(),
    map_file: text.optional(),
    of_role: z.record(text, z.array(text).min(1).max(10)).default({}),
    unowned: text,
    settled: duration.default(86_400_000),
  })
  .refine(({ map, map_file: file }) => map === undefined || file === undefined, '`map` excludes `map_file`')
  .refine(
    ({ field, field_of: of }) => (field === undefined) === (of === undefined),
    '`field` and `field_of` go together: ordinary users of PagerDuty edit fields, so that you say whose count',
  )
  .refine(
    ({ field, settled }) => field === undefined || settled <= LONGEST_SETTLED,
    '`settled` is 30d at most beside `field`: what a field was before is remembered no longer',
  )
  .refine(
    ({ map, map_file: file, of_role: roles, ...by }) =>
      [by.label, by.team_label, by.field, map, file].some((each) => each !== undefined) ||
      Object.keys(roles).length > 0,
    'needs `label`, `team_label`, `field`, `map`, `map_file` or `of_role`: by what is told who owns a thing',
  );

export type OwnerMapConfig = z.infer<typeof OwnerMap>;
