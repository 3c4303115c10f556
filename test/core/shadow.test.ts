import { describe, expect, it } from 'vitest';
import { aRule, someTargets, SILENT } from '../support/builders.ts';
import { decided, offCall, unmet, unreachable } from './deciding.ts';

const enforced = aRule({ name: 'enforced' });
const shadow = aRule({ name: 'shadow', mode: 'shadow' });

describe('a rule in shadow', () => {
  it('alone leads to nothing, and tells what it would have led to', () => {
    expect(decided({ rules: [shadow] })).toMatchObject({
      verdict: 'abstain',
      rules: [],
      reasons: [{ code: 'shadow-only', condition: null }],
      proofs: [],
      provisional: false,
      outcomes: [{ rule: 'shadow', mode: 'shadow', verdict: 'approve' }],
      shadow: { verdict: 'approve', rules: ['shadow'], reasons: [{ code: 'all-conditions-met' }] },
    });
  });

  it.each([
    ['that would escalate leaves an approval as it is', 'escalate', {}, 'approve', 'escalate'],
    ['that would deny leaves an approval as it is', 'deny', {}, 'approve', 'deny'],
    ['that would deny leaves an escalation as it is', 'deny', offCall, 'escalate', 'deny'],
  ] as const)('%s', (_what, otherwise, facts, verdict, hypothetical) => {
    const rules = [enforced, unmet({ name: 'shadow', mode: 'shadow', otherwise })];

    expect(decided({ facts, rules })).toMatchObject({
      verdict,
      rules: ['enforced'],
      shadow: { verdict: hypothetical },
    });
  });

  it('approves nothing that the rules in force do not', () => {
    const rules = [unmet({ name: 'enforced' }), shadow];
    const request = { roles: ['prodaccess', 'dbadmin'] };

    expect(decided({ rules })).toMatchObject({ verdict: 'escalate', rules: ['enforced'], proofs: [] });
    expect(decided({ request, rules: [enforced, { ...shadow, roles: ['dbadmin'] }] })).toMatchObject({
      verdict: 'escalate',
      reasons: [{ code: 'role-not-covered' }],
      shadow: { verdict: 'approve', rules: ['enforced', 'shadow'] },
    });
  });

  it('does not have a decision made again', () => {
    const elsewhere = { ...shadow, onCall: someTargets({ services: ['Search API'] }) };

    expect(decided({ rules: [unmet({ name: 'enforced' }), elsewhere] }).provisional).toBe(false);
    expect(decided({ facts: unreachable, rules: [enforced, shadow] }).provisional).toBe(true);
  });

  it('is not told of where there is none', () => {
    expect(decided({ rules: [enforced] }).shadow).toBeNull();
  });
});

describe('a break-glass rule in shadow', () => {
  const glass = aRule({ name: 'glass', breakGlass: true, mode: 'shadow' });

  it('lets nobody in, and tells that it would have', () => {
    expect(decided({ facts: unreachable, rules: [enforced, glass] })).toMatchObject({
      verdict: 'escalate',
      rules: ['enforced'],
      breakGlass: false,
      shadow: { verdict: 'approve', rules: ['glass'], reasons: [{ code: 'break-glass' }] },
    });
  });

  it('judges the emergency by what all rules would have said', () => {
    expect(decided({ facts: unreachable, rules: [shadow, glass] })).toMatchObject({
      verdict: 'abstain',
      shadow: { verdict: 'approve', rules: ['glass'] },
    });
    const unmetInShadow = unmet({ name: 'shadow', mode: 'shadow' });
    expect(
      decided({ facts: { silence: SILENT, targets: [] }, rules: [enforced, unmetInShadow, glass] }).shadow,
    ).toMatchObject({
      verdict: 'approve',
      rules: ['glass'],
    });
  });
});
