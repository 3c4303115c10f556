import { describe, expect, it } from 'vitest';
import type { AnswerFacts } from '../../../src/core/answers/answer.ts';
import { judgeAnswer } from '../../../src/core/answers/judge-answer.ts';
import {
  certainTeleportUser,
  isSameUser,
  lacksBinding,
  whyNobodyIsTwo,
} from '../../../src/core/answers/two-people.ts';
import type { Identity, IdentitySource } from '../../../src/core/identity.ts';
import type { Policy } from '../../../src/core/rule.ts';
import {
  aCause,
  anAnswer,
  aPolicy,
  aRecordedDecision,
  onCallWith,
  recognised,
  SAM,
  someAnswerFacts,
  someFacts,
  TAYLOR,
} from '../../support/builders.ts';

const TRAIT: IdentitySource = { kind: 'trait', trait: 'email' };
const map = (users: Readonly<Record<string, string>>): IdentitySource => ({ kind: 'map', users });
const unmanaged = (...identities: readonly IdentitySource[]): Policy =>
  aPolicy({ identities: [...identities, TRAIT], addresses: 'unmanaged' });
const managed = (...identities: readonly IdentitySource[]): Policy =>
  aPolicy({ identities: [...identities, TRAIT], addresses: 'managed' });
const unrecognised: Identity = { state: 'unrecognised', why: 'no such user' };
const lost: Identity = { state: 'unknown', cause: aCause() };
const decidedOn = (requester: Identity) =>
  aRecordedDecision({ facts: someFacts({ requester, onCall: onCallWith() }) });
/** Nothing is known in Teleport of Taylor Two, who answers. */
const NOBODY = { teleportUser: null, binding: null } as const;
const AS_SRE_2 = { teleportUser: 'sre-2', binding: 'unchanged-address' } as const;

function judged(requester: Identity, policy: Policy, facts: Partial<AnswerFacts> = NOBODY): string {
  return judgeAnswer(anAnswer(), decidedOn(requester), someAnswerFacts(facts), policy).state;
}

describe('requester and approver are known to be two people', () => {
  it.each<[string, Identity, Policy, Partial<AnswerFacts>]>([
    ['a map says who the requester is', unrecognised, unmanaged(map({ 'sre-1': SAM.id })), NOBODY],
    ['the requester was recognised by a map', recognised({ binding: 'id' }), unmanaged(), NOBODY],
    ['by an address that is the first', recognised({ binding: 'unchanged-address' }), unmanaged(), NOBODY],
    ['by any address that is managed', recognised({ binding: 'changed-address' }), managed(), NOBODY],
    ['a map says who the approver is', unrecognised, unmanaged(map({ 'sre-2': TAYLOR.id })), NOBODY],
    ['so too where the requester is not known', lost, unmanaged(map({ 'sre-2': TAYLOR.id })), NOBODY],
    ['the approver’s address says so and is managed', unrecognised, managed(), AS_SRE_2],
  ])('where %s', (_where, requester, policy, facts) => {
    expect(judged(requester, policy, facts)).toBe('counted');
  });

  it.each<[string, Identity, Policy, Partial<AnswerFacts>]>([
    ['neither is known', unrecognised, unmanaged(), NOBODY],
    ['neither is known, and addresses are managed', unrecognised, managed(), NOBODY],
    ['the approver chose the address', unrecognised, unmanaged(), AS_SRE_2],
    ['the requester’s address changed', recognised({ binding: 'changed-address' }), unmanaged(), AS_SRE_2],
    ['nobody knows which was the first', recognised({ binding: 'unknown-address' }), unmanaged(), AS_SRE_2],
    ['a map names others', unrecognised, unmanaged(map({ 'sre-3': 'PROB3RE' })), AS_SRE_2],
  ])('not where %s', (_where, requester, policy, facts) => {
    const { state, why } = judgeAnswer(anAnswer(), decidedOn(requester), someAnswerFacts(facts), policy);

    expect([state, why]).toEqual([
      'refused',
      'it must be answered in Teleport: it is not known here that Taylor Two and sre-1 are two people',
    ]);
  });

  it.each<[string, Policy, Partial<AnswerFacts>]>([
    ['by the approver’s id', unmanaged(map({ 'sre-1': TAYLOR.id })), AS_SRE_2],
    ['by one of the approver’s users', managed(map({ 'sre-9': TAYLOR.id, 'SRE-1': TAYLOR.id })), AS_SRE_2],
    ['by the approver’s address', managed(), { ...AS_SRE_2, teleportUser: 'Sre-1' }],
    ['in letters that look the same', unmanaged(map({ ' ｓre-1': TAYLOR.id })), NOBODY],
  ])('and never where they are the same: %s', (_by, policy, facts) => {
    expect(judged(unrecognised, policy, facts)).toBe('refused');
    expect(judged(recognised(), policy, facts)).toBe('refused');
  });

  it.each([
    ['Sre-1', 'sRE-1'],
    ['straße', 'STRASSE'],
    ['İlker', 'ilker'],
    ['sre\u200b-1', 'sre-1'],
    ['straße', 'STRAẞE'],
    ['νίκος', 'ΝΊΚΟΣ'],
    ['νίκος', 'νίκοσ'],
  ])('nor where names differ in case only, in whatever letters: %s, %s', (one, other) => {
    expect(isSameUser(one, other)).toBe(true);
  });

  it('as earlier versions took it, in what they recorded', () => {
    const { onCall, targets } = someAnswerFacts();
    const before = { onCall, targets, teleportUser: null };
    const byThen: Identity = {
      state: 'recognised',
      id: SAM.id,
      name: null,
      email: null,
      source: 'trait `email`',
    };

    expect(judgeAnswer(anAnswer(), decidedOn(unrecognised), before, unmanaged()).state).toBe('counted');
    expect(judgeAnswer(anAnswer(), decidedOn(lost), before, unmanaged()).state).toBe('unknown');
    // Whether their address was the first one is not told: such a request is decided anew.
    expect(judged(byThen, unmanaged())).toBe('refused');
    expect(judged(byThen, unmanaged(map({ 'sre-1': SAM.id })))).toBe('counted');
    expect(lacksBinding(decidedOn(byThen))).toBe(true);
    expect([unrecognised, recognised()].map((each) => lacksBinding(decidedOn(each)))).toEqual([false, false]);
  });
});

