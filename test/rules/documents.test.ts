import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testRules } from '../../src/commands/rules/test.ts';
import { loadConfig } from '../../src/config/load.ts';
import { tryClaims } from '../../src/rules/claims/try-claim.ts';
import { lint } from '../../src/rules/lint.ts';
import { CapturedTerminal } from '../commands/captured-terminal.ts';

const DOCS = join(import.meta.dirname, '../../docs');

const CONNECTIONS = `teleport: { addr: teleport.example.com:443, identity: identity }
pagerduty: { api_key_file: key, from: oncall-approver@example.com }
`;

/** The fenced blocks of a document that begin with this line, without their indentation. */
async function blocksIn(document: string, fence: string): Promise<readonly string[]> {
  const text = await readFile(join(DOCS, document), 'utf8');
  const blocks = [...text.matchAll(/^( *)```([^\n]*)\n(.*?)^ *```$/gmsu)];
  return blocks
    .filter(([, , name]) => name === fence)
    .map(([, indent = '', , body = '']) => body.replaceAll(new RegExp(`^${indent}`, 'gmu'), ''));
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'documents-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the rules in the documentation', () => {
  it.each(['rules-by-example.md', 'migration-from-teleport-plugin.md'])('are valid: %s', async (document) => {
    const blocks = await blocksIn(document, 'yaml');
    expect(blocks.length).toBeGreaterThan(0);

    await inFolder(async (folder) => {
      const file = join(folder, 'config.yaml');
      for (const block of blocks) {
        const identities = block.includes('identities:') ? '' : 'identities: [{ trait: email }]\n';
        await writeFile(file, `${CONNECTIONS}${identities}${block}`);
        const { policy, claims } = loadConfig(file, {}, { offline: true });
        expect(policy.rules.length).toBeGreaterThan(0);
        expect(tryClaims(claims, policy).filter(({ state }) => state !== 'holds')).toEqual([]);
      }
    });
  });

  it('mean what they say, as far as `rules lint` can tell', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'config.yaml');
      for (const block of await blocksIn('rules-by-example.md', 'yaml')) {
        await writeFile(file, `${CONNECTIONS}identities: [{ trait: email }]\n${block}`);
        // Of labels that hosts write themselves the page tells, too.
        const warnings = lint(loadConfig(file, {}, { offline: true }).policy);
        expect(warnings.filter(({ code }) => code !== 'owner-by-host')).toEqual([]);
      }
    });
  });

  it('decide the cases beside them as these say', async () => {
    const terminal = new CapturedTerminal();
    await inFolder(async (folder) => {
      const [rules = ''] = await blocksIn('rules-by-example.md', 'yaml');
      const [cases = ''] = await blocksIn('rules-by-example.md', 'yaml cases');
      await writeFile(join(folder, 'config.yaml'), `${CONNECTIONS}identities: [{ trait: email }]\n${rules}`);
      await writeFile(join(folder, 'cases.yaml'), cases);
      await testRules([join(folder, 'cases.yaml')], { config: join(folder, 'config.yaml') }, terminal);
    });

    expect(terminal.lines).toEqual(['3 of 3 cases pass']);
  });

  it('decide by owners as the cases beside them say', async () => {
    const terminal = new CapturedTerminal();
    await inFolder(async (folder) => {
      const blocks = await blocksIn('rules-by-example.md', 'yaml');
      const rules = blocks
        .filter((block) => block.includes(' owner:') && !block.includes('claims:'))
        .map((block) => block.replace('rules:\n', ''));
      const [cases = ''] = await blocksIn('rules-by-example.md', 'yaml cases of owners');
      const config = `${CONNECTIONS}identities: [{ trait: email }]\nrequire_sso: false\nrules:\n${rules.join('')}`;
      await writeFile(join(folder, 'config.yaml'), config);
      await writeFile(join(folder, 'cases.yaml'), cases);
      await testRules([join(folder, 'cases.yaml')], { config: join(folder, 'config.yaml') }, terminal);
    });

    expect(terminal.lines).toEqual(['16 of 16 cases pass']);
  });
});
