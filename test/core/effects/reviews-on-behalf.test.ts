import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../src/core/record/effect.ts';
import { reviewTally, whyAnswerLapsed } from '../../../src/core/effects/reviews-on-behalf.ts';
import { refusalNote } from '../../../src/core/wording/notes.ts';
import { onBehalfReason } from '../../../src/core/wording/reviews.ts';
import type { LedgerEvent, RecordedAnswer, RecordedDecision } from '../../../src/core/record/ledger-entry.ts';
import { storyOf } from '../../../src/core/record/story.ts';
import { plusMs } from '../../../src/core/values/instant.ts';
import type { Policy } from '../../../src/core/rule.ts';
import {
  anAnswer,
  anAnswered,
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
} from '../../support/builders.ts';
import {
  aNote,
  done,
  due,
  dueKeys,
  escalated,
  intended,
  PAGE,
  paged,
  requestId,
  story,
  succeeded,
} from '../telling.ts';

function voteOf(
  recorded: RecordedAnswer,
  key = `vote ${recorded.answer.by.id}`,
): Effect & { readonly kind: 'vote' } {
  const { id: answerId, by, propose } = recorded.answer;
  if (propose !== 'approved' && propose !== 'denied') throw new Error('no review follows from it');
  const approver = { id: by.id, name: by.name, teleportUser: recorded.facts?.teleportUser ?? null };
  return { kind: 'vote', key, propose, approver, answerId, reason: onBehalfReason(escalated(), recorded) };
}

describe('a later answer of the same person', () => {
  const answered = anAnswered();
  const later = anAnswered({ answer: anAnswer({ id: 'PNOTE02', propose: 'denied' }) });

  it('is carried where Teleport turned the earlier one down, with a word on each', () => {
    const [first, second] = [voteOf(answered), voteOf(later, 'vote PTAY2RE 2')];
    const events = [...paged(), answered, intended(first), succeeded(first, { ours: false }), later];

    expect(due(events)).toContainEqual(second);
    expect(dueKeys([...events, intended(second), succeeded(second, { ours: false })])).toEqual([
      'progress PTAY2RE',
      'progress PTAY2RE 2',
    ]);
  });

  it('is not carried where the earlier one stands, or may stand', () => {
    const vote = voteOf(answered);

    expect(dueKeys([...paged(), answered, ...done(vote), later])).toEqual([]);
    expect(dueKeys([...paged(), answered, intended(vote), later])).toEqual(['vote PTAY2RE']);
  });

  it('that denies is given in place of the approval, which is only looked for where it may stand', () => {
    const denial = anAnswered({ answer: { ...later.answer, at: plusMs(NOW, 90_000) } });
    const [begun, events] = [voteOf(answered), [...paged(), answered, denial]];
    const why = (told: readonly LedgerEvent[]) => whyAnswerLapsed(story(told), begun, escalated(), aPolicy());

    const since = 'its author has denied it since, or taken it back';

    expect(due(events)).toContainEqual(voteOf(denial));
    expect(dueKeys(events)).toEqual(['vote PTAY2RE', 'reply PNOTE01']);
    expect(why([...paged(), answered, intended(begun), denial])).toBe(since);
    expect(why([...paged(), answered, { ...denial, counted: false }])).toBeNull();
    const back = anAnswer({ id: 'PNOTE02', at: denial.answer.at, takenBackBy: 'no' });
    expect(why([...paged(), answered, anAnswered({ answer: back, counted: false })])).toBe(since);
    const others = { ...denial.answer, by: { ...SAM, name: 'Sam One', isUser: true } };
    expect(why([...paged(), answered, anAnswered({ answer: others })])).toBeNull();
    const before = { ...denial.answer, at: plusMs(answered.answer.at, -1) };
    expect(why([...paged(), anAnswered({ answer: before }), answered])).toBeNull();
  });

  it('is told from the earlier one also in a ledger that does not say which answer a vote is for', () => {
    const { key, propose, approver, reason } = voteOf(answered);
    const old: Effect = { kind: 'vote', key, propose, approver, reason };

    expect(dueKeys([...paged(), answered, ...done(old), later])).toEqual([]);
    const [one, other] = [
      anAnswer({ id: 'PNOTE00' }),
      anAnswer({ id: 'PNOTE03', by: { ...SAM, name: 'Sam One', isUser: true } }),
    ];
    const before = [anAnswered({ answer: one, counted: false }), anAnswered({ answer: other })];
    expect(due([...paged(), ...before, answered, ...done(old, { ours: false }), later])).toContainEqual(
      expect.objectContaining({ key: 'vote PTAY2RE 2', answerId: 'PNOTE02' }),
    );
  });
});

