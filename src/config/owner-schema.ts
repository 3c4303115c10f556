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

export const Owner = z
  .strictObject({
    label: text.optional(),
    map: OwnerMap.optional(),
    map_file: text.optional(),
    of_role: z.record(text, z.array(text).min(1).max(10)).default({}),
    unowned: text,
    settled: duration.default(86_400_000),
  })
  .refine(({ map, map_file: file }) => map === undefined || file === undefined, '`map` excludes `map_file`')
  .refine(
    ({ label, map, map_file: file, of_role: roles }) =>
      label !== undefined || map !== undefined || file !== undefined || Object.keys(roles).length > 0,
    'needs `label`, `map`, `map_file` or `of_role`: by what is told who owns a thing',
  );

export type OwnerMapConfig = z.infer<typeof OwnerMap>;
