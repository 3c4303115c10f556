import { describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { Stage } from '../service/stage.ts';

interface Checked {
  readonly code: number;
  readonly lines: readonly string[];
}

async function checked(stage: Stage): Promise<Checked> {
  const lines: string[] = [];
  const code = await check(stage.configFile, { environment: {}, print: (line) => lines.push(line) });
  return { code, lines };
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
