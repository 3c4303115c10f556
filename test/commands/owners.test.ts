import { describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { owners, type OwnersOptions } from '../../src/commands/owners.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { Stage } from '../service/stage.ts';
import { putInTeam, setServiceDisabled, setServiceField } from '../sim/pagerduty/administration.ts';
import { aServiceField } from '../sim/pagerduty/builders.ts';
import type { Labelled } from '../sim/teleport/model.ts';
import { CapturedTerminal } from './captured-terminal.ts';

const OWNER = {
  label: 'owner',
  map: [{ kinds: ['db'], names: ['old-*'], services: ['PSERVC1'] }],
  unowned: 'Access requests',
};
const RULE = {
  on_call: { owner: OWNER },
  when: { resources: { kinds: ['node', 'db', 'git_server'] } },
  escalate: { owner: true },
};

function db(name: string, owner?: string): Labelled {
  return { kind: 'db', name, labels: { env: 'prod', ...(owner === undefined ? {} : { owner }) } };
}

async function estate(rule: Record<string, unknown> = RULE): Promise<Stage> {
  const stage = await Stage.open({ start: false, listUsers: true, rule });
  const { cluster } = stage.teleport;
  const role = cluster.directory.role('access-reviewer');
  const reviewRequests = { ...role.allow.reviewRequests, previewAsRoles: ['prodaccess'] };
  cluster.directory.putRole({ ...role, allow: { ...role.allow, reviewRequests } });
  cluster.nodes.set('uuid-1', {
    ...{ id: 'uuid-1', hostname: 'db-1', labels: { env: 'prod', owner: 'Payments API' } },
  });
  cluster.nodes.set('uuid-2', { id: 'uuid-2', hostname: 'hidden', labels: { env: 'dev' } });
  cluster.labelled.push(
    ...[db('pay', 'payments api'), db('split', 'PSERVC1'), db('old-1'), db('split'), db('none')],
    ...[db('odd', 'Gone, Payments API'), { ...db('till', 'Payments API'), kind: 'app' as const }],
    { ...db('code', 'Payments API'), kind: 'git_server', organization: 'example' },
  );
  return stage;
}

async function listed(stage: Stage, options: Omit<OwnersOptions, 'config'> = {}) {
  const terminal = new CapturedTerminal();
  const code = await owners({ config: stage.configFile, ...options }, terminal);
  return { code, lines: terminal.lines, text: terminal.text };
}

describe('`owners`', () => {
  it('tells of all that the rules are for whose it is and who is on call, and what has no owner', async () => {
    await using stage = await estate();
    const { code, lines } = await listed(stage);

    expect(code).toBe(0);
    expect(lines.map((line) => line.replaceAll(/ {2,}/gu, ' | '))).toEqual([
      'resource | owner | on call now',
      'node db-1 | Payments API | Sam One',
      'db none | none | it has no label `owner` or entry in the map',
      'db odd | Gone | no such service that pages',
      'db odd | Payments API | Sam One',
      'db old-1 | Payments API | Sam One',
      'db pay | Payments API | Sam One',
      'db split | none | its servers do not agree in label `owner`',
      'git_server code | Payments API | Sam One',
      '',
      '7 resources, 2 without an owner',
      'named as owner and no service that pages: Gone (1)',
    ]);
  });

  it('goes through thousands of things without keeping everybody else waiting', async () => {
    await using stage = await estate();
    const many = Array.from({ length: 200 }, (_, index) => db(`db-${index}`, 'Payments API'));
    stage.teleport.cluster.labelled.push(...many);
    let turn = 0;
    let turning = setImmediate(function next() {
      turn += 1;
      turning = setImmediate(next);
    });
    const turns = new Set<number>();
    const terminal = new CapturedTerminal();
    const print = terminal.print.bind(terminal);
    terminal.print = (line) => {
      if (line.startsWith('db db-')) turns.add(turn);
      print(line);
    };

    await owners({ config: stage.configFile }, terminal);
    clearImmediate(turning);

    expect(terminal.lines.filter((line) => line.startsWith('db db-'))).toHaveLength(200);
    expect(turns.size).toBeGreaterThan(3);
  });

  it('says it as one document, and fails for gaps where it is asked to be strict', async () => {
    await using stage = await estate();
    const { code, text } = await listed(stage, { json: true, strict: true });

    expect(code).toBe(1);
    const { resources, summary } = JSON.parse(text) as { resources: readonly object[]; summary: object };
    expect(resources[0]).toEqual({
      ...{ kind: 'node', name: 'uuid-1', hostName: 'db-1', rule: 'prod-oncall', why: null },
      owners: [{ asked: 'Payments API', service: 'Payments API', onCall: ['Sam One'] }],
    });
    expect(summary).toEqual({ resources: 7, unowned: 2, missing: { Gone: 1 }, misread: {}, idle: [] });
    setServiceDisabled(stage.pagerDuty.account, 'PSERVC1', true);
    expect((await listed(stage)).text).toContain(
      'pages: Payments API (3), Gone (1), PSERVC1 (1) and payments api (1)',
    );

    stage.teleport.cluster.labelled.length = 0;
    stage.teleport.cluster.nodes.clear();
    const nothing = await listed(stage, { json: true, strict: true });
    expect([nothing.code, JSON.parse(nothing.text)]).toMatchObject([0, { resources: [] }]);
  });

  it('goes by fields and teams of PagerDuty, and tells what cannot be understood', async () => {
    const owner = {
      team_label: 'team',
      field: 'selector',
      field_of: { teams: ['Payments'] },
      unowned: 'PSERVC2',
    };
    await using stage = await estate({ ...RULE, on_call: { owner } });
    const { account } = stage.pagerDuty;
    account.teams.put({ id: 'PTEAM01', name: 'Payments' });
    putInTeam(account, 'PPOLCY1', 'PTEAM01');
    account.serviceFields.put(aServiceField('PFIELD1', 'selector'));
    setServiceField(account, 'PSERVC2', 'selector', '*');
    const labelled = (name: string, team: string): Labelled => ({
      ...db(name),
      labels: { env: 'prod', team },
    });
    stage.teleport.cluster.labelled.push(labelled('shop', 'payments'), labelled('lost', 'Nobody'));
    const { code, lines } = await listed(stage, { strict: true });

    expect(code).toBe(1);
    expect(lines.map((line) => line.replaceAll(/ {2,}/gu, ' | '))).toEqual(
      expect.arrayContaining([
        'db lost | team Nobody | no such service that pages',
        'db shop | team Payments | Sam One',
        'named as owner and no service that pages: team Nobody (1)',
        'fields that cannot be understood, or would be for everything: Access requests (*)',
      ]),
    );
    const terminal = new CapturedTerminal();
    await check(stage.configFile, terminal);
    expect(terminal.text).toContain('1 services with a field that cannot be understood');
  });

  it('is of no use without a rule that goes by owners', async () => {
    await using stage = await estate({});

    await expect(listed(stage)).rejects.toThrow(ConfigError);
  });

  it('has a line in `check`', async () => {
    await using stage = await estate();
    const terminal = new CapturedTerminal();
    await check(stage.configFile, terminal);
    stage.teleport.cluster.labelled.length = 0;
    await check(stage.configFile, terminal);

    expect(terminal.lines.filter((line) => line.includes('  owners: '))).toEqual([
      'warn  owners: 7 resources, 2 without an owner; 1 names of owners that are no service which pages, such as `Gone`: requests for these go to people; `oncall-approver owners` lists them',
      'ok    owners: 1 resources, 0 without an owner',
    ]);
  });
});
