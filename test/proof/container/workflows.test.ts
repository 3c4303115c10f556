import { execFile } from 'node:child_process';
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
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
      ).toMatchObject({
        code: 0,
      });
      const packed = join(folder, `oncall-approver-${version}.tgz`);
      expect((await tool('helm', ['show', 'chart', packed])).stdout).toContain(`version: ${version}`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
