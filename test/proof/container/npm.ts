import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const DEADLINE_MS = 120_000;
const ATTEMPTS = 2;

/**
 * npm to its end. It has been seen to stop in the middle of unpacking, idle, and to stay so for more than an hour; what takes
 * ten times as long as usual is ended and begun anew, once. Rejects with what npm said where it fails, and where it stalls twice.
 */
export async function npm(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await promisify(execFile)('npm', [...args], { cwd, env, timeout: DEADLINE_MS, killSignal: 'SIGKILL' });
      return;
    } catch (error) {
      if (!stalled(error) || attempt === ATTEMPTS) throw error;
      process.stderr.write(
        `\`npm ${args.join(' ')}\` stood still for ${DEADLINE_MS / 1000} s and is begun anew\n`,
      );
    }
  }
}

function stalled(error: unknown): boolean {
  return error instanceof Error && 'killed' in error && error.killed === true;
}
