import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigError, unreadable } from './config-error.ts';
import { IdentityMap } from './schema.ts';
import { messageOf } from '../core/values/cause.ts';

/** A file with one `teleport user: PagerDuty user id` a line (YAML). Throws ConfigError. */
export function readIdentityMap(path: string): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable('the identity map', path, error);
  }
  const parsed = IdentityMap.safeParse(yaml(text, path));
  if (!parsed.success) {
    throw new ConfigError(
      `the identity map \`${path}\` is not as it should be: ${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data;
}

function yaml(text: string, path: string): unknown {
  try {
    return parse(text) ?? {};
  } catch (error) {
    throw new ConfigError(`the identity map \`${path}\` is no YAML: ${messageOf(error)}`);
  }
}
