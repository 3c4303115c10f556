import { describe, expect, it } from 'vitest';
import { promisedEnd, rulesEndingAccess } from '../../../src/core/effects/access-end.ts';
import type { Rule } from '../../../src/core/rule.ts';
import { MINUTE } from '../../../src/core/values/instant.ts';
import {
  aCause,
  aPolicy,
  aRecordedDecision,
  aRule,
  onCallWith,
  someFacts,
  someTargets,
} from '../../support/builders.ts';

const withShift = { withShift: true, warnBeforeMs: null };
const rule = aRule({ accessEnd: withShift });
const policy = aPolicy({ rules: [rule] });
const approved = () => aRecordedDecision({ policy });

describe('the rules that end the access they gave, as they are recorded', () => {
  const byItself = { withShift: false, warnBeforeMs: null };
  const promised = aRule({
    accessEnd: { withShift: true, warnBeforeMs: MINUTE },
    onCall: someTargets({ graceAfterShiftMs: MINUTE }),
  });
  const recorded = () => aRecordedDecision({ policy, endsAccess: [promised] });
  const ending = (...rules: readonly Rule[]) => rulesEndingAccess(recorded(), aPolicy({ rules }));

  it('are as they were, where they are gone', () => {
    expect(ending()).toEqual([promised]);
    expect(ending(aRule({ name: 'renamed', accessEnd: withShift }))).toEqual([promised]);
  });

  it.each<[string, Partial<Rule>]>([
    ['is tried out only', { mode: 'shadow' }],
    ['became one for emergencies', { breakGlass: true }],
    ['is for other roles', { roles: ['billing'] }],
    ['goes by an annotation that the request lacks', { onCall: someTargets({ services: [] }) }],
  ])('are as they were, where the rule of the name %s', (_what, change) => {
    expect(ending({ ...promised, ...change })).toEqual([promised]);
  });

  it('tell who is on call as they are in force, and keep the end that was promised', () => {
    const changed = aRule({ accessEnd: byItself, onCall: someTargets({ services: ['Search API'] }) });
    const { accessEnd } = promised;

    expect(ending(aRule({ name: 'a' }), changed)).toEqual([{ ...changed, accessEnd }]);
  });

  it('are none where none was promised, whatever the rule says by now', () => {
    const decided = aRecordedDecision({ policy, endsAccess: [] });

    expect(rulesEndingAccess(decided, policy)).toEqual([]);
  });
});

describe('the end that a decision promises', () => {
  const other = aRule({ name: 'other', accessEnd: withShift });

  it('is that of the rules that approve, if all of them end it', () => {
    const both = aPolicy({ rules: [rule, other, aRule({ name: 'elsewhere', roles: ['billing'] })] });
    const mixed = aPolicy({ rules: [rule, aRule({ name: 'other' })] });

    expect(promisedEnd(aRecordedDecision({ policy: both }).decision, both)).toEqual([rule, other]);
    expect(promisedEnd(aRecordedDecision({ policy: mixed }).decision, mixed)).toEqual([]);
  });
});

describe('the rules that end the access they gave, in a ledger that does not record them', () => {
  const other = aRule({ name: 'other', accessEnd: withShift });

  it('are those that approved, if all of them end it', () => {
    const both = aPolicy({
      rules: [rule, other, aRule({ name: 'elsewhere', roles: ['billing'], accessEnd: withShift })],
    });
    const decided = aRecordedDecision({ policy: both });

    expect(rulesEndingAccess(decided, both)).toEqual([rule, other]);
    expect(
      rulesEndingAccess(
        decided,
        aPolicy({ rules: [rule, { ...other, accessEnd: { ...withShift, withShift: false } }] }),
      ),
    ).toEqual([]);
  });

  it('are none where nothing was approved, or by broken glass, or where the rules are gone', () => {
    const offCall = someFacts({ onCall: onCallWith() });
    const glass = aPolicy({ rules: [rule, { ...rule, name: 'glass', breakGlass: true }] });
    const unknown = someFacts({ onCall: { state: 'unknown', cause: aCause() } });

    expect(rulesEndingAccess(aRecordedDecision({ policy, facts: offCall }), policy)).toEqual([]);
    expect(rulesEndingAccess(aRecordedDecision({ policy: glass, facts: unknown }), glass)).toEqual([]);
    expect(rulesEndingAccess(approved(), aPolicy({ rules: [] }))).toEqual([]);
  });
});
