import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const DOCUMENT = join(import.meta.dirname, '../../../docs/on-call-situations.md');

interface Situation {
  readonly name: string;
  readonly file: string;
  readonly title: string;
}

async function situations(): Promise<readonly Situation[]> {
  const rows = (await readFile(DOCUMENT, 'utf8')).split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(2).map((row) => {
    const [, name = '', file = '', title = ''] =
      /^\| (.+?) +\| .+? +\| `([\w-]+\.test\.ts)`: (.+?) +\|$/u.exec(row) ?? [];
    return { name, file, title };
  });
}

/** The titles of the tests in a file, as they are written there. */
async function titlesIn(file: string): Promise<readonly string[]> {
  const text = await readFile(join(import.meta.dirname, file), 'utf8');
  const calls = text.matchAll(/(?:\bit|\))\(\s*(['"`])([^\n]+?)\1,\s*async \(/gu);
  return [...calls].map(([, , title = '']) => title.replaceAll("\\'", "'"));
}

describe('the table of situations', () => {
  it('names a test for each, and every test that it names exists', async () => {
    const listed = await situations();
    const files = [...new Set(listed.map(({ file }) => file))];
    const titles = new Map(
      await Promise.all(files.map(async (file) => [file, await titlesIn(file)] as const)),
    );

    expect(listed.length).toBeGreaterThanOrEqual(33);
    expect(listed.filter(({ file, title }) => titles.get(file)?.includes(title) !== true)).toEqual([]);
  });

  it('names each situation once, and every file of situations', async () => {
    const listed = await situations();
    const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.test.ts'));

    expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length);
    expect([...new Set(listed.map(({ file }) => file))].sort()).toEqual(
      files.filter((name) => name !== 'documented.test.ts').sort(),
    );
  });
});
