import { describe, expect, it } from 'vitest';
import type { Question } from '../../src/core/conditions/condition.ts';
import type { ConditionAnswer } from '../../src/core/decision.ts';
import { HOUR } from '../../src/core/values/instant.ts';
import { judgeLeaf, judgeRule } from '../../src/core/judge-rule.ts';
import type { LoginReading } from '../../src/core/facts.ts';
import type { Otherwise } from '../../src/core/rule.ts';
import {
  aCause,
  anOnCallRow,
  anOpenIncident,
  aRequest,
  aResource,
  aRule,
  aTeleportUser,
  NOW,
  onCallWith,
  SAM,
  someFacts,
  someRequirements,
  TAYLOR,
} from '../support/builders.ts';

const asked: Question = { rule: aRule(), request: aRequest(), facts: someFacts(), now: NOW };

function conditionNames(overrides: Partial<Question>): readonly string[] {
  const { conditions } = judgeRule({ ...asked, ...overrides }, 'met').outcome;
  return conditions.map(({ name }) => name);
}

describe('the conditions of a rule', () => {
  it('are being on call, and what else the rule requires', () => {
    const all = someRequirements({
      openIncident: { urgency: null, involvement: 'any' },
      maxDurationMs: HOUR,
    });

    expect(conditionNames({})).toEqual(['on-call', 'reason-given']);
    expect(conditionNames({ rule: aRule({ require: someRequirements({ reason: false }) }) })).toEqual([
      'on-call',
    ]);
    expect(conditionNames({ rule: aRule({ require: all }) })).toEqual([
      'on-call',
      'reason-given',
      'open-incident',
      'max-duration',
    ]);
  });

  it('hold a start now where another was asked for', () => {
    expect(conditionNames({ request: aRequest({ startsAt: NOW }) })).toEqual([
      'on-call',
      'reason-given',
      'starts-now',
    ]);
  });

  it('hold whether the rule applies only where that is not known', () => {
    expect(judgeRule(asked, 'unknown').outcome.conditions.map(({ name }) => name)).toEqual([
      'on-call',
      'applies',
      'reason-given',
    ]);
  });
});

it.each<[Otherwise, string]>([
  ['escalate', 'escalate'],
  ['deny', 'escalate'],
  ['leave', 'abstain'],
])('resources in a leaf cluster of which a rule with `%s` does not speak: %s', (otherwise, verdict) => {
  const resources = [aResource(), aResource({ cluster: 'leaf', name: 'payments-eu' })];

  expect(judgeLeaf({ ...asked, rule: aRule({ otherwise }), request: aRequest({ resources }) })).toEqual({
    rule: 'prod-oncall',
    mode: 'enforce',
    breakGlass: false,
    roles: ['prodaccess'],
    verdict,
    conditions: [
      {
        name: 'applies',
        answer: 'not-met',
        detail: 'the rule covers the root cluster alone, not db payments-eu in leaf cluster leaf',
        remedy: 'a rule that names the cluster under `when.resources.clusters`',
        transient: false,
      },
    ],
  });
});

describe('the two ways of being entitled', () => {
  const rule = aRule({ responders: true });
  const responders = [{ user: SAM, state: 'joined', requester: TAYLOR }];
  const helping = {
    incidents: { state: 'known' as const, incidents: [anOpenIncident({ responders })] },
    helped: onCallWith(anOnCallRow({ user: TAYLOR })),
  };
  const nobodyAsked = { incidents: { state: 'known' as const, incidents: [] } };

  it('are both told where neither is met', () => {
    const facts = someFacts({ onCall: onCallWith(), ...nobodyAsked });

    expect(conditionNames({ rule, facts })).toEqual(['on-call', 'responder', 'reason-given']);
    expect(judgeRule({ ...asked, rule, facts }, 'met')).toMatchObject({
      outcome: { verdict: 'escalate' },
      proof: null,
    });
  });

  it('are enough each by itself, and then the other is not told', () => {
    const bySelf = { ...asked, rule, facts: someFacts(nobodyAsked) };
    const byHelp = { ...asked, rule, facts: someFacts({ onCall: onCallWith(), ...helping }) };

    expect(conditionNames(bySelf)).toEqual(['on-call', 'reason-given']);
    expect(judgeRule(bySelf, 'met').proof?.row.user).toEqual(SAM);
    expect(conditionNames(byHelp)).toEqual(['responder', 'reason-given']);
    expect(judgeRule(byHelp, 'met')).toMatchObject({
      outcome: { verdict: 'approve' },
      proof: { row: { user: TAYLOR } },
    });
  });

  it('are told both where both are met, proved by the person’s own row', () => {
    const facts = someFacts(helping);

    expect(conditionNames({ rule, facts })).toEqual(['on-call', 'responder', 'reason-given']);
    expect(judgeRule({ ...asked, rule, facts }, 'met').proof?.row.user).toEqual(SAM);
  });

  it('count no responder where the rule does not say so', () => {
    const facts = someFacts({ onCall: onCallWith(), ...helping });

    expect(judgeRule({ ...asked, facts }, 'met')).toMatchObject({
      outcome: { verdict: 'escalate' },
      proof: null,
    });
  });
});

