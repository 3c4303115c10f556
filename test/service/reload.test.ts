import { readFileSync } from 'node:fs';
import { readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { createProving } from '../../src/service/proving.ts';
import { createReloading, digestOfClaims } from '../../src/service/reloading.ts';
import { aConfigFolder, LEAST } from '../config/a-config.ts';
import { ledgerCommand } from '../traceability/terminal.ts';
import { ServiceProcess } from './process.ts';
import { RecordingReporter } from './recording-reporter.ts';
import { Stage } from './stage.ts';

const PAYMENTS_ALONE =
  '{ never: { approve: [prodaccess], unless: [on_call: { services: [Payments API] }, asked_to_help: { services: [Payments API] }] } }';

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
      `${await readFile(stage.configFile, 'utf8')}log: { level: debug }\nusage: {}\nclaims: [${PAYMENTS_ALONE}]\n`,
    );
    await stage.service.reload();
    const id = stage.request('sre-1');
    const { decided } = await stage.reports.when('decided', ({ decided: { requestId } }) => requestId === id);

    const [changed] = stage.reports.of('policyChanged');
    expect(decided.decision.rules).toEqual(['renamed']);
    expect(decided.policyDigest).toBe(changed?.digest);
    expect(decided.claimsDigest).toBe(digestOfClaims(loadConfig(stage.configFile, {}).claims));
    const { lines } = await ledgerCommand('show', id, '--ledger', join(stage.folder, 'ledger.sqlite'));
    expect(lines).toContain(`claims ${decided.claimsDigest ?? ''}, proven for it`);
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

  it('changes nothing where what it claims is not proven, or cannot be in time, and proves the same once', async () => {
    await using folder = await aConfigFolder();
    const claiming = (claim: string) => `${LEAST}claims: [${claim}]\n`;
    const config = await folder.load(claiming(PAYMENTS_ALONE));
    const reports = new RecordingReporter();
    const file = join(folder.path, 'oncall-approver.yaml');
    const proven = vi.fn(createProving(file));
    const source = { read: () => loadConfig(file, {}), text: () => '', proven };
    const reloading = createReloading(config, source, reports.reporter);
    const before = await reloading.policyNow();

    expect(await reloading.reload()).toBe(true);
    await writeFile(file, claiming(PAYMENTS_ALONE).replace('[Payments API]', '[Wiki, Payments API]'));
    expect(await reloading.reload()).toBe(false);
    expect(await reloading.reload()).toBe(false);

    expect(await reloading.policyNow()).toEqual(before);
    expect(before.claimsDigest).toMatch(/^[0-9a-f]{64}$/u);
    const told = expect.stringMatching(
      /not proven to keep what it claims[^]*never[^]*it may be broken/u,
    ) as string;
    expect(reports.of('policyProblem')).toEqual([{ cause: told }, { cause: told }]);
    const limits = { withinMs: 1 };
    const late = createProving(file, limits);
    await expect(late(config)).rejects.toThrow(/cannot be decided within 0\.001 s/u);
    limits.withinMs = 60_000;
    await expect(late(config)).rejects.toThrow(/within 0\.001 s/u);
    await late(config, { again: true });
    const stopped = AbortSignal.abort();
    await expect(createProving(file, { signal: stopped })(config)).rejects.toThrow(/cannot be decided/u);
  });

  it('is proven anew where a map of owners has changed', async () => {
    await using folder = await aConfigFolder();
    const map = join(folder.path, 'owners.yaml');
    await writeFile(map, '- { kinds: [db], services: [Payments API] }\n');
    const rules = LEAST.replace(
      'services: [Payments API]',
      'owner: { map_file: owners.yaml, unowned: Desk }',
    );
    const config = await folder.load(
      `${rules}claims: [{ never: { approve: [prodaccess], unless: [on_call: { owner: true }] } }]\n`,
    );
    const proven = vi.fn(() => Promise.resolve());
    const reloading = createReloading(
      config,
      { read: () => config, text: () => '', proven },
      new RecordingReporter().reporter,
    );
    await writeFile(map, '- { kinds: [db], services: [Wiki] }\n');

    const { policy } = await reloading.policyNow();

    expect(policy.rules[0]?.onCall.owner?.map[0]?.services).toEqual(['Wiki']);
    expect(proven).toHaveBeenCalledWith({ policy, claims: config.claims });
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

    expect(await reloading.reload()).toBe(true);
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
    expect(await reloading.reload()).toBe(false);
    expect(reloading.hasChanged()).toBe(false);
    expect(await reloading.policyNow()).toEqual({ policy: config.policy });
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
