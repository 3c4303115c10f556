import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import { messageOf } from '../core/values/cause.ts';

/** A file to be: its text, and who may read it. */
export interface NewFile {
  readonly text: string;
  readonly mode: number;
}

/**
 * Writes files, by their names, into a folder, which is made where it is missing: all of them, or none where one is there already or cannot
 * be written. Throws ConfigError.
 */
export function writeNewFiles(folder: string, files: ReadonlyMap<string, NewFile>): void {
  const paths = [...files].map(([name, file]) => ({ path: join(folder, name), ...file }));
  const written: string[] = [];
  try {
    mkdirSync(folder, { recursive: true });
    const taken = paths.map(({ path }) => path).filter(isThere);
    if (taken.length > 0) {
      const them = taken.join('`, `');
      throw new ConfigError(`\`${them}\` is there already, and nothing was written: name another folder`);
    }
    for (const { path, text, mode } of paths) {
      writeFileSync(path, text, { flag: 'wx', mode });
      written.push(path);
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    for (const path of written) rmSync(path, { force: true });
    throw new ConfigError(`\`${folder}\` cannot be written to (${messageOf(error)}): name another folder`);
  }
}

/** Also of a link that leads nowhere: what is written goes where it leads. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** A word as a shell takes it. */
export function shellWord(text: string): string {
  return /^[\w./:@%+-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
