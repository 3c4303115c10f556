import { describe, expect, it } from 'vitest';
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

  it.each(['not run:', 'not run: no', 'skip', 'not run'])('refuse the mark `%s`', (mark) => {
    expect(() => shellBlocks(`<!-- sh: ${mark} -->\n\`\`\`sh\nx\n\`\`\``)).toThrow(/means nothing/u);
  });
});
