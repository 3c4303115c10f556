import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../src/core/record/effect.ts';
import { progressNote, refusalNote, reminderNote, unansweredNote } from '../../../src/core/wording/notes.ts';
import { onBehalfReason } from '../../../src/core/wording/reviews.ts';
import { HOUR, MINUTE, plusMs } from '../../../src/core/values/instant.ts';
import type { LedgerEvent, RecordedAnswer } from '../../../src/core/record/ledger-entry.ts';
import {
  anAnswer,
  anAnswered,
  anOnCallRow,
  aPolicy,
  aRecordedDecision,
  NOW,
  onCallWith,
  someAnswerFacts,
} from '../../support/builders.ts';
import {
  aNote,
  done,
  due,
  dueKeys,
  escalated,
  failed,
  keyOf,
  intended,
  PAGE,
  paged,
  requestId,
  resolved,
  SETTING,
  sole,
  succeeded,
  paging,
} from '../telling.ts';

const KIM = { id: 'PKIM3RE', name: 'Kim Three', isUser: true };
const firstPage = () => sole(due([escalated()]));
const outcome = { summary: 'voted', ours: true, incidentId: null, url: null };

function voteOf(recorded: RecordedAnswer): Effect & { readonly kind: 'vote' } {
  const { by, propose } = recorded.answer;
  if (propose !== 'approved' && propose !== 'denied') throw new Error('no review follows from it');
  return {
    kind: 'vote',
    key: `vote ${by.id}`,
    propose,
    approver: { id: by.id, name: by.name, teleportUser: recorded.facts?.teleportUser ?? null },
    answerId: recorded.answer.id,
    reason: onBehalfReason(escalated(), recorded),
  };
}

describe('an answer that counts', () => {
  const answered = anAnswered();
  const vote = () => voteOf(answered);

  it('is given in Teleport until it is done', () => {
    expect(due([...paged(), answered])).toEqual([vote()]);
    expect(due([...paged(), answered, intended(vote()), failed(vote())])).toEqual([vote()]);
    expect(due([...paged(), answered, ...done(vote())])).toEqual([]);
  });

  it.each([
    ['was not taken', { ...outcome, ours: false }],
    ['did not settle the request', { ...outcome, stillPending: true }],
  ])('is told on the page where it %s', (_where, came) => {
    const told = aNote(
      escalated(),
      'progress PTAY2RE',
      { id: PAGE },
      progressNote(escalated(), vote(), came, SETTING),
    );
    const events = [...paged(), answered, intended(vote()), succeeded(vote(), came)];

    expect(due(events)).toEqual([told]);
    expect(due([...events, ...done(told)])).toEqual([]);
  });

  it('is the first of its person: one vote each, for all who answered', () => {
    const again = anAnswered({ answer: anAnswer({ id: 'PNOTE02', propose: 'denied' }) });
    const rows = [anOnCallRow({ user: { id: KIM.id, summary: KIM.name } })];
    const other = anAnswered({
      answer: anAnswer({ id: 'PNOTE03', by: KIM }),
      facts: someAnswerFacts({ onCall: onCallWith(...rows), teleportUser: null }),
    });

    expect(due([...paged(), answered, again, other])).toEqual([vote(), voteOf(other)]);
    expect(voteOf(other).approver.teleportUser).toBeNull();
  });

  it('is looked into after the end, if it was begun and what came of it is not known', () => {
    const ended = {
      kind: 'ended',
      requestId,
      ending: { state: 'approved', by: 'sre-2', reason: '' },
    } as const;

    expect(dueKeys([...paged(), answered, intended(vote()), failed(vote()), ended])).toEqual([
      'vote PTAY2RE',
      'closing-note',
      'close-page',
    ]);
    expect(dueKeys([...paged(), answered, ended])).toEqual(['closing-note', 'close-page']);
  });
});

it('an answer that does not count is told so once, on the page', () => {
  const refused = anAnswered({ counted: false, why: 'the note was edited: write a new one' });
  const reply = aNote(escalated(), 'reply PNOTE01', { id: PAGE }, refusalNote(refused));

  expect(due([...paged(), refused])).toEqual([reply]);
  expect(due([...paged(), refused, ...done(reply)])).toEqual([]);
});

describe('a page that was resolved without an answer', () => {
  const told = () => aNote(escalated(), `unanswered ${PAGE}`, { id: PAGE }, unansweredNote(escalated()));

  it('is told that the request is still pending, and left at that', () => {
    expect(due([...paged(), resolved()])).toEqual([told()]);
    expect(due([...paged(), resolved(), ...done(told())])).toEqual([]);
  });

  it('is not reminded of, nor moved up', () => {
    const policy = paging({ remindAfterMs: MINUTE, moveUpAfterMs: MINUTE });

    expect(dueKeys([...paged(), resolved()], { policy, now: plusMs(NOW, HOUR) })).toEqual([told().key]);
  });
});

