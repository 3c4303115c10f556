import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unreadable } from '../config/config-error.ts';
import { fromPlugin } from '../config/from-plugin.ts';
import { writeNewFiles } from './new-files.ts';
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
  const files = new Map([['oncall-approver.yaml', { text: settings, mode: 0o640 }]]);
  if (key !== null) files.set('pagerduty-key', { text: `${key}\n`, mode: 0o600 });
  writeNewFiles(output, files);
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