describe('nobody’s answer on the page can count', () => {
  it.each<[string, Identity, Policy, boolean]>([
    ['where nobody is known', unrecognised, unmanaged(), true],
    ['where a map has the requester’s name alone', lost, unmanaged(map({ 'Sre-1': 'PX' })), true],
    ['but for others in that map', lost, unmanaged(map({ 'Sre-1': 'PX', 'sre-2': TAYLOR.id })), false],
    ['but for those whom a map names', unrecognised, unmanaged(map({ 'sre-2': TAYLOR.id })), false],
    ['but for those whose address is managed', unrecognised, managed(), false],
    ['but where the requester is known', recognised(), unmanaged(), false],
  ])('%s', (_where, requester, policy, nobody) => {
    expect(whyNobodyIsTwo(decidedOn(requester), policy)).toBe(
      nobody ? 'it is not known here who sre-1 is in PagerDuty, nor who anybody there is in Teleport' : null,
    );
  });
});

describe('the Teleport user in whose name an answer may be given', () => {
  it.each<[string, Policy, Pick<AnswerFacts, 'teleportUser' | 'binding'>, string | null]>([
    ['is whom a map names', unmanaged(map({ 'sre-9': TAYLOR.id })), AS_SRE_2, 'sre-9'],
    ['is nobody of two', managed(map({ 'sre-9': TAYLOR.id, 'sre-8': TAYLOR.id })), AS_SRE_2, null],
    ['is whose managed address has not changed', managed(), AS_SRE_2, 'sre-2'],
    ['is nobody whose address has changed', managed(), { ...AS_SRE_2, binding: 'changed-address' }, null],
    ['is nobody whose first one is not known', managed(), { ...AS_SRE_2, binding: 'unknown-address' }, null],
    ['is nobody who may choose it', unmanaged(), AS_SRE_2, null],
    ['is nobody where nobody asked', managed(), { teleportUser: 'sre-2' }, null],
  ])('%s', (_who, policy, facts, expected) => {
    expect(certainTeleportUser(TAYLOR.id, facts, policy)).toBe(expected);
  });
});
