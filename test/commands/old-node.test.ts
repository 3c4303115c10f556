import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { describe, expect, it } from 'vitest';
import { nodeIsTooOld } from '../../src/node-version.ts';

const ROOT = join(import.meta.dirname, '../..');
const MACHINES_OWN = '/usr/bin/node';

/** What the packed program is entered by, compiled as for `dist/`; what it would load next only says that it was loaded. */
function compiledEntry(): string {
  const folder = mkdtempSync(join(tmpdir(), 'old-node-'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const name of ['main', 'node-version']) {
    const { outputText } = transpileModule(readFileSync(join(ROOT, `src/${name}.ts`), 'utf8'), {
      compilerOptions: {
        target: ScriptTarget.ES2024,
        module: ModuleKind.ESNext,
        rewriteRelativeImportExtensions: true,
      },
    });
    writeFileSync(join(folder, `${name}.js`), outputText);
  }
  writeFileSync(join(folder, 'program.js'), "process.stdout.write('loaded');");
  return folder;
}

function entered(node: string) {
  const folder = compiledEntry();
  try {
    return spawnSync(node, [join(folder, 'main.js')], { encoding: 'utf8', timeout: 15_000 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a Node that is too old', () => {
  it.each([
    ['20.20.2', true],
    ['22.22.0', true],
    ['23.11.1', true],
    ['24.0.0', false],
    ['26.10.0', false],
  ])('is told by its version: %s', (version, tooOld) => {
    expect(nodeIsTooOld(version, '/usr/bin/node') !== null).toBe(tooOld);
  });

  it('is what `engines` says', () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };

    expect(nodeIsTooOld('1.0.0', 'node')).toContain(`Node ${engines.node.replace('>=', '')} or newer`);
  });

  it('ends with a sentence and a code, before anything is loaded that it cannot read', ({ skip }) => {
    const { status: found, stdout } = spawnSync(MACHINES_OWN, ['--version'], { encoding: 'utf8' });
    const version = found === 0 ? stdout : '';
    if (version === '' || nodeIsTooOld(version.slice(1), '') === null) {
      skip(
        `${MACHINES_OWN} is ${version === '' ? 'not there' : version.trim()}: there is no old Node to try`,
      );
    }

    const ended = entered(MACHINES_OWN);

    expect(ended).toMatchObject({ status: 1, stdout: '' });
    expect(ended.stderr).toBe(
      `oncall-approver: this is Node ${version.trim().slice(1)} (${MACHINES_OWN}), and Node 24 or newer is needed: ` +
        'get it from https://nodejs.org/en/download or from your distribution, and put its folder first in PATH\n',
    );
  });

  it('is none where it is new enough', () => {
    expect(entered(process.execPath)).toMatchObject({ status: 0, stdout: 'loaded', stderr: '' });
  });
});
