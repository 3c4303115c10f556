import { describe, expect, it } from 'vitest';
import { applies } from '../../src/core/coverage.ts';
import { decide } from '../../src/core/decide.ts';
import type { LoginReading, UserReading } from '../../src/core/facts.ts';
import { holdingsOf, silenceOf, valuesOf } from '../../src/core/holdings.ts';
import type { When } from '../../src/core/rule.ts';
import {
  aCause,
  aPolicy,
  aRequest,
  aRule,
  aTeleportUser,
  aWhen,
  NOW,
  someFacts,
  someRequirements,
} from '../support/builders.ts';

const held = (has: boolean) => ({
  roles: has ? ['contractor'] : [],
  traits: has ? { team: ['contractor'] } : {},
});

function reading(inRecord: boolean, inForce: boolean, byList: boolean): UserReading {
  const login: LoginReading = { state: 'known', effective: held(inForce), fromLists: held(byList) };
  return { state: 'known', user: aTeleportUser(held(inRecord)), login };
}

/** A rule whose coverage gives: alone. One whose coverage takes: beside a rule for everybody, which approves. */
function verdicts(when: Partial<When>, user: UserReading): readonly string[] {
  const open = aRule({ name: 'everybody' });
  const gives = aRule({ when: aWhen(when) });
  const takes = aRule({
    when: aWhen(when),
    require: someRequirements({ maxDurationMs: 1 }),
    otherwise: 'deny',
  });
  const facts = someFacts({ user });
  const verdict = (...rules: ReturnType<typeof aRule>[]) =>
    decide(aRequest(), facts, aPolicy({ rules }), NOW).verdict;
  return [verdict(gives), verdict(open, takes)];
}

describe('a role or trait that a rule goes by, by Teleport’s two sources', () => {
  it.each`
    inRecord | inForce  | byList   | answer       | gives         | takes
    ${true}  | ${true}  | ${true}  | ${'met'}     | ${'approve'}  | ${'deny'}
    ${true}  | ${true}  | ${false} | ${'met'}     | ${'approve'}  | ${'deny'}
    ${true}  | ${false} | ${true}  | ${'unknown'} | ${'escalate'} | ${'escalate'}
    ${true}  | ${false} | ${false} | ${'unknown'} | ${'escalate'} | ${'escalate'}
    ${false} | ${true}  | ${true}  | ${'met'}     | ${'approve'}  | ${'deny'}
    ${false} | ${true}  | ${false} | ${'unknown'} | ${'escalate'} | ${'escalate'}
    ${false} | ${false} | ${true}  | ${'unknown'} | ${'escalate'} | ${'escalate'}
    ${false} | ${false} | ${false} | ${'not-met'} | ${'abstain'}  | ${'approve'}
  `(
    'record $inRecord, in force $inForce, by a list $byList: $answer; where it gives $gives, where it takes $takes',
    (
      row: Record<'inRecord' | 'inForce' | 'byList', boolean> & Record<'answer' | 'gives' | 'takes', string>,
    ) => {
      const user = reading(row.inRecord, row.inForce, row.byList);
      for (const when of [{ requesterRoles: ['contract*'] }, { requesterTraits: { team: ['contractor'] } }]) {
        const question = {
          rule: aRule({ when: aWhen(when) }),
          request: aRequest(),
          facts: someFacts({ user }),
          now: NOW,
        };

        expect(applies(question)).toBe(row.answer);
        expect(verdicts(when, user)).toEqual([row.gives, row.takes]);
      }
    },
  );

  it('gives only by one and the same role: what matches here and another that matches there do not add up', () => {
    const nothing = { roles: [], traits: {} };
    const user: UserReading = {
      state: 'known',
      user: aTeleportUser({ roles: ['sre-eu'] }),
      login: { state: 'known', effective: { roles: ['sre-us'], traits: {} }, fromLists: nothing },
    };

    expect(verdicts({ requesterRoles: ['sre-*'] }, user)).toEqual(['escalate', 'escalate']);
  });

  it('is not known while the login state cannot be read, and is what the record says where there is none', () => {
    const user = aTeleportUser(held(true));
    const unread: UserReading = { state: 'known', user, login: { state: 'unknown', cause: aCause() } };

    expect(verdicts({ requesterRoles: ['contractor'] }, unread)).toEqual(['escalate', 'escalate']);
    expect(verdicts({ requesterRoles: ['devs'] }, unread)).toEqual(['escalate', 'escalate']);
    expect(verdicts({ requesterRoles: ['contractor'] }, { state: 'known', user })).toEqual([
      'approve',
      'deny',
    ]);
    expect(holdingsOf({ state: 'known', user })).toEqual({ sure: user, possible: user });
    expect([silenceOf(unread), silenceOf({ state: 'known', user })]).toEqual([aCause(), null]);
    expect(valuesOf(user, 'toString')).toEqual([]);
  });
});
