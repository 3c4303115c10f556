import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigError, unreadable } from './config-error.ts';
import { ConfigFile } from './schema.ts';
import { bracketed } from '../core/values/host.ts';

/**
 * Where a service with this configuration answers to its own machine, as a URL without a slash at the end; null where it
 * listens nowhere. Nothing else of the file is judged: a probe must not fail over an edit that is not in force yet.
 * Throws ConfigError.
 */
export function localUrlOf(path: string): string | null {
  let raw: unknown;
  try {
    raw = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw unreadable('the configuration', path, error);
  }
  const { data, error } = z.object({ http: ConfigFile.shape.http }).safeParse(raw);
  if (error !== undefined)
    throw new ConfigError(`${path}: \`http\`: ${error.issues[0]?.message ?? 'is wrong'}`);
  if (data.http === undefined) return null;
  const { host, port } = data.http.listen;
  return `http://${reachable(host)}:${port}`;
}

/** A listener on every address of the machine is asked on loopback. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return bracketed(host);
}
