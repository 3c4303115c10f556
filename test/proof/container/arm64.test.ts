import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { onCallEngineerIsApproved } from '../../demo/scenes.ts';
import { World } from '../../demo/world.ts';
import { freePort } from '../../support/free-port.ts';
import { digestOf, ELF_MACHINES, machineCode, withContents } from './contents.ts';
import { containerName, engine, podman, type Runnable } from './engine.ts';
import { inContainer } from './placement.ts';
import { ROOT } from './tools.ts';

/** Debian's `qemu-user-static`: needs nothing of the kernel, so that a machine which may not register it will do. */
const EMULATOR = '/usr/bin/qemu-aarch64-static';
const BUILD_DEADLINE_MS = 600_000;
/** Longer than for a machine's own code: an emulator takes about ten times as long. */
const SCENE_DEADLINE_MS = 120_000;
/**
 * Not asked of an emulated service on a busy machine, which may be too slow for the deadlines of single reads (retried) and for
 * the silence after which PagerDuty is probed. `image.test.ts` asks it of the machine's own code.
 */
const COUNTS_READS = 'Cost: ';

describe('the image for arm64', () => {
  let runnable: Runnable;
  const figures: Record<string, number> = {};

  beforeAll(async () => {
    const begun = performance.now();
    const { image, bytes } = await build();
    runnable = process.arch === 'arm64' ? { image } : { image, emulator: EMULATOR };
    figures['arm64_build_seconds'] = Math.round((performance.now() - begun) / 1000);
    figures['arm64_image_mb'] = bytes / 1_000_000;
  }, BUILD_DEADLINE_MS);
  afterAll(() => {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  });

  it('says that it is for arm64', async () => {
    const { stdout } = await podman(
      engine('image', 'inspect', '--format', '{{.Os}}/{{.Architecture}}', runnable.image),
    );
    expect(stdout.trim()).toBe('linux/arm64');
  });

  it('has machine code of arm64 alone, none of it among our files, which are those of every architecture', async () => {
    const own = await withContents(inject('built').image, (folder) => digestOf(join(folder, 'app')));
    await withContents(runnable.image, async (folder) => {
      const machines = await machineCode(folder);
      expect(machines.get('usr/local/bin/node')).toBe(ELF_MACHINES.arm64);
      expect([...machines].filter(([, machine]) => machine !== ELF_MACHINES.arm64)).toEqual([]);
      expect([...machines.keys()].filter((file) => file.startsWith('app/'))).toEqual([]);
      expect(await digestOf(join(folder, 'app'))).toBe(own);
    });
  });

  it(
    'approves the on-call engineer, read-only and without privileges: scene 1 of the demo',
    async () => {
      expect(process.arch === 'arm64' || existsSync(EMULATOR)).toBe(true);
      const begun = performance.now();
      const name = containerName();
      await using world = await World.open(inContainer(name, await freePort(), runnable));
      const { expectations } = await onCallEngineerIsApproved(world);
      const broken = expectations.filter(({ holds }) => !holds).map(({ what }) => what);
      expect(broken.filter((what) => process.arch === 'arm64' || !what.startsWith(COUNTS_READS))).toEqual([]);
      await podman(engine('kill', '--signal=TERM', name));
      expect(await world.service.exitCode).toBe(0);
      figures['arm64_scene_seconds'] = Math.round((performance.now() - begun) / 1000);
    },
    SCENE_DEADLINE_MS,
  );
});

/** Made from the same sources into the same storage; what the two images share is not made twice. */
async function build(): Promise<{ readonly image: string; readonly bytes: number }> {
  const script = spawn(join(ROOT, 'scripts/build-image.sh'), [inject('built').storage, 'arm64'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: BUILD_DEADLINE_MS,
  });
  const [output, [code]] = await Promise.all([
    text(script.stdout),
    once(script, 'exit') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`the build for arm64 ended with ${code ?? 'a signal'}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as { image: string; bytes: number };
}
