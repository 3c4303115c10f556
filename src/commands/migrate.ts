import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, unreadable } from '../config/config-error.ts';
import { fromPlugin } from '../config/from-plugin.ts';
import { messageOf } from '../core/values/cause.ts';
import type { Terminal } from './terminal.ts';

export interface MigrateOptions {
  /** What `tctl get roles` wrote. */
  readonly roles: string;
  /** Folder for the settings; nothing that is there is written over. */
  readonly output: string;
}

/**
 * `migrate`: settings and a rule in shadow from the file of Teleport's PagerDuty plugin, and what is other than it was, line by line. Gives exit
 * code 0. Throws ConfigError. Not asynchronous, but awaited as commands are.
 */
export async function migrate(
  file: string,
  { roles, output }: MigrateOptions,
  terminal: Terminal,
): Promise<number> {
  const { settings, key, differences } = fromPlugin(textOf(file), textOf(roles));
  const config = join(output, 'oncall-approver.yaml');
  try {
    mkdirSync(output, { recursive: true });
    writeFileSync(config, settings, { flag: 'wx', mode: 0o640 });
    if (key !== null) writeFileSync(join(output, 'pagerduty-key'), `${key}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new ConfigError(`\`${output}\` cannot be written to (${messageOf(error)}): name another folder`);
  }
  terminal.print(`written: ${config}${key === null ? '' : ', pagerduty-key'}`);
  terminal.print('');
  terminal.print('What is other than with the plugin:');
  for (const each of differences) terminal.print(`- ${each}`);
  return await Promise.resolve(0);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable('the file', path, error);
  }
}