describe('a rule that pages again', () => {
  const policy = paging({ ifResolved: 'repage' });

  it('opens another page under a key of its own, and tells the first one afterwards', () => {
    const first = firstPage();
    if (first.kind !== 'page') throw new RangeError(`\`${first.key}\` is no page`);
    const second: Effect = { ...first, key: 'page 2', incidentKey: keyOf(`oncall-approver/${requestId}/2`) };
    const events = [...paged(), resolved()];

    expect(due(paged(), { policy })).toEqual([]);
    expect(due(events, { policy })[0]).toEqual(second);
    expect(dueKeys(events, { policy })).toEqual(['page 2', `unanswered ${PAGE}`]);
    expect(dueKeys([...events, ...done(second, { incidentId: 'Q3PAGE' })], { policy })).toEqual([
      `unanswered ${PAGE}`,
    ]);
  });

  it('does so three times', () => {
    const events: LedgerEvent[] = [...paged()];
    const keys: string[] = [];
    for (let number = 2; number < 9; number += 1) {
      events.push(resolved(`Q${number}PAGE`));
      const next = due(events, { policy }).find(({ kind }) => kind === 'page');
      if (next === undefined) continue;
      keys.push(next.key);
      events.push(...done(next, { incidentId: `Q${number + 1}PAGE` }));
    }

    expect(keys).toEqual(['page 2', 'page 3', 'page 4']);
  });
});

describe('silence', () => {
  const remind = paging({ remindAfterMs: 15 * MINUTE });
  const moveUp = paging({ moveUpAfterMs: 20 * MINUTE });
  const after = (ms: number) => plusMs(NOW, ms);

  it('is left to PagerDuty where the rule says nothing', () => {
    expect(due(paged(), { now: after(24 * HOUR) })).toEqual([]);
  });

  it.each([
    [15 * MINUTE - 1, []],
    [15 * MINUTE, ['reminder 1']],
    [30 * MINUTE, ['reminder 2']],
    [45 * MINUTE, ['reminder 3']],
    [24 * HOUR, ['reminder 3']],
  ])('after %i ms is answered with %j', (ms, keys) => {
    expect(dueKeys(paged(), { policy: remind, now: after(ms) })).toEqual(keys);
  });

  it('is told with its length, once for each time', () => {
    const told = () => aNote(escalated(), 'reminder 1', { id: PAGE }, reminderNote(16 * MINUTE));
    const now = after(16 * MINUTE);

    expect(due(paged(), { policy: remind, now })).toEqual([told()]);
    expect(due([...paged(), ...done(told())], { policy: remind, now })).toEqual([]);
    expect(dueKeys([...paged(), ...done(told())], { policy: remind, now: after(HOUR) })).toEqual([
      'reminder 3',
    ]);
  });

  it('moves the page up, once', () => {
    const move: Effect = { kind: 'move-up', key: 'move-up', incident: { id: PAGE } };
    const now = after(20 * MINUTE);

    expect(due(paged(), { policy: moveUp, now: plusMs(now, -1) })).toEqual([]);
    expect(due(paged(), { policy: moveUp, now })).toEqual([move]);
    expect(due([...paged(), ...done(move)], { policy: moveUp, now })).toEqual([]);
  });

  it('is over with an answer that counts, and with no other', () => {
    const vote = () => voteOf(anAnswered());
    const now = after(HOUR);
    const reply = aNote(escalated(), 'reply PNOTE01', { id: PAGE }, '');

    expect(due([...paged(), anAnswered(), ...done(vote())], { policy: remind, now })).toEqual([]);
    expect(
      dueKeys([...paged(), anAnswered({ counted: false }), ...done(reply)], { policy: remind, now }),
    ).toEqual(['reminder 3']);
  });
});

describe('a page that was opened before the request was decided otherwise', () => {
  const again = { number: 2, decisionId: '0194f8a2-7e90-7c11-8f3d-2b6d9a4c0e58' };
  const approved = () => aRecordedDecision(again);
  const leftAlone = () => aRecordedDecision({ ...again, policy: aPolicy({ rules: [] }) });
  /** Our own approval stands, and Teleport asks for another. */
  const waiting = () => {
    const [review] = due([...paged(), approved()]);
    if (review?.kind !== 'review') throw new RangeError('there is no review');
    return [...paged(), approved(), ...done(review, { stillPending: true, given: 1 })];
  };

  it('has its answers given after the review of the decision in force', () => {
    expect(dueKeys([...paged(), approved(), anAnswered()])).toEqual(['review', 'vote PTAY2RE']);
  });

  it.each([
    ['approved', waiting],
    ['left to the reviewers in Teleport', () => [...paged(), leftAlone()]],
  ])('has whoever answers wrongly told so, once, when it is %s', (_how, events) => {
    const refused = anAnswered({ counted: false, why: 'only a person can answer' });
    const replies = due([...events(), refused]);

    expect(replies).toMatchObject([
      {
        key: 'reply PNOTE01',
        incident: { id: PAGE },
        content: expect.stringContaining(refused.why) as string,
      },
    ]);
    expect(due([...events(), refused, ...replies.flatMap((reply) => done(reply))])).toEqual([]);
  });

  it('has an answer that was not carried out refused where no rule asks for it any more', () => {
    const policy = aPolicy({ rules: [] });

    expect(due([...paged(), leftAlone(), anAnswered()], { policy })).toMatchObject([
      { key: 'reply PNOTE01', content: expect.stringContaining('must be answered in Teleport') as string },
    ]);
  });

  it('is reminded of as long as people are asked', () => {
    const policy = paging({ remindAfterMs: 15 * MINUTE });
    const now = plusMs(NOW, HOUR);

    expect(dueKeys(waiting(), { policy, now })).toEqual(['reminder 3']);
    expect(dueKeys([...paged(), leftAlone()], { policy, now })).toEqual([]);
  });
});
