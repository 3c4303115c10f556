import { describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { FULL_ACCESS_KEY } from '../sim/pagerduty/reference-world.ts';
import { Stage } from '../service/stage.ts';
import { PAYMENTS_API } from '../support/situation.ts';
import { CapturedTerminal } from './captured-terminal.ts';

describe('`check`', () => {
  it('fails for a name that does not exist, and tells those that are near it', async () => {
    await using stage = await Stage.arranged(() => undefined, {
      rule: {
        on_call: {
          services: ['Payment API'],
          schedules: ['payments primery'],
          escalation_policies: ['Search'],
        },
      },
    });
    const terminal = new CapturedTerminal();

    expect(await check(stage.configFile, terminal)).toBe(1);

    expect(terminal.text).toMatch(
      /^FAIL {2}rule prod-oncall: .*`Payment API`.*; did you mean `Payments API`\?$/mu,
    );
    expect(terminal.text).toMatch(
      /^FAIL {2}rule prod-oncall: .*`payments primery`.*; did you mean `Payments primary`\?$/mu,
    );
    expect(terminal.text).toMatch(/^FAIL {2}rule prod-oncall: .*escalation policy `Search`.*rights$/mu);
  });

  it('tells in a line what will go wrong within two weeks', async () => {
    await using stage = await Stage.arranged(() => undefined, { listUsers: true });
    const terminal = new CapturedTerminal();
    await check(stage.configFile, terminal);
    const { directory } = stage.teleport.cluster;
    directory.deleteUser('sre-2');
    directory.keepLoginState('sre-2', null);
    await check(stage.configFile, terminal);

    expect(terminal.lines.filter((line) => line.includes('forecast:'))).toEqual([
      'ok    forecast: nothing goes wrong within 14 days, as far as it can be told',
      expect.stringMatching(
        /^warn  forecast: rule prod-oncall: whoever is on call would be refused \(Taylor Two\) from .* \(and 1 more\): .*`oncall-approver forecast` tells all of it$/u,
      ),
    ]);
  });

  it('fails for a service that the key may not see', async () => {
    await using stage = await Stage.arranged((account) =>
      account.keys.put({ ...account.keys.require(FULL_ACCESS_KEY), hiddenIds: [PAYMENTS_API] }),
    );
    const terminal = new CapturedTerminal();

    expect(await check(stage.configFile, terminal)).toBe(1);
    expect(terminal.text).toContain('PagerDuty has no service `Payments API` that the API key may see');
  });
});
