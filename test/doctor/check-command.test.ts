import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { setUpPagerDuty } from '../../src/commands/setup-pagerduty.ts';
import { Stage } from '../service/stage.ts';
import { BASE_TYPE } from '../sim/pagerduty/routes-incident-types.ts';

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

it('`setup pagerduty` says what it would make, makes it once somebody agreed, and pages have it', async () => {
  await using stage = await Stage.open({ start: false });
  const { account } = stage.pagerDuty;
  const setUp = async (yes: boolean, answer?: string) => {
    const lines: string[] = [];
    const input = Object.assign(new PassThrough(), { isTTY: answer !== undefined });
    input.end(answer);
    const terminal = { environment: {}, print: (line: string) => lines.push(line) };
    const options = { config: stage.configFile, yes };
    const code = await setUpPagerDuty(options, terminal, input as unknown as NodeJS.ReadStream);
    return [code, lines.join('\n')] as const;
  };
  const pages = async () => (await checked(stage)).lines.find((line) => line.includes(' pages: '));

  expect(await pages()).toMatch(/^ok .*like any other: `oncall-approver setup pagerduty`/u);
  await expect(setUp(false)).rejects.toThrow('say `--yes` as well');
  expect(await setUp(false, 'n\n')).toEqual([
    1,
    expect.stringMatching(/access_request.*access_roles.*\nnothing was made/su),
  ]);
  expect(account.incidentTypes.all()).toEqual([]);
  expect(await setUp(false, 'y\n')).toEqual([0, expect.stringContaining('ok  made')]);
  const [made] = account.incidentTypes.all();
  account.incidentTypes.put({ ...(made ?? BASE_TYPE), fields: ['access_requester'] });
  expect(await pages()).toMatch(/^warn .*lacks access_roles, access_decision and access_ends_at/u);
  const refuse = {
    kind: 'status',
    status: 403,
    match: { method: 'POST', pathPrefix: '/incidents/types' },
  } as const;
  const refused = stage.pagerDuty.faults.add(refuse);
  expect(await setUp(true)).toEqual([1, expect.stringContaining('an admin’s key is needed')]);
  refused.remove();
  expect(await setUp(true)).toEqual([0, expect.stringContaining('custom fields of it, access_roles')]);
  expect(await setUp(true)).toEqual([0, expect.stringContaining('are there')]);
  expect(await pages()).toContain('pages have an incident type');

  const seen = () => stage.pagerDuty.calls.matching('GET', '/incidents/types/access_request/custom_fields');
  const before = seen().length;
  await stage.startService();
  await expect.poll(() => seen().length, { timeout: 5_000 }).toBeGreaterThan(before);
  const id = stage.request('sre-2');
  await stage.done('page', id);
  const [page] = stage.incidents();
  expect(page?.incidentType).toBe('access_request');
  await expect
    .poll(() => account.incidents.require(page?.id ?? '').customFields, { timeout: 5_000 })
    .toMatchObject({ access_requester: 'sre-2', access_roles: 'prodaccess' });
});
