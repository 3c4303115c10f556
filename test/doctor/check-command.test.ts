import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { Stage } from '../service/stage.ts';
import { FULL_ACCESS_KEY, READ_ONLY_KEY } from '../sim/pagerduty/reference-world.ts';

interface Checked {
  readonly code: number;
  readonly lines: readonly string[];
}

async function checked(stage: Stage): Promise<Checked> {
  const lines: string[] = [];
  const code = await check(stage.configFile, { environment: {}, print: (line) => lines.push(line) });
  return { code, lines };
}

/** The reference story with one key for reading and one for writing. */
async function withTwoKeys(reading: string): Promise<Stage> {
  const stage = await Stage.open({
    start: false,
    config: {
      pagerduty: {
        api_url: 'http://127.0.0.1:1',
        api_key_file: 'reading',
        write_key_file: 'pagerduty-key',
        from: 'oncall-approver@example.com',
      },
    },
  });
  await writeFile(join(stage.folder, 'reading'), reading, { mode: 0o600 });
  const text = await readFile(stage.configFile, 'utf8');
  await writeFile(stage.configFile, text.replace('http://127.0.0.1:1', stage.pagerDuty.url));
  return stage;
}

describe('`check` against both systems', () => {
  it('tells who would be paged now, and which role is enough', async () => {
    await using stage = await Stage.open({ start: false });

    const { code, lines } = await checked(stage);

    expect(code).toBe(0);
    expect(lines.find((line) => line.includes('escalate:'))).toMatch(/^ok .*; on call now: Sam One$/u);
    expect(lines.find((line) => line.includes('least privilege'))).toContain(
      'access_plugin_data (role access-reviewer)',
    );
    expect(lines.find((line) => line.includes('least privilege'))).toContain('\n    review_requests:\n');
    expect(lines.find((line) => line.includes('teleport identity'))).toMatch(/, 11 h from now$/u);
  });

  it('accepts a reading key that may only read', async () => {
    await using stage = await withTwoKeys(READ_ONLY_KEY);

    const { code, lines } = await checked(stage);

    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes('pagerduty key'))).toEqual([
      'ok    pagerduty key: the key may open incidents and write notes',
    ]);
  });

  it('warns of a reading key that may write', async () => {
    await using stage = await withTwoKeys(FULL_ACCESS_KEY);

    const { code, lines } = await checked(stage);

    expect(code).toBe(0);
    expect(lines.find((line) => line.includes('the reading key may write too'))).toMatch(/^warn/u);
    expect(stage.incidents()).toEqual([]);
  });

  it('fails for a name that leads elsewhere than when the service first looked it up', async () => {
    await using stage = await Stage.open();
    await stage.stopService();
    const { services } = stage.pagerDuty.account;
    services.put({ ...services.require('PSERVC1'), name: 'Payments (old)' });
    services.put({ ...services.require('PSERVC2'), id: 'PSERVC9', name: 'Payments API' });

    const { code, lines } = await checked(stage);

    expect(code).toBe(1);
    expect(lines.find((line) => line.includes('first looked up'))).toMatch(
      /^FAIL +rule prod-oncall: service `Payments API` was PSERVC1 .*, and is PSERVC9 now/u,
    );
  });
});
