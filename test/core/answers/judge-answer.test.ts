import { describe, expect, it } from 'vitest';
import type { Answer, AnswerFacts } from '../../../src/core/answers/answer.ts';
import {
  acknowledgingApproves,
  judgeAnswer,
  onlyInTeleport,
  rulesAsking,
} from '../../../src/core/answers/judge-answer.ts';
import type { RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import type { Policy, Rule } from '../../../src/core/rule.ts';
import { MINUTE } from '../../../src/core/values/instant.ts';
import {
  aCause,
  anAnswer,
  anOnCallRow,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  aTargetFact,
  NOW,
  onCallWith,
  SAM,
  someAnswerFacts,
  someFacts,
  someTargets,
  TAYLOR,
  SILENT,
} from '../../support/builders.ts';

const offCall = someFacts({ onCall: onCallWith() });
const escalated = () => aRecordedDecision({ facts: offCall });

const uncovered = () => aRecordedDecision({ policy: aPolicy({ rules: [] }) });

function judged(
  answer: Partial<Answer> = {},
  {
    decided = escalated(),
    facts = {},
    policy = aPolicy(),
  }: { decided?: RecordedDecision; facts?: Partial<AnswerFacts>; policy?: Policy } = {},
) {
  return judgeAnswer(anAnswer(answer), decided, someAnswerFacts(facts), policy);
}

/** The decision on an off-call requester under these rules, with the policy. */
function under(...rules: readonly Rule[]): { decided: RecordedDecision; policy: Policy } {
  const policy = aPolicy({ rules });
  return { decided: aRecordedDecision({ facts: offCall, policy }), policy };
}

describe('the rules that ask', () => {
  it('are the ordinary rules in force that escalated, and no longer those that are gone', () => {
    const asking = aRule({ name: 'asking' });
    const others = [
      aRule({ name: 'approving', onCall: someTargets({ permanent: true }), roles: ['billing'] }),
      aRule({ name: 'shadow', mode: 'shadow' }),
      aRule({ name: 'glass', breakGlass: true }),
    ];
    const { decided } = under(asking, ...others);

    expect(rulesAsking(decided, aPolicy({ rules: [asking, ...others] }))).toEqual([asking]);
    expect(rulesAsking(decided, aPolicy({ rules: others }))).toEqual([]);
    expect(rulesAsking(decided, aPolicy({ rules: [{ ...asking, breakGlass: true }] }))).toEqual([]);
  });

  it('are those that approved where all of them did, should Teleport ask for more approvals', () => {
    const rules = [
      aRule(),
      aRule({ name: 'shadow', mode: 'shadow' }),
      aRule({ name: 'b', otherwise: 'leave' }),
    ];
    const [one, , other] = rules;
    const decided = aRecordedDecision({ policy: aPolicy({ rules }) });

    expect(rulesAsking(decided, aPolicy({ rules }))).toEqual([one, other]);
    expect(judged({}, { decided, policy: aPolicy({ rules }) })).toMatchObject({
      state: 'counted',
      why: 'Taylor Two was on call for the approvers of prod-oncall, b',
    });
    expect(judged({ by: { id: 'PSAM1RE', name: 'Sam One', isUser: true } }, { decided }).why).toBe(
      'it must be answered in Teleport: rule b is not in force any more',
    );
  });

  it('are not those that approved beside another one that did not, in force or not', () => {
    const elsewhere = aRule({ name: 'elsewhere', onCall: someTargets({ services: ['Search API'] }) });
    const rules = [aRule(), elsewhere];
    const policy = aPolicy({ rules });
    const onlyPayments = someFacts({
      targets: [aTargetFact(), aTargetFact({ asked: 'Search API', id: 'PSEARCH' })],
    });
    const decided = aRecordedDecision({ facts: onlyPayments, policy });

    expect(decided.decision.outcomes.map(({ verdict }) => verdict)).toEqual(['escalate', 'approve']);
    expect(rulesAsking(decided, policy)).toEqual([elsewhere]);
    expect(onlyInTeleport(decided, aPolicy({ rules: [elsewhere] }))).toBeNull();
  });

  it('are the ordinary ones that escalated where glass was broken', () => {
    const unknown = someFacts({ silence: SILENT, onCall: { state: 'unknown', cause: aCause() } });
    const [asking, glass] = [aRule(), aRule({ name: 'glass', breakGlass: true })];
    const policy = aPolicy({ rules: [asking, glass] });
    const decided = aRecordedDecision({ facts: unknown, policy });

    expect(decided.decision).toMatchObject({ verdict: 'approve', breakGlass: true });
    expect(rulesAsking(decided, policy)).toEqual([asking]);
    expect(onlyInTeleport(decided, policy)).toBeNull();
  });

  it('are none where no rule covers the request', () => {
    expect(rulesAsking(uncovered(), aPolicy())).toEqual([]);
  });
});

describe('a request can be answered in Teleport alone', () => {
  const request = aRequest({ roles: ['prodaccess', 'dbadmin'] });
  const refused = someFacts({ reviewRefused: aCause({ message: 'Teleport refuses the review' }) });
  const left = aRule({ name: 'left', otherwise: 'leave' });

  it.each([
    ['with other roles', () => aRecordedDecision({ request, facts: offCall }), 'no rule covers role dbadmin'],
    ['when Teleport refused it', () => aRecordedDecision({ facts: refused }), 'Teleport refuses the review'],
    [
      'when its kind is not known',
      () => aRecordedDecision({ request: aRequest({ kind: 'unknown' }) }),
      'Teleport marks the request with a kind that this version does not know',
    ],
    ['when no rule covers it', () => uncovered(), 'no rule says who may answer'],
  ])('%s', (_when, decided, why) => {
    expect(onlyInTeleport(decided(), aPolicy())).toBe(why);
  });

  it('when another rule leaves it to reviewers: who is asked cannot speak for that one', () => {
    const { decided, policy } = under(aRule(), left);

    expect(onlyInTeleport(decided, policy)).toBe('rule left leaves it to the reviewers there');
    expect(judged({}, { decided, policy })).toEqual({
      state: 'refused',
      why: 'it must be answered in Teleport: rule left leaves it to the reviewers there',
    });
  });

  it('when a rule denies it, whatever others ask', () => {
    const denying = aRule({ name: 'denying', otherwise: 'deny' });
    const { decided, policy } = under(aRule(), denying);

    expect(onlyInTeleport(decided, policy)).toBe('rule denying denies it');
    expect(onlyInTeleport(decided, aPolicy({ rules: [aRule(), { ...denying, mode: 'shadow' }] }))).toBe(
      'rule denying denies it',
    );
  });

  it('when a rule takes answers there only', () => {
    const there = aRule({ name: 'there', approvers: { onCall: null, answerBy: ['teleport'] } });
    const { decided, policy } = under(aRule(), there);

    expect(onlyInTeleport(decided, policy)).toBe('rule there takes answers there only');
  });

  it('when one of the rules that asked is not in force any more', () => {
    const { decided } = under(aRule(), aRule({ name: 'renamed' }));

    expect(onlyInTeleport(decided, aPolicy())).toBe('rule renamed is not in force any more');
  });

  it('but not for a rule in shadow, or for an emergency', () => {
    const { decided, policy } = under(
      aRule(),
      { ...left, mode: 'shadow' },
      aRule({ name: 'shadow', mode: 'shadow' }),
      aRule({ name: 'glass', breakGlass: true }),
    );

    expect(onlyInTeleport(decided, policy)).toBeNull();
    expect(onlyInTeleport(decided, aPolicy())).toBeNull();
  });
});

describe('acknowledging approves', () => {
  const [note, either] = [['note'], ['note', 'acknowledge']] as const;
  const answeredBy = (name: string, answerBy: Rule['approvers']['answerBy']) =>
    aRule({ name, approvers: { onCall: null, answerBy } });

  it.each([
    ['where the rule says so', [either], true],
    ['not where it does not', [note], false],
    ['not where one of two does not', [either, note], false],
    ['not where nothing is asked', [], false],
  ])('%s', (_where, ways, approves) => {
    const { decided, policy } = under(
      ...ways.map((answerBy, index) => answeredBy(`rule ${index}`, answerBy)),
    );

    expect(acknowledgingApproves(decided, policy)).toBe(approves);
  });
});

describe('an answer counts', () => {
  it('of who was on call for the approvers at that moment', () => {
    expect(judged()).toMatchObject({
      state: 'counted',
      why: 'Taylor Two was on call for the approvers of prod-oncall',
    });
    expect(judged({ propose: 'denied' }).state).toBe('counted');
  });

  it('by acknowledging, where every rule that asks allows it', () => {
    const acknowledging = aRule({ approvers: { onCall: null, answerBy: ['note', 'acknowledge'] } });

    expect(judged({ how: 'acknowledge' }, under(acknowledging)).state).toBe('counted');
    expect(judged({ how: 'acknowledge' })).toEqual({
      state: 'refused',
      why: 'acknowledging does not approve this request: write `approve E1B44` alone to let sre-1 in, or `deny E1B44` and why',
    });
  });

  it('for every rule that asks', () => {
    const two = under(aRule({ name: 'a' }), aRule({ name: 'b' }));
    const other = under(aRule(), aRule({ name: 'z', onCall: someTargets({ services: ['Search API'] }) }));
    const search = aTargetFact({ asked: 'Search API', id: 'PSERVC3', policy: null });

    expect(judged({}, two)).toMatchObject({
      state: 'counted',
      why: 'Taylor Two was on call for the approvers of a, b',
    });
    expect(judged({}, { ...other, facts: { targets: [aTargetFact(), search] } })).toEqual({
      state: 'refused',
      why: 'Taylor Two was not on call at 2026-03-03T02:15:07.000Z for the approvers of rule z',
    });
  });

  it('by the targets of the approvers, not by those of the rule', () => {
    const onCall = someTargets({ services: [], escalationPolicies: ['Leads'] });
    const leads = aTargetFact({ kind: 'escalation policy', asked: 'Leads', id: 'PLEADS1' });
    const asked = under(aRule({ approvers: { onCall, answerBy: ['note'] } }));

    expect(judged({}, { ...asked, facts: { targets: [leads] } }).state).toBe('refused');
    expect(judged({}, { ...asked, facts: { targets: [{ ...leads, id: 'PPOLCY1' }] } }).state).toBe('counted');
  });
});

describe('an answer is refused', () => {
  it.each<[string, Partial<Answer>, string]>([
    ['of machines', { by: { id: 'PTAY2RE', name: 'Taylor Two', isUser: false } }, 'only a person can answer'],
    ['that names none', { codeIsRight: false }, 'it does not name this request: write E1B44 after the verb'],
    [
      'that may take itself back',
      { takenBackBy: 'NOT' },
      'it says “NOT”, and an approval holds at once and without conditions, or not at all: write `approve E1B44` alone, or `deny E1B44`',
    ],
    ['that was edited', { edited: true }, 'the note was edited: write a new one'],
    ['of oneself', { by: { id: SAM.id, name: 'Sam One', isUser: true } }, 'nobody answers their own request'],
  ])('%s', (_which, answer, why) => {
    expect(judged(answer)).toEqual({ state: 'refused', why });
  });

  it('of the requester by another PagerDuty account', () => {
    expect(judged({}, { facts: { teleportUser: 'sre-1' } })).toEqual({
      state: 'refused',
      why: 'nobody answers their own request',
    });
  });

  it('of who is not on call, whatever else is not known', () => {
    const facts = { onCall: { state: 'known', at: NOW, rows: [anOnCallRow()] } } as const;

    expect(judged({ by: { id: 'PTAY2RE', name: 'Taylor\nTwo', isUser: true } }, { facts })).toEqual({
      state: 'refused',
      why: 'Taylor Two was not on call at 2026-03-03T02:15:07.000Z for the approvers of rule prod-oncall',
    });
  });

  it('of whose shift is too young for the rule, and says so', () => {
    const policy = aPolicy({ rules: [aRule({ onCall: someTargets({ minShiftAgeMs: 10 * MINUTE }) })] });
    const rows = [anOnCallRow({ user: TAYLOR, start: '2026-03-03T02:15:06Z' })];
    const facts = { onCall: { state: 'known', at: anAnswer().at, rows } } as const;

    expect(judged({}, { facts, policy }).why).toBe(
      'Taylor Two was not on call at 2026-03-03T02:15:07.000Z for the approvers of rule prod-oncall (service Payments API: on call only since 2026-03-03T02:15:06.000Z, the rule asks for 10 min)',
    );
  });

  it('of who is not on call for any of several rules, and says what each misses, and what several miss once', () => {
    const young = someTargets({ minShiftAgeMs: 10 * MINUTE });
    const search = someTargets({ services: ['Search API'] });
    const rules = [
      aRule({ name: 'a', onCall: search }),
      aRule({ name: 'b', onCall: young }),
      aRule({ name: 'c', onCall: search }),
    ];
    const targets = [aTargetFact(), aTargetFact({ asked: 'Search API', id: 'PSERVC3', policy: null })];
    const rows = [anOnCallRow({ user: TAYLOR, start: '2026-03-03T02:15:06Z' })];
    const facts = { perRule: true, targets, onCall: { state: 'known', at: anAnswer().at, rows } } as const;

    expect(judged({}, { ...under(...rules), facts }).why).toBe(
      'Taylor Two was not on call at 2026-03-03T02:15:07.000Z for the approvers of rules a and c, nor of rule b (service Payments API: on call only since 2026-03-03T02:15:06.000Z, the rule asks for 10 min)',
    );
  });

  it('where the request can be answered in Teleport alone', () => {
    expect(judged({}, { decided: uncovered() })).toEqual({
      state: 'refused',
      why: 'it must be answered in Teleport: no rule says who may answer',
    });
  });
});

describe('whether an answer counts is not known yet', () => {
  const cause = aCause({ message: 'no answer' });

  it('while nobody knows who the requester is, who may be the one who answers', () => {
    const decided = aRecordedDecision({ facts: someFacts({ requester: { state: 'unknown', cause } }) });
    const nobody = { teleportUser: null, binding: null };

    expect(judged({}, { decided, facts: nobody })).toEqual({
      state: 'unknown',
      why: 'who the requester is in PagerDuty is not known: no answer',
    });
    expect(judged({}, { decided, facts: { teleportUser: 'sre-1' } }).state).toBe('refused');
  });

  it('while it is not known who was on call', () => {
    expect(judged({}, { facts: { onCall: { state: 'unknown', cause } } })).toEqual({
      state: 'unknown',
      why: 'no answer',
    });
    expect(judged({}, { facts: { onCall: { state: 'not-asked' } } }).state).toBe('unknown');
    expect(judged({}, { facts: { targets: [] } })).toEqual({
      state: 'unknown',
      why: 'service Payments API was not looked up',
    });
  });

  it('for one of two rules, but refused where another is known not to be met', () => {
    const search = someTargets({ services: ['Search API'] });
    const [one, two] = [aRule({ name: 'a' }), aRule({ name: 'b', onCall: search })];
    const lost = { kind: 'service', asked: 'Search API', state: 'unknown', cause } as const;
    const off = { onCall: { state: 'known', at: NOW, rows: [] }, targets: [aTargetFact(), lost] } as const;

    expect(judged({}, { ...under(one, two), facts: { targets: [aTargetFact(), lost] } })).toEqual({
      state: 'unknown',
      why: 'no answer',
    });
    expect(judged({}, { ...under(one, two), facts: off })).toMatchObject({ state: 'refused' });
  });
});
