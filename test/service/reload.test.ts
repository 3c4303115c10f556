import { readFileSync } from 'node:fs';
import { readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { createReloading } from '../../src/service/reloading.ts';
import { aConfigFolder, LEAST } from '../config/a-config.ts';
import { ServiceProcess } from './process.ts';
import { RecordingReporter } from './recording-reporter.ts';
import { Stage } from './stage.ts';

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

describe('a configuration that is read again', () => {
  it('is in force once its policy is recorded; what only a start can change is told', async () => {
    await using stage = await Stage.open();

    await edit(stage.configFile, 'prod-oncall', 'renamed');
    await writeFile(
      stage.configFile,
      `${await readFile(stage.configFile, 'utf8')}log: { level: debug }\nusage: {}\n`,
    );
    await stage.service.reload();
    const id = stage.request('sre-1');
    const { decided } = await stage.reports.when('decided', ({ decided: { requestId } }) => requestId === id);

    const [changed] = stage.reports.of('policyChanged');
    expect(decided.decision.rules).toEqual(['renamed']);
    expect(decided.policyDigest).toBe(changed?.digest);
    expect(stage.reports.of('reloaded')).toEqual([{ needsRestart: ['log', 'usage'] }]);
  });

  it('changes nothing where it is wrong, and says what is', async () => {
    await using stage = await Stage.open();

    await edit(stage.configFile, 'otherwise: escalate', 'otherwise: approve').catch(() =>
      edit(stage.configFile, 'name: prod-oncall', 'otherwise: approve\n    name: prod-oncall'),
    );
    await stage.service.reload();

    expect(stage.reports.of('policyProblem')).toEqual([
      { cause: expect.stringMatching(/rules\[0\] \(prod-oncall\)\.otherwise: must be/u) as string },
    ]);
    expect(stage.reports.of('policyChanged')).toEqual([]);
    expect(stage.reports.of('reloaded')).toEqual([]);
  });

  it('brings the keys it names', async () => {
    await using folder = await aConfigFolder();
    const config = await folder.load(LEAST);
    await writeFile(join(folder.path, 'next'), 'the-next-key');
    const { reporter } = new RecordingReporter();
    const file = join(folder.path, 'oncall-approver.yaml');
    const reloading = createReloading(config, { read: () => loadConfig(file, {}), text: () => '' }, reporter);
    const before = reloading.keys.readKey.reveal();
    await edit(file, 'api_key_file: key', 'api_key_file: next');

    expect(reloading.reload()).toBe(true);
    expect([before, reloading.keys.readKey.reveal()]).toEqual(['the-pagerduty-key', 'the-next-key']);
    expect(reloading.keys.writeKey).toBe(reloading.keys.readKey);
  });

  it('is seen to have changed by what a link leads to, as Kubernetes swaps it, and once only', async () => {
    await using folder = await aConfigFolder();
    const config = await folder.load(LEAST);
    const link = join(folder.path, 'linked.yaml');
    await symlink('oncall-approver.yaml', link);
    const reports = new RecordingReporter();
    const source = {
      read: () => loadConfig(link, {}),
      text: () => readFileSync(link, 'utf8'),
    };
    const reloading = createReloading(config, source, reports.reporter);
    await writeFile(join(folder.path, 'next.yaml'), LEAST.replace('prod-oncall', '?'));
    await symlink('next.yaml', `${link}.new`);
    const before = reloading.hasChanged();
    await rename(`${link}.new`, link);

    expect([before, reloading.hasChanged()]).toEqual([false, true]);
    expect(reloading.reload()).toBe(false);
    expect(reloading.hasChanged()).toBe(false);
    expect(reloading.policyNow()).toEqual(config.policy);
  });
});

it('SIGHUP has the configuration read again, and ends nothing', async () => {
  await using stage = await Stage.open({ start: false });
  const service = new ServiceProcess(stage.configFile);
  await service.watching();

  service.child.kill('SIGHUP');
  const told = () => service.lines.some((line) => line.includes('configuration read again'));
  await expect.poll(told, { timeout: 10_000 }).toBe(true);

  expect(await service.end('SIGTERM')).toBe(0);
});
