import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Stage } from '../../service/stage.ts';
import { FULL_ACCESS_KEY, READ_ONLY_KEY } from '../../sim/pagerduty/reference-world.ts';
import type { Setting } from './setting.ts';

/** Where a key is put for the service, from its configuration on. */
export const KEY_FILES = { reading: 'pagerduty-key', writing: 'pagerduty-write-key' } as const;

/** PagerDuty's keys in use: one that does both, or one for reading and one for writing. */
export interface Keys {
  reading: string;
  /** Null where the one for reading does both. */
  writing: string | null;
}

export function keysOf({ twoKeys }: Setting): Keys {
  return twoKeys
    ? { reading: READ_ONLY_KEY, writing: FULL_ACCESS_KEY }
    : { reading: FULL_ACCESS_KEY, writing: null };
}

/** Puts the keys into their files, and those into the configuration. */
export async function placeKeys({ folder, configFile }: Stage, { reading, writing }: Keys): Promise<void> {
  await writeFile(join(folder, KEY_FILES.reading), reading, { mode: 0o600 });
  if (writing === null) return;
  await writeFile(join(folder, KEY_FILES.writing), writing, { mode: 0o600 });
  const { pagerduty, ...config } = parse(await readFile(configFile, 'utf8')) as Record<string, object>;
  const withBoth = { ...pagerduty, write_key_file: KEY_FILES.writing };
  await writeFile(configFile, stringify({ ...config, pagerduty: withBoth }));
}
