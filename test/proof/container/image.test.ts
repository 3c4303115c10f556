import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { onCallEngineerIsApproved } from '../../demo/scenes.ts';
import { World } from '../../demo/world.ts';
import { containerName, engine, inspect, podman, runImage } from './engine.ts';
import { freePort } from '../../support/free-port.ts';
import { inContainer } from './placement.ts';
import { finished } from './tools.ts';

const MB = 1_000_000;

describe('the image', () => {
  it('runs as a numbered user, names its version and source, and asks itself for its health', async () => {
    const config = await ofImage<{
      readonly User: string;
      readonly StopSignal: string;
      readonly Labels: Readonly<Record<string, string>>;
    }>('Config');
    expect(config).toMatchObject({ User: '65532:65532', StopSignal: 'SIGTERM' });
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'oncall-approver',
      'org.opencontainers.image.version': '0.2.0',
      'org.opencontainers.image.revision': expect.stringMatching(/^(?:[\da-f]{40}|unknown)$/u) as string,
    });
    const { Test: test } = await ofImage<{ readonly Test: readonly string[] }>('HealthCheck');
    expect(test).toContain('healthcheck');
  });

  it('is below 220 MB, most of it Node', () => {
    expect(inject('built').bytes).toBeLessThan(220 * MB);
  });

  it('says its version', async () => {
    expect(await runImage([], ['--version'])).toMatchObject({ code: 0, stdout: '0.2.0\n' });
  });

  it('has no shell, no package manager, no compiler and no development dependency', async () => {
    const files = await filesOfImage();
    const unwanted = /(?:^|\/)(?:sh|bash|dash|apt|dpkg|npm|npx|tsc|typescript|vitest|eslint)$/u;
    expect(files.filter((file) => unwanted.test(file))).toEqual([]);
    expect(files).toContain('app/dist/sbom.cdx.json');
    expect(files).toContain('app/dist/licences.txt');
  });

  it('has every package that its bill of materials names, and no other', async () => {
    const script = `
      const { globSync, readFileSync } = require('node:fs');
      const manifests = globSync('/app/node_modules/{*,@*/*}/package.json')
        .concat(globSync('/app/node_modules/{*,@*/*}/node_modules/{*,@*/*}/package.json'));
      const named = manifests.map((file) => JSON.parse(readFileSync(file, 'utf8'))).map((each) => each.name + ' ' + each.version);
      const bill = JSON.parse(readFileSync('/app/dist/sbom.cdx.json', 'utf8')).components.map((each) => each.name + ' ' + each.version);
      console.log(JSON.stringify({ missing: bill.filter((each) => !named.includes(each)), extra: named.filter((each) => !bill.includes(each)) }));`;
    const { stdout } = await podman(
      engine(
        'run',
        '--rm',
        '--network=none',
        '--ulimit=nofile=1024:1024',
        '--ulimit=nproc=1024:1024',
        '--entrypoint=/usr/local/bin/node',
        inject('built').image,
        '--eval',
        script,
      ),
    );
    expect(JSON.parse(stdout)).toEqual({ missing: [], extra: [] });
  });
});

describe('the image, running read-only and without privileges', () => {
  const name = containerName();
  let world: World;
  let port: number;
  const figures: Record<string, number> = {};

  beforeAll(async () => {
    port = await freePort();
    world = await World.open(inContainer(name, port));
    const watching = world.service.lines.find(({ msg }) => msg === 'watching access requests');
    const started = Date.parse(
      await inspect(name, '{{.State.StartedAt.Format "2006-01-02T15:04:05.000Z07:00"}}'),
    );
    figures['start_ms'] = Date.parse(String(watching?.['time'])) - started;
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    process.stdout.write(`${JSON.stringify({ image_mb: inject('built').bytes / MB, ...figures })}\n`);
  });

  it('is process 1, has no capability, may gain none, and can write nowhere', async () => {
    const status = await statusOf(name);
    expect(status).toMatch(/^Uid:\s+65532\s+65532\s+65532\s+65532$/mu);
    expect(status).toMatch(/^NSpid:\s+\d+\s+1$/mu);
    expect(status).toMatch(/^CapEff:\s+0+$/mu);
    expect(status).toMatch(/^CapBnd:\s+0+$/mu);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/mu);
    const write = `for (const path of ['/x', '/app/x', '/tmp/x', '/etc/oncall-approver/x', '/run/x'])
      try { require('node:fs').writeFileSync(path, ''); console.log(path) } catch (error) { console.log(error.code) }`;
    const { stdout } = await podman(engine('exec', name, '/usr/local/bin/node', '--eval', write));
    expect(stdout.split('\n').filter((line) => line.startsWith('/'))).toEqual([]);
  });

  it('approves the on-call engineer: scene 1 of the demo', async () => {
    const { expectations } = await onCallEngineerIsApproved(world);
    expect(expectations.filter(({ holds }) => !holds)).toEqual([]);
  });

  it('finds itself healthy by its own HEALTHCHECK', async () => {
    expect(await podman(engine('healthcheck', 'run', name))).toMatchObject({ code: 0 });
  });

  it('rests within the 160 MiB that config/kubernetes asks for', async () => {
    const resident = Number(/^VmRSS:\s+(\d+) kB$/mu.exec(await statusOf(name))?.[1]) * 1024;
    figures['resident_mb'] = resident / MB;
    expect(resident).toBeLessThan(160 * 1024 * 1024);
  });

  it('starts within 5 seconds', () => {
    expect(figures['start_ms']).toBeLessThan(5_000);
  });

  it('needs no init: as process 1 it has no children, and ends by itself on SIGTERM with code 0', async () => {
    const pid = await inspect(name, '{{.State.Pid}}');
    expect(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).toBe('');
    await podman(engine('kill', '--signal=TERM', name));
    await world.service.line('the end', ({ msg }) => msg === 'stopped');
    expect(await world.service.exitCode).toBe(0);
  });
});

async function statusOf(name: string): Promise<string> {
  return await readFile(`/proc/${await inspect(name, '{{.State.Pid}}')}/status`, 'utf8');
}

async function ofImage<T>(part: string): Promise<T> {
  const template = `{{json .${part}}}`;
  const { stdout } = await podman(engine('image', 'inspect', '--format', template, inject('built').image));
  return JSON.parse(stdout) as T;
}

/** Every path in the image. */
async function filesOfImage(): Promise<readonly string[]> {
  const name = containerName();
  const folder = await mkdtemp(join(tmpdir(), 'oncall-approver-export-'));
  await podman(engine('create', `--name=${name}`, inject('built').image));
  try {
    const archive = join(folder, 'image.tar');
    await podman(engine('export', '--output', archive, name));
    const { stdout } = await finished('tar', ['--list', '--file', archive]);
    return stdout.split('\n');
  } finally {
    await podman(engine('rm', '--force', '--volumes', name));
    await rm(folder, { recursive: true });
  }
}
