import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { callProgram } from '../../src/commands/program.ts';
import { LEAST } from '../config/a-config.ts';
import { CapturedTerminal } from './captured-terminal.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'calling-'));
const CONFIG = join(FOLDER, 'settings.yaml');
writeFileSync(CONFIG, `${LEAST}ledger: { sqlite: ledger.sqlite }\n`);
afterAll(() => rmSync(FOLDER, { recursive: true }));

async function called(args: readonly string[], environment: Record<string, string> = {}) {
  const terminal = new CapturedTerminal(environment);
  let stderr = '';
  const status = await callProgram(args, {
    terminal,
    complain: (text) => (stderr += text),
    signals: () => ({ stop: AbortSignal.abort(), onHangUp: () => undefined }),
  });
  return { status, stderr, stdout: terminal.text };
}

describe('a command that is called wrongly', () => {
  it.each<[string, string[], RegExp]>([
    ['no command', [], /^Usage: /u],
    ['half a command', ['ledger'], /^Usage: oncall-approver ledger /u],
    ['an unknown command', ['chek'], /did you mean check/iu],
    ['an unknown option', ['ledger', 'verify', '--conf', 'a'], /did you mean --config/iu],
    ['a configuration without its option', ['check', 'a.yaml'], /did you mean --config a\.yaml\?/iu],
    ['an option without its value', ['ledger', 'export', '--out'], /argument missing/u],
    ['an option that is missing', ['ledger', 'export', '--config', CONFIG], /--out/u],
    ['a moment that is none', ['ledger', 'list', '--config', CONFIG, '--since', 'soon'], /soon/u],
    ['a configuration', ['rules', 'test', CONFIG, '--config', CONFIG], /is a configuration, not .*cases/u],
    ['a shell that nobody knows', ['completion', 'tcsh'], /`tcsh`.* bash, zsh, fish/u],
    ['no such file', ['rules', 'lint', '--config', 'absent'], /`--config` or ONCALL_APPROVER_CONFIG/u],
  ])('ends with 2, which no verdict does, and says what was meant: %s', async (_what, args, said) => {
    const { status, stderr, stdout } = await called(args);

    expect(stderr).toMatch(said);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it.each(['--help', '--version'])('is not one that asks for %s', async (option) => {
    expect(await called([option])).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('the configuration, where no option names it', () => {
  it('is the one that ONCALL_APPROVER_CONFIG names', async () => {
    const { status, stdout } = await called(['rules', 'lint'], { ONCALL_APPROVER_CONFIG: CONFIG });

    expect(stdout).toMatch(/1 rule,/u);
    expect(status).toBe(0);
  });

  it.each([[['rules', 'lint']], [['ledger', 'list']]])(
    'else the one in its usual place: %s',
    async (args) => {
      expect((await called(args, { ONCALL_APPROVER_CONFIG: '' })).stderr).toContain(
        '/etc/oncall-approver/oncall-approver.yaml',
      );
    },
  );
});

describe('completion', () => {
  /** What a shell offers after these words, the last of which is unfinished. */
  async function offered(words: readonly string[]): Promise<readonly string[]> {
    const { stdout: completion } = await called(['completion', 'bash']);
    const script = `${completion}
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _oncall_approver; printf '%s\\n' "\${COMPREPLY[@]}"`;
    // Debian's bash reads the machine's own start file where it takes its caller for a login from afar.
    const { stdout, stderr } = spawnSync(
      'bash',
      ['--norc', '-uc', script, '-', 'oncall-approver', ...words],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    return stdout.trim().split('\n');
  }

  it.each<[string[], string[]]>([
    [['ch'], ['check']],
    [['ledger', 'ver'], ['verify']],
    [
      ['ledger', 'key', ''],
      ['init', 'rotate', '--help'],
    ],
    [['ledger', 'verify', '--a'], ['--against']],
    [['check', '--config', ''], ['']],
    [['check', '--config', 'a.yaml', '--ping'], ['--ping-webhook']],
  ])('in bash offers after `%s` %s', async (words, expected) => {
    expect(await offered(words)).toEqual(expected);
  });

  it.each([
    ['zsh', 'whence -w _oncall_approver', /_oncall_approver: function/u],
    ['fish', 'complete -C "oncall-approver ledger ver"', /^verify\t/mu],
  ])('is understood by %s, where there is one', async (shell, asked, understood) => {
    const { stdout: completion, status } = await called(['completion', shell]);
    const begun = shell === 'zsh' ? 'autoload -Uz compinit && compinit -u -D' : '';
    const { error, stdout, stderr } = spawnSync(shell, ['-c', `${begun}\n${completion}\n${asked}`], {
      encoding: 'utf8',
    });

    expect(status).toBe(0);
    expect(completion).toContain('verify');
    if (error === undefined) expect(`${stdout}${stderr}`).toMatch(understood);
  });
});
