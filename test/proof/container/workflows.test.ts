import { execFile } from 'node:child_process';
import { glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { finished, ROOT, tool } from './tools.ts';

const run = promisify(execFile);
const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };

describe('the workflows', () => {
  it('are what actionlint takes for right', async () => {
    expect(await tool('actionlint', ['-shellcheck=', '-pyflakes='])).toMatchObject({ code: 0, stdout: '' });
  });

  it('use actions by commit alone, and call scripts that are there', async () => {
    const texts: string[] = [];
    for await (const file of glob('.github/workflows/*.yml', { cwd: ROOT })) {
      texts.push(await readFile(join(ROOT, file), 'utf8'));
    }
    const used = texts.flatMap((text) => [...text.matchAll(/uses: (\S+)(.*)$/gmu)]);
    const called = texts.flatMap((text) => [...text.matchAll(/(scripts\/release\/[\w-]+\.sh)/gu)]);

    expect(used.length).toBeGreaterThan(0);
    for (const [, action, comment] of used) {
      expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/u);
      expect(comment).toMatch(/^ # v\d+\.\d+\.\d+$/u);
    }
    for (const [, script = ''] of called) await run('bash', ['-n', join(ROOT, script)]);
  });
});

describe('a release', () => {
  const check = 'scripts/release/check-version.sh';

  it('is of the version that its tag names, in every place', async () => {
    const wrong = await finished(check, ['v9.9.9']);

    expect(await finished(check, [`v${version}`])).toMatchObject({ code: 0, stderr: '' });
    expect(wrong.code).toBe(1);
    for (const place of ['package.json', 'Chart.yaml, version', 'appVersion', 'Dockerfile', 'CHANGELOG.md']) {
      expect(wrong.stderr).toContain(place);
    }
  });

  it('has a chart that is packed as it is tested', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'release-'));
    try {
      expect(
        await tool('helm', ['package', 'charts/oncall-approver', '--destination', folder]),
      ).toMatchObject({ code: 0 });
      const packed = join(folder, `oncall-approver-${version}.tgz`);
      expect((await tool('helm', ['show', 'chart', packed])).stdout).toContain(`version: ${version}`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is pushed, signed by digest and told with its part of the changelog, as far as no registry is needed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'release-'));
    const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
    const standIns = {
      docker: `[[ $1 != buildx || $2 != build ]] || printf '{ "containerimage.digest": "${digest('a')}" }' >${folder}/image.json`,
      helm: `[[ $1 != push ]] || { [[ -f $2 ]] && printf 'Digest: ${digest('b')}\\n'; }`,
      cosign: `[[ $1 != sign-blob ]] || touch ${folder}/SHA256SUMS.sigstore.json`,
      gh: 'while (($# > 0)); do [[ $1 != /* || -f $1 ]] || { echo "$1 is missing" >&2; exit 1; }; shift; done',
    };
    try {
      await mkdir(join(folder, 'bin'));
      for (const [name, does] of Object.entries(standIns)) {
        const script = `#!/usr/bin/env bash\necho "${name} $*" >>${folder}/calls\n${does}\n`;
        await writeFile(join(folder, 'bin', name), script, { mode: 0o755 });
      }
      for (const made of [
        `oncall-approver-${version}.tgz`,
        `oncall-approver-chart-${version}.tgz`,
        'sbom.cdx.json',
        'licences.txt',
        'SHA256SUMS',
      ])
        await writeFile(join(folder, made), '');
      const env = {
        PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
        IMAGE: 'registry.example.com/oncall-approver',
        CHARTS: 'oci://registry.example.com/charts',
        GH_TOKEN: 'token',
        GITHUB_ACTOR: 'somebody',
        GITHUB_REF_NAME: `v${version}`,
        GITHUB_SHA: 'abc',
      };
      await run('scripts/release/publish.sh', [folder], { cwd: ROOT, env: { ...process.env, ...env } });

      const calls = await readFile(join(folder, 'calls'), 'utf8');
      expect(calls).not.toContain('token ');
      expect(calls).toContain(`--platform linux/amd64,linux/arm64 --push`);
      expect(calls).toContain(`cosign sign --yes registry.example.com/oncall-approver@${digest('a')}\n`);
      expect(calls).toContain(
        `cosign sign --yes registry.example.com/charts/oncall-approver@${digest('b')}\n`,
      );
      expect(await readFile(join(folder, 'notes.md'), 'utf8')).toMatch(/^\s*### Security/u);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
