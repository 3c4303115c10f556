import { describe, expect, it } from 'vitest';
import { aCause, anOnCallRow, aRule } from '../support/builders.ts';
import { decided, OFF_CALL, offCall, unreachable } from './deciding.ts';

const NO_REASON = 'no reason is given, and the rule requires one';

it('the on-call engineer is approved, with the rule, every condition and the row that proves it', () => {
  const { verdict, rules, reasons, outcomes, proofs, provisional } = decided({});

  expect({ verdict, rules, provisional }).toEqual({
    verdict: 'approve',
    rules: ['prod-oncall'],
    provisional: false,
  });
  expect(reasons).toEqual([
    {
      code: 'all-conditions-met',
      condition: null,
      text: 'Sam One (by trait `email`) is on call for service Payments API (schedule Payments primary, policy Payments, level 1, until 2026-03-08T00:00:00Z); a reason is given',
    },
  ]);
  expect(outcomes).toMatchObject([
    { rule: 'prod-oncall', roles: ['prodaccess'], verdict: 'approve', conditions: [{}, {}] },
  ]);
  expect(proofs).toMatchObject([{ rule: 'prod-oncall', row: anOnCallRow() }]);
});

describe('the colleague who is off call', () => {
  it.each([
    ['denied where the rule says deny', 'deny', 'deny'],
    ['left alone where the rule says leave', 'leave', 'abstain'],
  ] as const)('is %s', (_what, otherwise, verdict) => {
    expect(decided({ facts: offCall, rules: [aRule({ otherwise })] })).toMatchObject({
      verdict,
      rules: ['prod-oncall'],
      reasons: [{ code: 'condition-not-met', text: OFF_CALL }],
    });
  });

  it('is told every condition that is not met', () => {
    expect(decided({ facts: offCall, request: { reason: '' } }).reasons).toEqual([
      { code: 'condition-not-met', condition: 'on-call', text: OFF_CALL },
      { code: 'condition-not-met', condition: 'reason-given', text: NO_REASON },
    ]);
  });
});

describe('what cannot be known', () => {
  it.each([
    ['escalate', 'escalate'],
    ['deny', 'escalate'],
    ['leave', 'abstain'],
  ] as const)('is neither approved nor denied under a rule that says %s', (otherwise, verdict) => {
    expect(decided({ facts: unreachable, rules: [aRule({ otherwise })] })).toMatchObject({
      verdict,
      reasons: [{ code: 'condition-unknown', condition: 'on-call', text: 'PagerDuty answers 503' }],
      provisional: true,
    });
  });

  it('is decided for good where asking again does not help', () => {
    const facts = { onCall: { state: 'unknown', cause: aCause({ transient: false }) } } as const;

    expect(decided({ facts })).toMatchObject({ verdict: 'escalate', provisional: false });
  });

  it('is decided for good where something else is known to stand in the way', () => {
    const request = { reason: '' };

    expect(decided({ facts: unreachable, request })).toMatchObject({
      verdict: 'escalate',
      provisional: false,
    });
    expect(decided({ facts: unreachable, request, rules: [aRule({ otherwise: 'deny' })] })).toMatchObject({
      verdict: 'deny',
      provisional: false,
    });
  });
});

describe('an approval that Teleport refused for good', () => {
  it('goes to people also if it would be denied or left alone by now', () => {
    for (const otherwise of ['deny', 'leave'] as const) {
      const decision = decided({ facts: { reviewRefused, ...offCall }, rules: [aRule({ otherwise })] });

      expect(decision.verdict).toBe('escalate');
      expect(decision.reasons.map(({ code }) => code)).toEqual(['review-refused', 'condition-not-met']);
    }
  });
});

const reviewRefused = aCause();
it.each<[Parameters<typeof decided>[0], string, string]>([
  [{ request: { state: 'approved' } }, 'not-pending', 'the request is approved, not pending'],
  [{ request: { state: 'denied' } }, 'not-pending', 'the request is denied, not pending'],
  [{ request: { state: 'promoted' } }, 'not-pending', 'the request is promoted, not pending'],
  [{ request: { state: 'unknown' } }, 'not-pending', 'the request is unknown, not pending'],
  [{ request: { dryRun: true } }, 'dry-run', 'a dry run asks what would be possible, not for access'],
  [
    { request: { kind: 'long-term' } },
    'long-term-request',
    'a long-term request is resolved by promotion to an access list in Teleport',
  ],
  [{ request: { roles: [] } }, 'no-roles', 'the request names no role'],
  [{ request: { roles: ['billing'] } }, 'no-rule', 'no rule covers this request'],
  [{ rules: [] }, 'no-rule', 'no rule covers this request'],
  [{ rules: [], facts: { reviewRefused } }, 'no-rule', 'no rule covers this request'],
])('a request that is not for this service is left alone: %j', (question, code, text) => {
  expect(decided(question)).toEqual({
    ...{
      verdict: 'abstain',
      rules: [],
      reasons: [{ code, condition: null, text }],
      outcomes: [],
      proofs: [],
    },
    ...{ provisional: false, breakGlass: false, shadow: null },
  });
});

it('a request of a kind that a newer Teleport may add goes to people', () => {
  expect(decided({ request: { kind: 'unknown' } })).toMatchObject({
    verdict: 'escalate',
    reasons: [
      {
        code: 'request-kind-unknown',
        condition: null,
        text: 'Teleport marks the request with a kind that this version does not know',
      },
    ],
  });
});
