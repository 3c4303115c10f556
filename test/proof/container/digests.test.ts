import { describe, expect, it } from 'vitest';
import { engine, podman } from './engine.ts';
import type { Finished } from './tools.ts';

const PLATFORM = `linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`;
const OTHER = `sha256:${'0'.repeat(64)}`;
/** The base images as the Dockerfile calls them, their stand-ins, and the stage that ends with them. */
const BASES = [
  ['NODE', 'localhost/stand-in/node', ['--target=node']],
  ['RUNTIME', 'localhost/stand-in/distroless-cc', []],
] as const;

describe.each(BASES)('the digest of a base image: %s_DIGEST', (name, repository, target) => {
  it('is accepted where it is the one of the image', async () => {
    const { reference, digest } = await standIn(repository);
    expect(digest).toMatch(/^sha256:[\da-f]{64}$/u);
    const { code, stderr } = await built(target, name, reference, digest);
    expect(stderr).not.toMatch(/not known/u);
    expect(code).toBe(0);
  });

  it('stops the build where it is another one, though the name and version are right', async () => {
    const { reference } = await standIn(repository);
    const { code, stderr } = await built(target, name, reference, OTHER);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`${OTHER}: image not known`);
  });
});

/** The stand-in for this machine's platform. */
async function standIn(repository: string): Promise<{ readonly reference: string; readonly digest: string }> {
  const { stdout } = await podman(
    engine('image', 'ls', '--digests', '--format', '{{.Repository}}:{{.Tag}} {{.Digest}}'),
  );
  const lines = stdout.split('\n').map((line) => line.split(' '));
  const [reference = '', digest = ''] =
    lines.find(([each]) => each?.startsWith(repository) === true && each.endsWith(PLATFORM.slice(6))) ?? [];
  return { reference, digest };
}

/** A build of the Dockerfile, as far as its target; what the build of the image has made already is not made again. */
async function built(
  target: readonly string[],
  name: string,
  reference: string,
  digest: string,
): Promise<Finished> {
  const others = await Promise.all(
    BASES.filter(([other]) => other !== name).map(
      async ([other, repository]) => `--build-arg=${other}_IMAGE=${(await standIn(repository)).reference}`,
    ),
  );
  return await podman(
    engine(
      'build',
      '--isolation=chroot',
      '--format=docker',
      '--pull=never',
      '--layers',
      ...target,
      `--build-arg=BUILDPLATFORM=${PLATFORM}`,
      `--build-arg=TARGETPLATFORM=${PLATFORM}`,
      ...others,
      `--build-arg=${name}_IMAGE=${reference}`,
      `--build-arg=${name}_DIGEST=${digest}`,
      '.',
    ),
  );
}
