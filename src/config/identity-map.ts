import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigError, unreadable } from './config-error.ts';
import { OwnerMap, type OwnerMapConfig } from './owner-schema.ts';
import { IdentityMap } from './schema.ts';
import { messageOf } from '../core/values/cause.ts';

/** A file with one `teleport user: PagerDuty user id` a line (YAML). Throws ConfigError. */
export function readIdentityMap(path: string): Readonly<Record<string, string>> {
  return read(path, 'the identity map', IdentityMap, {});
}

/** A file with a list of what belongs to which services (YAML). Throws ConfigError. */
export function readOwnerMap(path: string): OwnerMapConfig {
  return read(path, 'the map of owners', OwnerMap, []);
}

function read<T>(path: string, what: string, schema: z.ZodType<T>, empty: unknown): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(what, path, error);
  }
  const parsed = schema.safeParse(yaml(text, path, what) ?? empty);
  if (!parsed.success) {
    throw new ConfigError(`${what} \`${path}\` is not as it should be: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

function yaml(text: string, path: string, what: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new ConfigError(`${what} \`${path}\` is no YAML: ${messageOf(error)}`);
  }
}
