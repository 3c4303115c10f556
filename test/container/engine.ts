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

/** `podman run …` of the image with all of the hardening. Without a command the image's own is run. */
export function runArguments(options: {
  readonly name: string;
  readonly mounts: readonly Mount[];
  readonly command?: readonly string[];
}): readonly string[] {
  const mounts = options.mounts.map(
    ({ from, at, writable = false }) => `--volume=${from}:${at}:${writable ? 'rw' : 'ro'}`,
  );
  return engine(
    'run',
    '--rm',
    `--name=${options.name}`,
    ...HARDENED,
    ...mounts,
    inject('built').image,
    ...(options.command ?? []),
  );
}

export function containerName(): string {
  return `oncall-approver-${randomUUID()}`;
}

/** One podman command to its end; a code other than 0 is an answer, not an error. */
export async function podman(args: readonly string[]): Promise<Finished> {
  return await finished('podman', args);
}

/** The image run to its end with these mounts and this command. */
export async function runImage(mounts: readonly Mount[], command?: readonly string[]): Promise<Finished> {
  return await podman(
    runArguments({ name: containerName(), mounts, ...(command === undefined ? {} : { command }) }),
  );
}

/** One value of a running container, by a Go template. */
export async function inspect(name: string, template: string): Promise<string> {
  const { stdout } = await podman(engine('inspect', '--format', template, name));
  return stdout.trim();
}
