import { describe, expect, it } from 'vitest';
import { onlyInTeleport } from '../../src/core/answers/judge-answer.ts';
import { aCause, aPolicy, aRecordedDecision, aRule, someFacts } from '../support/builders.ts';
import { decided, unmet, unreachable } from './deciding.ts';

describe('a request for several roles', () => {
  const request = { roles: ['prodaccess', 'dbadmin'] };
  const prod = aRule({ name: 'prod' });
  const db = aRule({ name: 'db', roles: ['dbadmin'] });

  it.each([
    ['deny before escalate', ['deny', 'escalate'], 'deny'],
    ['deny before leave', ['leave', 'deny'], 'deny'],
    ['escalate before leave', ['leave', 'escalate'], 'escalate'],
  ] as const)('goes by the strictest rule: %s', (_what, [one, other], verdict) => {
    const rules = [
      unmet({ name: 'one', otherwise: one }),
      unmet({ name: 'other', roles: ['dbadmin'], otherwise: other }),
    ];

    expect(decided({ request, rules })).toMatchObject({
      verdict,
      rules: [one === verdict ? 'one' : 'other'],
    });
  });

  it.each([
    ['deny', 'deny'],
    ['escalate', 'escalate'],
    ['leave', 'abstain'],
  ] as const)('is not approved by one rule while another says %s', (otherwise, verdict) => {
    const rules = [prod, unmet({ name: 'db', roles: ['dbadmin'], otherwise })];

    expect(decided({ request, rules })).toMatchObject({
      verdict,
      rules: ['db'],
      reasons: [{ code: 'condition-not-met', condition: 'on-call' }],
      proofs: [{ rule: 'prod' }],
    });
  });

  it('is handed to people when no rule covers one of them', () => {
    expect(decided({ request, rules: [prod] })).toMatchObject({
      verdict: 'escalate',
      rules: ['prod'],
      reasons: [{ code: 'role-not-covered', condition: null, text: 'no rule covers role dbadmin' }],
      provisional: false,
    });
  });

  it('is not decided again when a role is uncovered, whatever PagerDuty may answer', () => {
    expect(decided({ request, facts: unreachable, rules: [prod] })).toMatchObject({
      verdict: 'escalate',
      provisional: false,
    });
  });

  it('is decided again only if every rule may yet approve', () => {
    const rules = [prod, db];

    expect(decided({ request, facts: unreachable, rules }).provisional).toBe(true);
    expect(decided({ request: { ...request, reason: '' }, facts: unreachable, rules }).provisional).toBe(
      false,
    );
  });
});

it('two rules for the same role must both approve', () => {
  const rules = [aRule({ name: 'first' }), unmet({ name: 'second', otherwise: 'escalate' })];

  expect(decided({ rules })).toMatchObject({ verdict: 'escalate', rules: ['second'] });
});

describe('several rules', () => {
  it('ask a person where one that leaves it to reviewers in Teleport may be for it, who answers there', () => {
    const user = { state: 'unknown', cause: aCause() } as const;
    const perhaps = aRule({
      name: 'left',
      otherwise: 'leave',
      when: { ...aRule().when, requesterRoles: ['contractor'] },
    });
    const policy = aPolicy({ rules: [aRule(), perhaps] });
    const decided = aRecordedDecision({ facts: someFacts({ user }), policy });

    expect(decided.decision.verdict).toBe('escalate');
    expect(onlyInTeleport(decided, policy)).toBe(
      'rule left may be for it, and leaves it to the reviewers there',
    );
  });
});
