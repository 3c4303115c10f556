import { describe, expect, it } from 'vitest';
import { commandsOf } from '../proof/walk/walk.ts';
import { shellBlocks } from './shell-blocks.ts';

describe('blocks of shell commands', () => {
  it('are found with their line, without their indentation, and other languages are left out', () => {
    expect(shellBlocks('text\n\n   ```sh\n   one\n     two\n   ```\n\n```yaml\nthree: 3\n```\n')).toEqual([
      { line: 3, commands: 'one\n  two', treatment: { kind: 'run' } },
    ]);
  });

  it('take the mark right above them', () => {
    const [block] = shellBlocks(
      '<!-- sh: not run: needs a Teleport cluster -->\n\n```sh\ntctl status\n```\n',
    );
    expect(block?.treatment).toEqual({ kind: 'not-run', reason: 'needs a Teleport cluster' });
  });

  it('of the quick start are walked by each path, from the source to a request that is waited for', () => {
    const walked = (['compose', 'kubernetes', 'machine'] as const).map(commandsOf);

    for (const commands of walked) {
      expect(commands[0]).toMatch(/^git clone /u);
      expect(commands.at(-1)).toBe('tsh request create --roles=prodaccess --reason="checkout fails"');
    }
    expect(
      walked.map((commands) => commands.filter((each) => /^helm |compose up|enable --now/u.test(each))),
    ).toEqual([
      [expect.stringContaining('docker compose up')],
      [expect.stringContaining('helm upgrade'), expect.stringContaining('helm upgrade')],
      [expect.stringContaining('systemctl enable')],
    ]);
    expect(walked[1]?.find((each) => each.startsWith('cat >values.yaml'))).toMatch(/mode: shadow\nEND$/u);
  });

  it.each(['not run:', 'not run: no', 'skip', 'not run'])('refuse the mark `%s`', (mark) => {
    expect(() => shellBlocks(`<!-- sh: ${mark} -->\n\`\`\`sh\nx\n\`\`\``)).toThrow(/means nothing/u);
  });
});