describe('an answer that counted when it was heard', () => {
  const stricter = (name = 'prod-second') =>
    aPolicy({
      rules: [
        aRule(),
        aRule({ name, onCall: someTargets({ services: [], schedules: ['Payments secondary'] }) }),
      ],
    });
  const again = (policy: Policy, overrides: Partial<RecordedDecision> = {}) =>
    aRecordedDecision({ number: 2, facts: someFacts({ onCall: onCallWith() }), policy, ...overrides });
  const reply = (why: string) =>
    aNote(again(stricter()), 'reply PNOTE01', { id: PAGE }, refusalNote(anAnswered({ counted: false, why })));
  const SECONDARY = { kind: 'schedule', asked: 'Payments secondary' } as const;

  it('is not given under a later decision by which more rules ask, and is told so once', () => {
    const facts = someAnswerFacts({
      targets: [
        aTargetFact(),
        {
          ...SECONDARY,
          state: 'known',
          id: 'PSCHED2',
          name: 'Payments secondary',
          policy: null,
          disabled: false,
        },
      ],
    });
    const answered = anAnswered({ facts });
    const policy = stricter();
    const events = [...paged(), answered, again(policy)];
    const told = due(events, { policy });

    expect(told).toEqual([
      reply(
        'what the rules ask has changed since it was heard, and now Taylor Two was not on call at 2026-03-03T02:15:07.000Z for the approvers of rule prod-second',
      ),
    ]);
    expect(due([...events, ...told.flatMap((effect) => done(effect))], { policy })).toEqual([]);
  });

  it('does not count where it was not looked up what is asked now', () => {
    const policy = stricter();

    expect(due([...paged(), anAnswered(), again(policy)], { policy })).toEqual([
      reply(
        'what the rules ask has changed since it was heard, and now it is not known whether it counts (schedule Payments secondary was not looked up): answer again',
      ),
    ]);
  });

  it('and was refused since stays refused, and a new one of the same person is given', () => {
    const policy = stricter();
    const refused = [...paged(), anAnswered(), again(policy)];
    const replied = [...refused, ...due(refused, { policy }).flatMap((effect) => done(effect))];
    const back = [...replied, again(aPolicy(), { number: 3 })];
    const anew = anAnswered({ answer: anAnswer({ id: 'PNOTE02' }) });

    expect(due(back)).toEqual([]);
    expect(due([...back, anew])).toMatchObject([{ key: 'vote PTAY2RE', answerId: 'PNOTE02' }]);
  });

  it('is not given when the rules changed, though the decision is the same', () => {
    const policy = aPolicy({
      rules: [aRule({ approvers: { onCall: someTargets({ maxLevel: 0 }), answerBy: ['note'] } })],
    });

    expect(dueKeys([...paged(), anAnswered()], { policy })).toEqual(['reply PNOTE01']);
  });

  it('counts by the page on which it was given, whatever an earlier one asked for', () => {
    const before = aRecordedDecision({
      request: aRequest({ reason: 'another' }),
      facts: someFacts({ onCall: onCallWith() }),
    });
    const pagedBy = (events: readonly LedgerEvent[], incidentId: string) => [
      ...events,
      ...due(events).flatMap((each) => (each.kind === 'page' ? done(each, { incidentId }) : [])),
    ];
    const events = pagedBy([...pagedBy([before], 'Q1PAGE'), escalated()], PAGE);

    expect(dueKeys([...events, anAnswered()])).toContain('vote PTAY2RE');
  });

  it('by acknowledging is not given where the rules do not allow that any more', () => {
    const acknowledged = anAnswered({ answer: anAnswer({ how: 'acknowledge' }) });
    const policy = aPolicy({
      rules: [aRule({ approvers: { onCall: null, answerBy: ['note', 'acknowledge'] } })],
    });

    expect(dueKeys([...paged(), acknowledged], { policy })).toEqual(['vote PTAY2RE']);
    expect(dueKeys([...paged(), acknowledged])).toEqual(['reply PNOTE01']);
  });

  it('is only looked into once its vote was begun', () => {
    const vote = voteOf(anAnswered());
    const policy = stricter();
    const begun = story([...paged(), anAnswered(), intended(vote), again(policy)]);

    expect(due([...paged(), anAnswered(), intended(vote), again(policy)], { policy })).toEqual([vote]);
    expect(whyAnswerLapsed(begun, vote, again(policy), policy)).toMatch(/^what the rules ask has changed/u);
    expect(whyAnswerLapsed(begun, vote, escalated(), aPolicy())).toBeNull();
    const { kind, key, propose, approver, reason } = vote;
    for (const unheard of [vote, { kind, key, propose, approver, reason }]) {
      expect(whyAnswerLapsed(story(paged()), unheard, escalated(), aPolicy())).toMatch(/not in the record/u);
    }
  });

  it('is not given in a name that is not certain any more', () => {
    const vote = voteOf(anAnswered());
    const begun = story([...paged(), anAnswered(), intended(vote)]);
    const bare = story([...paged(), anAnswered({ facts: null }), intended(vote)]);
    const unmanaged = aPolicy({ addresses: 'unmanaged' });

    expect(vote.approver.teleportUser).toBe('sre-2');
    expect(whyAnswerLapsed(begun, vote, escalated(), unmanaged)).toBe(
      'it is not certain any more that Taylor Two is sre-2 in Teleport: answer again',
    );
    expect(whyAnswerLapsed(bare, vote, escalated(), unmanaged)).toMatch(/by what evidence it counted/u);
    const nameless = { ...vote, approver: { ...vote.approver, teleportUser: null } };
    expect(whyAnswerLapsed(begun, nameless, escalated(), aPolicy())).toBeNull();
  });

  it('that an earlier version heard counts no more where nobody knew who asked', () => {
    const { onCall, targets } = someAnswerFacts();
    const heard = anAnswered({ facts: { onCall, targets, teleportUser: null } });
    const facts = someFacts({
      onCall: onCallWith(),
      requester: { state: 'unrecognised', why: 'no such user' },
    });
    const decided = aRecordedDecision({ facts });
    const vote = { ...voteOf(heard), approver: { id: TAYLOR.id, name: TAYLOR.summary, teleportUser: null } };

    expect(whyAnswerLapsed(story([decided, heard]), vote, decided, aPolicy())).toBe(
      'it is not known that whoever answered and the requester are two people: answer again',
    );
    expect(whyAnswerLapsed(story([decided, heard]), vote, escalated(), aPolicy())).toBeNull();
    const asked = anAnswered({ facts: someAnswerFacts({ teleportUser: null, binding: null }) });
    expect(whyAnswerLapsed(story([decided, asked]), vote, decided, aPolicy())).toMatch(
      /^what the rules ask has changed .* must be answered in Teleport: it is not known here that/u,
    );
  });

  it('without its evidence does not count any more', () => {
    expect(dueKeys([...paged(), anAnswered({ facts: null })])).toEqual(['reply PNOTE01']);
  });
});

describe('what answers gave without settling the request', () => {
  const another = anAnswered({
    answer: anAnswer({ id: 'PNOTE02', by: { id: SAM.id, name: SAM.summary, isUser: true } }),
  });
  const [one, other] = [voteOf(anAnswered()), voteOf(another)];
  const outcome = { summary: 'given', ours: true, stillPending: true, incidentId: null, url: null };
  const at = (event: LedgerEvent, ms: number) => ({ event, at: plusMs(NOW, ms) });
  const given = (key: string, ms: number) => at({ kind: 'effect-done', requestId, key, outcome }, ms);

  it.each([
    [1, 2],
    [2, 1],
  ])('is counted since the last of it, in whatever order it was given (%i, %i)', (first, second) => {
    const told = [
      at(intended(one), 0),
      at(intended(other), 0),
      given(one.key, first),
      given(other.key, second),
    ];

    expect(reviewTally(storyOf(told))).toEqual([
      { propose: 'approved', count: 2, by: ['Taylor Two', 'Sam One'], at: plusMs(NOW, 2) },
    ]);
  });
});
