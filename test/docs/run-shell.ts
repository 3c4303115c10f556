import { execFile } from 'node:child_process';

export interface ShellResult {
  readonly code: number;
  /** What was printed to either stream, for whoever must find out why. */
  readonly output: string;
}

const DEADLINE_MS = 60_000;

/** Commands as somebody would paste them into a shell; the first that fails ends it. */
export function runShell(
  commands: string,
  options: { readonly cwd: string; readonly environment: NodeJS.ProcessEnv },
): Promise<ShellResult> {
  const { promise, resolve } = Promise.withResolvers<ShellResult>();
  execFile(
    'bash',
    ['-euo', 'pipefail', '-c', commands],
    { cwd: options.cwd, env: options.environment, timeout: DEADLINE_MS },
    (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, output: `${commands}\n${stdout}${stderr}` });
    },
  );
  return promise;
}
