import { mkdtempDisposable, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { checkFileModes } from '../../src/commands/check-machine.ts';
import { CapturedTerminal } from './captured-terminal.ts';
import { Stage } from '../service/stage.ts';

describe('a file for the service alone', () => {
  it.each([
    [0o600, 0],
    [0o400, 0],
    // As systemd and Kubernetes hand it over, to the service's own group.
    [0o440, 0],
    [0o644, 1],
    [0o602, 1],
  ])('with mode %o has %i warnings', async (mode, count) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'oncall-approver-files-'));
    const path = join(folder.path, 'key');
    await writeFile(path, 'secret', { mode });
    await chmod(path, mode);

    const findings = checkFileModes([
      { what: 'the API key', path },
      { what: 'none', path: `${path}-` },
    ]);

    expect(findings).toEqual(
      Array.from({ length: count }, () => ({
        state: 'warning',
        subject: 'files',
        text: `the API key \`${path}\` has mode 0${mode.toString(8)}, others may use it: \`chmod 600 ${path}\``,
      })),
    );
  });

  it('is looked at by `check`', async () => {
    await using stage = await Stage.open({ start: false });
    await chmod(join(stage.folder, 'pagerduty-key'), 0o644);
    const terminal = new CapturedTerminal();

    await check(stage.configFile, terminal);

    expect(terminal.lines.filter((line) => line.includes(' files: '))).toEqual([
      expect.stringMatching(/^warn {2}files: the API key .*pagerduty-key` has mode 0644/u),
    ]);
  });
});
