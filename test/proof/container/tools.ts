import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Where `scripts/install-container-tools.sh` puts what no package manager has. */
export const TOOLS = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'oncall-approver-tools/bin',
);

/** A validator from there, run to its end; a code other than 0 is an answer. */
export function tool(name: string, args: readonly string[], input = ''): Promise<Finished> {
  return finished(join(TOOLS, name), args, input);
}

/** A program to its end, fed with `input`; a code other than 0 is an answer. Rejects when it cannot be started. */
export function finished(program: string, args: readonly string[], input = ''): Promise<Finished> {
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  const child = execFile(
    program,
    [...args],
    { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 },
    (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else reject(error);
    },
  );
  child.stdin?.end(input);
  return promise;
}
