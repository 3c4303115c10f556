import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { finished, type Finished } from './tools.ts';

/** Whoever the image runs as. */
export const IMAGE_USER = 65_532;

/** A mount: a path here, where it is seen, and whether it may be written. */
export interface Mount {
  readonly from: string;
  readonly at: string;
  readonly writable?: boolean;
}

/** An image, and where this machine cannot run its machine code, what reads it: a static emulator, by its path here. */
export interface Runnable {
  readonly image: string;
  readonly emulator?: string;
}

/** Where the emulator is seen from inside. */
const EMULATOR = '/emulator';
/** As the Dockerfile's `ENTRYPOINT` and `CMD`: an emulator takes the place of the first, and the second is then not used. */
const PROGRAM = ['/usr/local/bin/node', '/app/dist/main.js'];
const DEFAULT_COMMAND = ['run', '--config', '/etc/oncall-approver/oncall-approver.yaml'];

/** As in config/compose and config/kubernetes: no privilege, nothing writable but the mounts. */
const HARDENED = [
  '--read-only',
  '--read-only-tmpfs=false',
  '--cap-drop=all',
  '--security-opt=no-new-privileges',
  '--network=host',
  '--log-driver=none',
  // The engine would raise these, which a machine without CAP_SYS_RESOURCE refuses.
  '--ulimit=nofile=1024:1024',
  '--ulimit=nproc=1024:1024',
];

/** The arguments of podman that come before every command of it. */
export function engine(...args: readonly string[]): readonly string[] {
  return ['--root', inject('built').storage, '--runtime', 'runc', ...args];
}

/** `podman run …` of an image, the one built for this machine unless said, with all of the hardening. */
export function runArguments(options: {
  readonly name: string;
  readonly mounts: readonly Mount[];
  /** Without one the image's own is run. */
  readonly command?: readonly string[];
  readonly runnable?: Runnable;
}): readonly string[] {
  const { image, emulator } = options.runnable ?? { image: inject('built').image };
  const mounts = [
    ...options.mounts,
    ...(emulator === undefined ? [] : [{ from: emulator, at: EMULATOR }]),
  ] satisfies readonly Mount[];
  const program =
    emulator === undefined
      ? [image, ...(options.command ?? [])]
      : [`--entrypoint=${EMULATOR}`, image, ...PROGRAM, ...(options.command ?? DEFAULT_COMMAND)];
  return engine(
    'run',
    '--rm',
    '--pull=never',
    `--name=${options.name}`,
    ...HARDENED,
    ...mounts.map(volume),
    ...program,
  );
}

function volume({ from, at, writable = false }: Mount): string {
  return `--volume=${from}:${at}:${writable ? 'rw' : 'ro'}`;
}

export function containerName(): string {
  return `oncall-approver-${randomUUID()}`;
}

/** The longest thing that is asked of podman takes 20 s on a busy machine. */
const DEADLINE_SECONDS = 150;
/** What `timeout` ends with when it had to end the program. */
const HUNG = 124;

/** One podman command to its end; a code other than 0 is an answer, not an error. Rejects when it hangs. */
export async function podman(args: readonly string[]): Promise<Finished> {
  const bounded = ['--kill-after=10', String(DEADLINE_SECONDS), 'podman', ...args];
  const answer = await finished('timeout', bounded);
  if (answer.code === HUNG) {
    throw new Error(`\`podman ${args.join(' ')}\` hung: not done after ${DEADLINE_SECONDS} s`);
  }
  return answer;
}

/** An image run to its end with these mounts and this command. */
export async function runImage(
  mounts: readonly Mount[],
  command?: readonly string[],
  runnable?: Runnable,
): Promise<Finished> {
  return await podman(
    runArguments({
      name: containerName(),
      mounts,
      ...(command === undefined ? {} : { command }),
      ...(runnable === undefined ? {} : { runnable }),
    }),
  );
}

/** One value of a running container, by a Go template. */
export async function inspect(name: string, template: string): Promise<string> {
  const { stdout } = await podman(engine('inspect', '--format', template, name));
  return stdout.trim();
}
