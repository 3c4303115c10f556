import { describe, expect, it } from 'vitest';
import { TeleportError, type AutomaticReviewRule } from '../../src/ports/teleport.ts';
import { connected } from '../teleport/connected.ts';
import { aPolicy, aRule } from '../support/builders.ts';
import { findingOn, findingsOf } from './checked-teleport.ts';

const SUBJECT = 'teleport access monitoring rules';
const policy = aPolicy({ rules: [aRule({ roles: ['prod*'] })] });

function aMonitoringRule(overrides: Partial<AutomaticReviewRule> = {}): AutomaticReviewRule {
  return { name: 'auto', decision: 'APPROVED', condition: 'true', integration: 'builtin', ...overrides };
}

function found(...rules: readonly AutomaticReviewRule[]) {
  return findingOn(SUBJECT, { policy, admin: { automaticReviewRules: () => Promise.resolve(rules) } });
}

describe('what Teleport reviews by itself', () => {
  it.each([
    ['everything', 'true'],
    ['a team', 'contains(user.traits["team"], "payments")'],
    ['a role of ours', 'access_request.spec.roles.contains("prodaccess")'],
    ['one role of ours among others', 'contains_any(access_request.spec.roles, set("staging", "prod-db"))'],
    ['roles that are not told', 'access_request.spec.roles.contains(user.name)'],
  ])('is told with its condition where it may cover our roles: %s', async (_what, condition) => {
    const finding = await found(aMonitoringRule({ condition }));

    expect(finding?.state).toBe('warning');
    expect(finding?.text).toContain(`\`${condition}\``);
    expect(finding?.text).toContain('may approve such requests before anybody is asked');
  });

  it('is told for each rule, with who carries it out', async () => {
    const rules = [
      aMonitoringRule(),
      aMonitoringRule({ name: 'no', decision: 'DENIED', integration: 'opsgenie' }),
    ];
    const findings = await findingsOf({
      policy,
      admin: { automaticReviewRules: () => Promise.resolve(rules) },
    });

    const [first, second] = findings.filter(({ subject }) => subject === SUBJECT);
    expect(first?.text).toContain('`auto` Teleport reviews by itself (APPROVED)');
    expect(second?.text).toContain('`no` the plugin `opsgenie` reviews by itself (DENIED)');
    expect(second?.text).toContain('may deny what the rules approve');
  });

  it.each([
    ['there is nothing', [], 'requests for the roles of the rules'],
    [
      'it is for other roles',
      [aMonitoringRule({ condition: 'access_request.spec.roles.contains("staging")' })],
      '1 do for other roles',
    ],
  ])('is well where %s', async (_what, rules, text) => {
    const finding = await found(...rules);

    expect(finding?.state).toBe('ok');
    expect(finding?.text).toContain(text);
  });

  it('is unknown, and no yes, where it may not be looked at; and any other failure is one', async () => {
    const failing = (kind: 'denied' | 'unavailable') =>
      findingOn(SUBJECT, {
        admin: {
          automaticReviewRules: () => Promise.reject(new TeleportError(kind, 'no', { transient: false })),
        },
      });

    expect(await failing('denied')).toMatchObject({
      state: 'warning',
      text: expect.stringContaining('[access_monitoring_rule], verbs: [list, read]') as string,
    });
    expect((await failing('unavailable'))?.state).toBe('failed');
  });
});

describe('the rules of Teleport that are active', () => {
  it.each([
    ['18.11.0', 105],
    ['15.4.0', 0],
  ])('are read on every page, and are none where Teleport knows none: %s', async (serverVersion, count) => {
    await using world = await connected({ teleport: { serverVersion } });
    const rule = { condition: 'true', decision: 'APPROVED', integration: 'builtin' } as const;
    for (let number = 100; number < 205; number += 1) {
      world.teleport.cluster.monitoringRules.push({
        ...rule,
        name: `rule-${number}`,
        desiredState: 'reviewed',
      });
    }
    world.teleport.cluster.monitoringRules.push({ ...rule, name: 'idle', desiredState: '' });

    const rules = await world.connection.admin.automaticReviewRules(world.signal);

    expect(rules).toHaveLength(count);
    if (count > 0) expect(rules[0]).toEqual({ ...rule, name: 'rule-100' });
  });
});
