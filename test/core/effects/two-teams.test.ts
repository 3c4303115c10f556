import { describe, expect, it } from 'vitest';
import { judgeAnswer } from '../../../src/core/answers/judge-answer.ts';
import { waitingNote } from '../../../src/core/wording/notes.ts';
import { isAnswered, openRules } from '../../../src/core/effects/reviews-on-behalf.ts';
import type { AnswerFacts } from '../../../src/core/answers/answer.ts';
import type { Outcome } from '../../../src/core/record/effect.ts';
import type { LedgerEvent, RecordedAnswer, RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import {
  anAnswer,
  anAnswered,
  anEscalation,
  anOnCallRow,
  aPolicy,
  aRecordedDecision,
  aRule,
  aTargetFact,
  onCallWith,
  someAnswerFacts,
  someFacts,
  someTargets,
  TAYLOR,
} from '../../support/builders.ts';
import { aNote, done, due, dueKeys, intended, PAGE, sole, story } from '../telling.ts';

const KIM = { id: 'PKIM3RE', summary: 'Kim Three' };
const LEE = { id: 'PLEE4RE', summary: 'Lee Four' };
const ruleOf = (name: string, service: string) =>
  aRule({ name, onCall: someTargets({ services: [service] }), escalate: anEscalation() });
const policy = aPolicy({ rules: [ruleOf('a', 'Payments API'), ruleOf('b', 'Search API')] });
const decided = (): RecordedDecision =>
  aRecordedDecision({ policy, facts: someFacts({ onCall: onCallWith() }) });
const elsewhere = (asked: string) => aTargetFact({ asked, id: 'PELSEWH', policy: null });

/** What is known of somebody who is on call for the approvers of one of the rules, or of both. */
function onCallFor(rules: 'a' | 'b' | 'a, b', who = TAYLOR): AnswerFacts {
  const target = (rule: string, asked: string) =>
    rules.includes(rule) ? aTargetFact({ asked }) : elsewhere(asked);
  return someAnswerFacts({
    perRule: true,
    onCall: { state: 'known', at: anAnswer().at, rows: [anOnCallRow({ user: who })] },
    targets: [target('a', 'Payments API'), target('b', 'Search API')],
    teleportUser: who === TAYLOR ? 'sre-2' : null,
  });
}

function answered(
  id: string,
  rules: 'a' | 'b' | 'a, b',
  more: Partial<RecordedAnswer['answer']> = {},
  who = TAYLOR,
) {
  const by = { id: who.id, name: who.summary, isUser: true };
  return anAnswered({
    answer: anAnswer({ id, by, ...more }),
    facts: onCallFor(rules, who),
    why: `${who.summary} was on call for the approvers of ${rules}`,
    rules: rules.split(', '),
  });
}

const page = () => sole(due([decided()], { policy }));
const paged = (...events: readonly LedgerEvent[]) => [
  decided(),
  ...done(page(), { incidentId: PAGE }),
  ...events,
];
const keys = (...events: readonly LedgerEvent[]) => dueKeys(paged(...events), { policy });

describe('an answer where two rules ask', () => {
  const judged = (facts: AnswerFacts) => judgeAnswer(anAnswer(), decided(), facts, policy);

  it('is for those under which its author was on call', () => {
    expect(judged(onCallFor('a'))).toEqual({
      state: 'counted',
      why: 'Taylor Two was on call for the approvers of a',
      rules: ['a'],
    });
    expect(judged(onCallFor('b'))).toMatchObject({ rules: ['b'] });
    expect(judged(onCallFor('a, b'))).toMatchObject({ rules: ['a', 'b'] });
  });

  it('is for none of somebody who was not on call for any, or of whom that is not known', () => {
    const targets = [elsewhere('Payments API'), elsewhere('Search API')];

    expect(judged({ ...onCallFor('a'), targets }).state).toBe('refused');
    expect(judged({ ...onCallFor('a'), targets: [aTargetFact()] }).state).toBe('unknown');
    expect(judged({ ...onCallFor('a'), targets: targets.slice(0, 1) }).state).toBe('unknown');
  });

  it('had to be for both in earlier versions', () => {
    const { perRule, ...before } = onCallFor('a');

    expect(perRule).toBe(true);
    expect(judged(before).state).toBe('refused');
  });
});

describe('approvals where two rules ask', () => {
  it('wait for each other, and their authors are told so', () => {
    const first = answered('PNOTE01', 'a');

    expect(due(paged(first), { policy })).toMatchObject([{ key: 'waiting PNOTE01', incident: { id: PAGE } }]);
    expect(openRules(story(paged(first)), decided(), policy)).toEqual(['b']);
    expect(waitingNote({ ...anAnswered(), rules: ['a', 'b'] }, ['c', 'd'])).toContain(
      'counts for rules a and b. Nothing is given before rules c and d is approved too.',
    );
    expect(keys(first, answered('PNOTE02', 'a', {}, KIM))).toEqual(['waiting PNOTE01', 'waiting PNOTE02']);
  });

  it('are given once each rule has one, naming all of them', () => {
    const both = [answered('PNOTE01', 'a'), answered('PNOTE02', 'b', {}, KIM)];

    expect(keys(...both)).toEqual(['vote PTAY2RE', 'vote PKIM3RE']);
    expect(due(paged(...both), { policy })).toMatchObject([
      { reason: expect.stringContaining('also approved by note in Q2PAGE: Kim Three was on call') as string },
      {
        reason: expect.stringContaining('also approved by note in Q2PAGE: Taylor Two was on call') as string,
      },
    ]);
    expect(keys(answered('PNOTE01', 'a, b'))).toEqual(['vote PTAY2RE']);
  });

  it('are needless once one of them has settled the request', () => {
    const both = [answered('PNOTE01', 'a'), answered('PNOTE02', 'b', {}, KIM)];
    const [vote] = due(paged(...both), { policy });

    const given = (came: Partial<Outcome> = {}) => (vote === undefined ? [] : done(vote, came));

    expect(keys(...both, ...given())).toEqual([]);
    expect(keys(...both, ...given({ stillPending: true }))).toContain('vote PKIM3RE');
    // Nor does one that counts no more keep the others from being judged.
    expect(keys(...both.map((each, index) => (index === 0 ? offCall(each) : each)), ...given())).toContain(
      'waiting PNOTE02',
    );
    // A denial that was given is for nobody's approval.
    const denial = answered('PNOTE03', 'a', { propose: 'denied' }, LEE);
    const denied = due(paged(denial), { policy });
    expect(keys(...both, ...given(), denial)).toEqual(['vote PLEE4RE']);
    expect(keys(...both, denial, ...denied.flatMap((each) => done(each)))).toContain('vote PKIM3RE');
  });

  it('do not stand for a rule once Teleport has turned them down', () => {
    const both = [answered('PNOTE01', 'a'), answered('PNOTE02', 'b', {}, KIM)];
    const [vote] = due(paged(...both), { policy });
    const turnedDown = vote === undefined ? [] : done(vote, { ours: false });

    expect(keys(...both, ...turnedDown)).toEqual(['progress PTAY2RE', 'waiting PNOTE02']);
  });

  it('wait no more where one of them denies', () => {
    const denial = answered('PNOTE02', 'b', { propose: 'denied' }, KIM);

    expect(keys(answered('PNOTE01', 'a'), denial)).toEqual(['vote PKIM3RE', 'waiting PNOTE01']);
    expect(due(paged(answered('PNOTE01', 'a'), denial), { policy })[0]).toMatchObject({
      reason: expect.not.stringContaining('also approved') as string,
    });
  });

  const first = answered('PNOTE01', 'a');
  const second = answered('PNOTE02', 'b', {}, KIM);
  const refused = (by: RecordedAnswer) => ({ ...by, counted: false });
  const offCall = (by: RecordedAnswer) => ({ ...by, facts: { ...onCallFor('a'), onCall: onCallWith() } });
  const told = done(aNote(decided(), 'reply PNOTE01', { id: PAGE }, ''));
  const ours = {
    kind: 'review',
    key: 'review',
    decisionId: 'OA-1',
    propose: 'approved',
    reason: '',
  } as const;
  it.each<readonly [string, readonly LedgerEvent[], readonly string[]]>([
    ['that did not count', [first, refused(second)], ['waiting PNOTE01', 'reply PNOTE02']],
    ['whose author was told that it counts no more', [first, ...told, second], ['waiting PNOTE02']],
    ['that counts no more', [offCall(first), second], ['waiting PNOTE02', 'reply PNOTE01']],
    [
      'that is a denial, and did not count',
      [refused(answered('PNOTE01', 'a', { propose: 'denied' }))],
      ['reply PNOTE01'],
    ],
    ['beside the service’s own', [first, second, ...done(ours)], ['vote PTAY2RE', 'vote PKIM3RE']],
  ])('go by each answer, one %s', (_what, events, expected) => {
    expect(keys(...events)).toEqual(expected);
  });

  it('name also whoever answers for both', () => {
    const [vote] = due(paged(first, answered('PNOTE02', 'a, b', {}, KIM)), { policy });

    expect(vote).toMatchObject({ reason: expect.stringContaining('Kim Three was on call') as string });
  });

  it('wait no more where they are begun', () => {
    const [vote] = due(paged(first, second), { policy });
    const begun = vote === undefined ? [] : [intended(vote)];

    expect(keys(first, second, ...begun, refused(second))).toContain('vote PTAY2RE');
    expect(keys(first, ...begun)).toEqual(['vote PTAY2RE']);
  });

  it('are silence until all rules have theirs', () => {
    const isDone = (...events: readonly LedgerEvent[]) => isAnswered(story(paged(...events)), ['a', 'b']);
    const refused = { ...answered('PNOTE01', 'a'), counted: false };

    expect(isDone()).toBe(false);
    expect(isDone(refused)).toBe(false);
    expect(isDone(answered('PNOTE01', 'a'))).toBe(false);
    expect(isDone(answered('PNOTE01', 'a'), answered('PNOTE02', 'b', {}, KIM))).toBe(true);
    expect(isDone(answered('PNOTE01', 'a', { propose: 'denied' }))).toBe(true);
    // As earlier versions recorded it: for all.
    const { rules, ...before } = answered('PNOTE01', 'a');
    expect(rules).toEqual(['a']);
    expect(isDone(before)).toBe(true);
  });
});
