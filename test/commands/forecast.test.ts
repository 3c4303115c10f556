import { describe, expect, it } from 'vitest';
import { forecastRules, type ForecastOptions } from '../../src/commands/forecast.ts';
import { whoCould, type RulesWhoOptions } from '../../src/commands/rules/who.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import type { RuleAhead } from '../../src/core/forecast/forecast.ts';
import type { Approvable } from '../../src/core/forecast/who.ts';
import { Stage, type StageOptions } from '../service/stage.ts';
import { aLayer, aSchedule } from '../sim/pagerduty/builders.ts';
import { openMaintenanceWindow, setOverride } from '../sim/pagerduty/administration.ts';
import { CapturedTerminal } from './captured-terminal.ts';

type Options = Partial<Omit<ForecastOptions, 'config'>>;

async function foretold(stage: Stage, options: Options = {}): Promise<CapturedTerminal & { code: number }> {
  const terminal = new CapturedTerminal();
  const code = await forecastRules({ config: stage.configFile, days: '14', ...options }, terminal);
  return Object.assign(terminal, { code });
}

async function codes(stage: Stage): Promise<readonly string[]> {
  const { rules } = JSON.parse((await foretold(stage, { json: true })).text) as {
    rules: readonly RuleAhead[];
  };
  return rules.flatMap(({ foreseen }) =>
    foreseen.map(({ code, people }) => [code, ...people.map(({ summary }) => summary)].join(' ')),
  );
}

async function story(options: StageOptions = {}): Promise<Stage> {
  return Stage.open({ start: false, listUsers: true, ...options });
}

/** Times as they come, for the rota of the story is laid around the present. */
const TIMES = /\d{4}-\d\d-\d\d \d\d:\d\d/gu;

describe('`forecast`', () => {
  it('tells in a table who could be approved when, then what will go wrong, and what to do about it', async () => {
    await using stage = await story();

    const { code, lines } = await foretold(stage, { strict: true });

    expect(code).toBe(0);
    expect(lines.map((line) => line.replaceAll(TIMES, '…'))).toEqual([
      '… to …, all times are UTC',
      '',
      'rule         person      could be approved',
      'prod-oncall  Sam One     … to …, … to … (168 h)',
      'prod-oncall  Taylor Two  … to … (168 h)',
      '',
      '0 people on call whom nobody would recognise in Teleport',
    ]);
    setOverride(stage.pagerDuty.account, { scheduleId: 'PSCHED1', userId: 'PTAY2RE' });
    const young = await foretold(stage, { strict: true });
    expect(young.code).toBe(1);
    expect(young.text.replaceAll(TIMES, '…')).toContain(
      'too-young: whoever is on call has not been so for 10 min from … to … (10 min)',
    );
    expect(young.lines.at(-2)).toBe('prod-oncall: 0.2 h in which nobody is on call for long enough yet');
  });

  it('finds in both systems what will go wrong in these days, and fails for it where it is asked to be strict', async () => {
    await using stage = await story();
    const { directory, locks } = stage.teleport.cluster;
    const { account } = stage.pagerDuty;
    openMaintenanceWindow(account, { serviceIds: ['PSERVC2'], durationMs: 3_600_000 });
    directory.deleteUser('sre-2');
    directory.keepLoginState('sre-2', null);
    locks.upsert(
      {
        name: 'l',
        target: { user: 'sre-1', role: '', accessRequest: '' },
        message: '',
        expires: null,
        removedAt: null,
      },
      'admin',
    );

    expect(await codes(stage)).toEqual([
      'all-refused Sam One Taylor Two',
      'locked Sam One',
      'no-account Taylor Two',
      'in-maintenance',
    ]);
    expect((await foretold(stage, { strict: true })).code).toBe(1);
    expect((await foretold(stage)).code).toBe(0);
  });

  it('counts nobody of whom it may not read, and says what it lacks', async () => {
    await using stage = await story({ listUsers: false });
    stage.teleport.cluster.directory.deleteUser('sre-2');
    stage.teleport.cluster.directory.keepLoginState('sre-2', null);

    const { code, text } = await foretold(stage, { strict: true });

    expect(code).toBe(0);
    expect(text).toContain(
      'not-known: who Taylor Two is in Teleport cannot be foretold: the service may not list and read user and user_login_state in Teleport',
    );
  });

  it('counts the shifts of a schedule that no policy uses, and of one that a policy does', async () => {
    await using stage = await story({
      rule: { on_call: { schedules: ['Audit rota', 'Payments secondary'], max_level: 2 } },
    });
    const layers = [aLayer({ userIds: ['PROB3RE'] })];
    stage.pagerDuty.account.addSchedule(aSchedule({ name: 'Audit rota', layers }));

    expect((await foretold(stage)).lines[3]?.replaceAll(TIMES, '…')).toBe(
      'prod-oncall  Robin Three  … to … (336 h)',
    );
  });

  it.each(['0', '86', '1.5', 'soon'])('takes no %s days', async (days) => {
    await using stage = await story();

    await expect(foretold(stage, { days })).rejects.toThrow(ConfigError);
  });
});

it('`rules who` tells who could be approved for a role, by which rule and shift, and of whom nobody can say ahead', async () => {
  await using stage = await story();
  const who = async (options: Partial<RulesWhoOptions> = {}) => {
    const terminal = new CapturedTerminal();
    await whoCould({ config: stage.configFile, role: 'prodaccess', until: '14d', ...options }, terminal);
    return terminal;
  };

  expect((await who()).lines.map((line) => line.replaceAll(TIMES, '…'))).toEqual([
    'who could be approved for prodaccess from … to …, all times are UTC',
    '',
    'person      in Teleport  rule         shift             could be approved',
    'Sam One     sre-1        prod-oncall  Payments primary  … to …',
    'Sam One     sre-1        prod-oncall  Payments primary  … to …',
    'Taylor Two  sre-2        prod-oncall  Payments primary  … to …',
  ]);
  const { role, people } = JSON.parse((await who({ json: true })).text) as {
    role: string;
    people: readonly Approvable[];
  };
  expect([role, people.map(({ user }) => user.summary)]).toEqual(['prodaccess', ['Sam One', 'Taylor Two']]);
  expect((await who({ role: 'another' })).lines.at(-1)).toBe('nobody by a shift of their own');
  await expect(who({ until: '90d' })).rejects.toThrow(ConfigError);
});
