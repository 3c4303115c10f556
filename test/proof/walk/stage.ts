import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What the stand-ins of one walk share, by a file that `ONCALL_APPROVER_WALK` names. */
export interface Stage {
  /** For what the stand-ins keep: Secrets, volumes, what was started. */
  readonly folder: string;
  /** Of podman. */
  readonly storage: string;
  /** The simulated Teleport's HTTP control, its proxy as `host:port`, and the CA of its web certificate. */
  readonly teleport: string;
  readonly proxy: string;
  readonly webCa: string;
  readonly pagerDuty: string;
}

export const VARIABLE = 'ONCALL_APPROVER_WALK';

export function stageOfWalk(): Stage {
  return JSON.parse(readFileSync(process.env[VARIABLE] ?? '', 'utf8')) as Stage;
}

/** A program to its end, its errors shown as they come. Throws where it fails. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): string {
  const { input = '', env = {} } = options;
  const { status, stdout, error } = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Ended(status ?? 1, stdout);
  return stdout;
}

/** A program ended with another code than 0, having said this. */
export class Ended extends Error {
  readonly code: number;
  constructor(code: number, said: string) {
    super(said);
    this.code = code;
  }
}

export function podman({ storage }: Stage, ...args: readonly string[]): string {
  return run('podman', ['--log-level=fatal', '--root', storage, '--runtime', 'runc', ...args]);
}

/** What no machine of a test allows: a network of its own, and more files and processes than it has itself. */
const SANDBOX = ['--pull=never', '--network=host', '--ulimit=nofile=1024:1024', '--ulimit=nproc=1024:1024'];

/** `podman run` in the place of a container engine. */
export function runContainer(stage: Stage, args: readonly string[]): string {
  return podman(stage, 'run', '--rm', '--log-driver=none', ...SANDBOX, ...args);
}

/** Starts a container that stays, under this name, until the walk ends; what had the name before is gone. */
export function startContainer(stage: Stage, name: string, args: readonly string[]): void {
  podman(stage, 'rm', '--force', '--ignore', '--volumes', '--time=20', name);
  appendFileSync(join(stage.folder, 'containers'), `${name}\n`);
  podman(stage, 'run', '--detach', `--name=${name}`, '--log-driver=k8s-file', ...SANDBOX, ...args);
}

/** Waits until `holds` does, a minute at most. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds());) {
    if (Date.now() > end) throw new Error(`${what}: not within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Whether something answers there with 200. */
export async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** A command that no stand-in knows is a mistake in the walk or in what is told to people. */
export function notUnderstood(program: string, args: readonly string[]): never {
  throw new Error(`no stand-in for \`${[program, ...args].join(' ')}\``);
}
