import { z } from 'zod';

const some = z.array(z.string().trim().min(1, 'must not be empty')).min(1);

/** Which resources are meant, each part by patterns. */
export const Scope = z.strictObject({
  clusters: some.optional(),
  kinds: some.default(['*']),
  names: some.default(['*']),
  sub_resources: some.optional(),
  logins: some.optional(),
  role_arns: some.optional(),
  labels: z.record(z.string().trim().min(1, 'must not be empty'), some).optional(),
});
