import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Part } from '../../demo/processes.ts';
import { onCallEngineerIsApproved } from '../../demo/scenes.ts';
import { World } from '../../demo/world.ts';
import { npm } from './npm.ts';
import { finished, ROOT } from './tools.ts';

/** The Node that the project brings comes first, as `node` does on a machine that is set up as docs/operations.md says. */
const ENVIRONMENT = {
  ...process.env,
  PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
};

describe('the tarball of `npm pack`', { timeout: 480_000 }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'oncall-approver-package-'));
  const prefix = join(scratch, 'prefix');
  const installed = join(prefix, 'lib/node_modules/oncall-approver');
  let current: string;
  let next: string;
  let folder = '';
  let world: World;

  beforeAll(async () => {
    current = await pack(ROOT);
    next = await nextVersionOf(current);
    await install(current);
    world = await World.open({
      settings: { ledger: { sqlite: 'ledger.sqlite' } },
      ledgerFile: (settings) => join(settings, 'ledger.sqlite'),
      start(settings) {
        folder = settings;
        return service();
      },
    });
  }, 480_000);
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true });
  });

  async function pack(from: string, ...more: readonly string[]): Promise<string> {
    await npm(['pack', `--pack-destination=${scratch}`, '--silent', ...more], {
      cwd: from,
      env: ENVIRONMENT,
    });
    const { name, version } = manifestOf(from);
    return join(scratch, `${name}-${version}.tgz`);
  }
  /** The same program under the next version, as the next release would be. */
  async function nextVersionOf(tarball: string): Promise<string> {
    await finished('tar', ['--extract', '--file', tarball, '--directory', scratch]);
    const unpacked = join(scratch, 'package');
    writeFileSync(
      join(unpacked, 'package.json'),
      JSON.stringify({ ...manifestOf(unpacked), version: '0.2.1' }),
    );
    return await pack(unpacked, '--ignore-scripts');
  }
  /** The step that docs/operations.md names, without a registry: the tarball has all it needs. */
  async function install(tarball: string): Promise<void> {
    await npm(
      ['install', '--global', '--prefix', prefix, '--offline', '--ignore-scripts', '--silent', tarball],
      { cwd: scratch, env: ENVIRONMENT },
    );
  }
  function service(): Part {
    return new Part(
      join(installed, 'dist/main.js'),
      ['run', '--config', join(folder, 'oncall-approver.yaml')],
      'stderr',
    );
  }
  /** The on-call engineer asks, and is approved by the service that runs now. */
  async function approvesWith(running: Part): Promise<void> {
    await running.line('the service', ({ msg }) => msg === 'watching access requests');
    const id = await world.request('sre-1', 'checkout fails');
    await running.line(
      'the review',
      (line) => line['request_id'] === id && line['msg'] === 'effect done' && line['effect'] === 'review',
    );
    expect((await world.teleportRequest(id)).state).toBe('APPROVED');
  }
  async function program(...args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await finished(process.execPath, [
      join(prefix, 'bin/oncall-approver'),
      ...args,
    ]);
    return `${stdout}${stderr}`;
  }

  it('installs without a registry and says its version', async () => {
    expect(await program('--version')).toBe(`${manifestOf(ROOT).version}\n`);
  });

  it('holds the production dependencies of the lock file, their bill, and nothing to develop with', async () => {
    const { stdout } = await finished('tar', ['--list', '--file', current]);
    expect(stdout).not.toMatch(/node_modules\/(?:typescript|vitest|eslint|node)\//u);
    expect(stdout).not.toMatch(/package\/(?:src|test)\//u);
    for (const file of [
      'dist/sbom.cdx.json',
      'dist/licences.txt',
      'config/systemd/oncall-approver.service',
      'docs/operations.md',
    ]) {
      expect(stdout).toContain(`package/${file}\n`);
    }
  });

  it('approves the on-call engineer, is upgraded and rolled back in one step each, and keeps its record', async () => {
    const { expectations } = await onCallEngineerIsApproved(world);
    expect(expectations.filter(({ holds }) => !holds)).toEqual([]);
    await world.service[Symbol.asyncDispose]();

    await install(next);
    expect(await program('--version')).toBe('0.2.1\n');
    const upgraded = service();
    await approvesWith(upgraded);
    await upgraded[Symbol.asyncDispose]();

    await install(current);
    expect(await program('--version')).toBe(`${manifestOf(ROOT).version}\n`);
    const rolledBack = service();
    await approvesWith(rolledBack);
    await rolledBack[Symbol.asyncDispose]();

    const { code } = await finished(process.execPath, [
      join(installed, 'dist/main.js'),
      'ledger',
      'verify',
      '--config',
      join(folder, 'oncall-approver.yaml'),
    ]);
    expect(code).toBe(0);
  });
});

function manifestOf(folder: string): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string };
}
