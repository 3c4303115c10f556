import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PAPERS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'docs/architecture.md',
  ...globSync('docs/decisions/*.md', { cwd: ROOT }),
];

it.each(PAPERS)('%s names files and pages that exist', (paper) => {
  const text = readFileSync(join(ROOT, paper), 'utf8');
  const files = [...text.matchAll(/`((?:src|test|config|docs|scripts)\/[\w./-]+)`/gu)].map(
    ([, file = '']) => file,
  );
  const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/gu)].map(([, to = '']) =>
    join(dirname(paper), to),
  );

  expect([...files, ...links].filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  if (paper === 'README.md') expect(text.length).toBeLessThan(10_000);
});