describe('the verdict of a rule', () => {
  const offCall = someFacts({ onCall: onCallWith() });
  const unreachable = someFacts({ onCall: { state: 'unknown', cause: aCause() } });
  const legacy = JSON.parse(JSON.stringify({ ...offCall, rootCluster: undefined })) as Question['facts'];

  it.each([
    ['whose conditions are met', someFacts(), 'met', ['approve', 'approve', 'approve']],
    ['whose condition is not met', offCall, 'met', ['escalate', 'deny', 'abstain']],
    ['whose condition is not known', unreachable, 'met', ['escalate', 'escalate', 'abstain']],
    ['that may not apply, though all is met', someFacts(), 'unknown', ['escalate', 'escalate', 'escalate']],
    ['that may not apply, and is not met', offCall, 'unknown', ['escalate', 'escalate', 'escalate']],
    ['as earlier versions had it', legacy, 'unknown', ['escalate', 'escalate', 'abstain']],
  ] satisfies [string, Question['facts'], ConditionAnswer, string[]][])(
    '%s, for otherwise escalate, deny and leave',
    (_which, facts, applicability, verdicts) => {
      const verdictFor = (otherwise: Otherwise) =>
        judgeRule({ ...asked, facts, rule: aRule({ otherwise }) }, applicability).outcome.verdict;

      expect((['escalate', 'deny', 'leave'] as const).map(verdictFor)).toEqual(verdicts);
    },
  );

  const silent = { state: 'unknown', cause: aCause() } as const;
  const noIncidents = { state: 'known', incidents: [] } as const;

  it.each<[string, Partial<Question['facts']>, string]>([
    ['while it is not known who is on call', { onCall: silent, incidents: noIncidents }, 'escalate'],
    ['while it is not known who asked for help', { onCall: onCallWith(), incidents: silent }, 'escalate'],
    ['but where neither holds', { onCall: onCallWith(), incidents: noIncidents }, 'deny'],
  ])('that may be met in two ways is no denial %s', (_when, facts, verdict) => {
    const rule = aRule({ responders: true, otherwise: 'deny' });

    expect(judgeRule({ ...asked, rule, facts: someFacts(facts) }, 'met').outcome.verdict).toBe(verdict);
  });

  it('carries the rule’s name and mode, and the roles that it covers', () => {
    const request = aRequest({ roles: ['prodaccess', 'dbadmin'] });

    expect(judgeRule({ ...asked, request, rule: aRule({ mode: 'shadow' }) }, 'met').outcome).toMatchObject({
      rule: 'prod-oncall',
      mode: 'shadow',
      breakGlass: false,
      roles: ['prodaccess'],
    });
  });
});

describe('whether the rule applies is unknown', () => {
  const about = (user: Question['facts']['user']) =>
    judgeRule({ ...asked, facts: someFacts({ user }) }, 'unknown').outcome.conditions[1];

  it.each([true, false])(
    'as long as the requester’s record cannot be read (it may pass: %s)',
    (transient) => {
      expect(about({ state: 'unknown', cause: aCause({ message: 'no\nanswer', transient }) })).toMatchObject({
        name: 'applies',
        answer: 'unknown',
        detail: 'whether the rule covers the requester is not known: no answer',
        transient,
      });
    },
  );

  it('for good where Teleport has no record of them', () => {
    expect(about({ state: 'absent' })).toMatchObject({
      answer: 'unknown',
      detail: 'whether the rule covers the requester is not known: Teleport has no record of them',
      transient: false,
    });
  });

  it.each<[string, LoginReading, string, boolean]>([
    ['is unread', { state: 'unknown', cause: aCause({ message: 'no permission' }) }, 'no permission', true],
    [
      'says something else than their record',
      { state: 'known', effective: { roles: [], traits: {} }, fromLists: { roles: [], traits: {} } },
      'their user record in Teleport and their login state differ in what it asks for; a new login brings them together',
      false,
    ],
  ])('where their login state %s', (_what, login, why, transient) => {
    expect(about({ state: 'known', user: aTeleportUser(), login })).toMatchObject({
      answer: 'unknown',
      detail: `whether the rule covers the requester is not known: ${why}`,
      transient,
    });
  });

  it('with a cause cut to what can be read', () => {
    const message = 'x'.repeat(400);

    expect(about({ state: 'unknown', cause: aCause({ message }) })?.detail).toBe(
      `whether the rule covers the requester is not known: ${'x'.repeat(299)}…`,
    );
  });
});
