import { describe, expect, it } from 'vitest';
import { dueEffects } from '../../../src/core/effects/due-effects.ts';
import { promisedPaging } from '../../../src/core/effects/paging-rule.ts';
import { countWords, tallyWords } from '../../../src/core/wording/review-tally.ts';
import { storyOf } from '../../../src/core/record/story.ts';
import { HOUR, MINUTE, plusMs } from '../../../src/core/values/instant.ts';
import {
  anAnswer,
  anAnswered,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  someFacts,
} from '../../support/builders.ts';
import { done, due, dueKeys, intended, PAGE, paged, paging, resolved, SETTING, sole } from '../telling.ts';

describe('an answer that is one of two', () => {
  const two = [{ name: 'two', filter: '', approve: 2, deny: 1 }];
  const forTwo = () =>
    aRecordedDecision({ request: aRequest({ thresholds: two }), facts: someFacts({ onCall: onCallWith() }) });
  const asked = () => [forTwo(), ...done(sole(due([forTwo()])), { incidentId: PAGE })];
  const given = { stillPending: true, given: 1 };
  const afterOne = () => {
    const vote = sole(due([...asked(), anAnswered()]));
    const events = [...asked(), anAnswered(), ...done(vote, given)];
    return [...events, ...due(events).flatMap((each) => done(each))];
  };

  it('is told with how many are given', () => {
    const vote = sole(due([...asked(), anAnswered()]));

    expect(due([...asked(), anAnswered(), ...done(vote, given)])).toMatchObject([
      { key: 'progress PTAY2RE', content: expect.stringContaining('1 of 2 approvals given') as string },
    ]);
  });

  it.each([
    [
      'is told without a number where filters ask for more than the numbers say',
      { given: 2 },
      '2 approvals given, and Teleport asks for more, by Taylor Two',
    ],
    ['counts as one in a ledger of an earlier version', {}, '1 of 2 approvals given, by Taylor Two'],
  ])('%s', (_what, outcome, told) => {
    const policy = paging({ ifResolved: 'repage' });
    const vote = sole(due([...asked(), anAnswered()]));
    const events = [...asked(), anAnswered(), ...done(vote, { stillPending: true, ...outcome }), resolved()];

    expect(due(events, { policy }).find(({ kind }) => kind === 'page')).toMatchObject({
      details: expect.stringContaining(`\nSo far: ${told}.\n`) as string,
    });
  });

  it('is told without a number where it should have been enough', () => {
    expect(countWords({ thresholds: [] }, { propose: 'denied', count: 1 })).toBe(
      '1 denial given, and Teleport asks for more',
    );
    expect(
      tallyWords(forTwo(), [
        { propose: 'approved', count: 1, by: ['Sam One'] },
        { propose: 'denied', count: 1, by: ['Kim Three', 'Lee Four'] },
      ]),
    ).toBe(
      '1 of 2 approvals given, by Sam One; 1 denial given, and Teleport asks for more, by Kim Three and Lee Four',
    );
  });

  it('said again by the same person is no other answer: people are asked again where the page is resolved', () => {
    const policy = paging({ ifResolved: 'repage', remindAfterMs: 15 * MINUTE });
    const again = anAnswered({ answer: anAnswer({ id: 'PNOTE02' }) });
    const told = due([...afterOne(), again]).flatMap((reply) => done(reply));
    const events = [...afterOne(), again, ...told];
    const beforeTold = dueKeys([...afterOne(), again, resolved()], { policy });

    expect(beforeTold).toEqual(['page 2', 'reply PNOTE02', `unanswered ${PAGE}`]);
    expect(dueKeys([...events, resolved()], { policy })).toEqual(['page 2', `unanswered ${PAGE}`]);
    expect(dueKeys(events, { policy, now: plusMs(NOW, 16 * MINUTE) })).toEqual(['reminder 1']);
  });

  it.each(['approved', 'denied'] as const)(
    'is the word of whoever gave it: who says %s after it is told so, once',
    (propose) => {
      const again = anAnswered({ answer: anAnswer({ id: 'PNOTE02', propose }) });
      const told = due([...afterOne(), again]);

      expect(told).toMatchObject([
        { key: 'reply PNOTE02', content: expect.stringContaining('has answered before') as string },
      ]);
      expect(due([...afterOne(), again, ...told.flatMap((reply) => done(reply))])).toEqual([]);
    },
  );

  it('does not end the silence, which counts anew from then on', () => {
    const policy = paging({ remindAfterMs: 15 * MINUTE });
    const late = afterOne().map((event) => ({ event, at: NOW }));
    const votedAt = plusMs(NOW, 40 * MINUTE);
    const told = late.map(({ event, at }) => ({
      event,
      at: event.kind === 'effect-done' && event.key.startsWith('vote') ? votedAt : at,
    }));
    const dueAt = (ms: number) =>
      dueEffects(storyOf(told), { policy, setting: SETTING, now: plusMs(NOW, ms) });

    expect(dueAt(50 * MINUTE)).toEqual([]);
    expect(dueAt(55 * MINUTE)).toMatchObject([
      {
        key: 'reminder 1',
        content: expect.stringMatching(
          /^1 of 2 approvals given, by Taylor Two: still waiting for another answer, for 15 min now\./u,
        ) as string,
      },
    ]);
  });

  it('is told on a page that somebody resolves, and said on the next', () => {
    const policy = paging({ ifResolved: 'repage' });
    const [next, note] = due([...afterOne(), resolved()], { policy });

    expect(next).toMatchObject({
      key: 'page 2',
      details: expect.stringContaining('\nSo far: 1 of 2 approvals given, by Taylor Two.\n') as string,
    });
    expect(note).toMatchObject({
      key: `unanswered ${PAGE}`,
      content: expect.stringContaining('(1 of 2 approvals given, by Taylor Two)') as string,
    });
    expect(dueKeys([...afterOne(), resolved()])).toEqual([`unanswered ${PAGE}`]);
  });
});

describe('an answer on an earlier page', () => {
  const policy = paging({ ifResolved: 'repage' });
  const resolvedOnce = () => [...paged(), resolved()];
  const twice = () => {
    const events = resolvedOnce();
    const [second, ...notes] = due(events, { policy });
    if (second === undefined) throw new RangeError('there is no second page');
    return [...events, ...done(second, { incidentId: 'Q3PAGE' }), ...notes.flatMap((each) => done(each))];
  };

  it('is given in Teleport, and what becomes of it is told there', () => {
    const events = [...twice(), anAnswered()];
    const vote = sole(due(events, { policy }));

    expect(vote.key).toBe('vote PTAY2RE');
    expect(due([...events, ...done(vote, { ours: false })], { policy })).toMatchObject([
      { key: 'progress PTAY2RE', incident: { id: PAGE } },
    ]);
  });

  it('makes another page needless unless it comes to nothing, and comes before one that was begun', () => {
    const events = [...resolvedOnce(), anAnswered()];
    const vote = () => sole(due([...paged(), anAnswered()], { policy }));
    const [second] = due(resolvedOnce(), { policy });
    if (second === undefined) throw new RangeError('there is no second page');

    expect(dueKeys(events, { policy })).toEqual(['vote PTAY2RE', `unanswered ${PAGE}`]);
    expect(dueKeys([...events, ...done(vote(), { ours: false })], { policy })[0]).toBe('page 2');
    expect(dueKeys([...resolvedOnce(), intended(second), anAnswered()], { policy })).toEqual([
      'vote PTAY2RE',
      'page 2',
      `unanswered ${PAGE}`,
    ]);
  });
});

describe('a page whose rule is gone', () => {
  const policy = paging({ ifResolved: 'repage', remindAfterMs: MINUTE, moveUpAfterMs: MINUTE });
  const gone = aPolicy({ rules: [aRule({ name: 'renamed' })] });
  const plain = () => aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }), policy });
  const begun = () => ({ ...plain(), pagesBy: promisedPaging(plain().decision, policy) });
  const asked = () => [begun(), ...done(sole(due([begun()], { policy })), { incidentId: PAGE })];
  const now = plusMs(NOW, HOUR);

  it('is reminded of, moved up and opened again as it was begun', () => {
    expect(dueKeys(asked(), { policy: gone, now })).toEqual(['reminder 3', 'move-up']);
    const [second] = due([...asked(), resolved()], { policy: gone, now });

    expect(second).toMatchObject({
      key: 'page 2',
      details: expect.stringContaining('To decide, review it in Teleport:') as string,
    });
  });

  it('takes no answer, and whoever answered before is told so, once', () => {
    const replies = due([...asked(), anAnswered()], { policy: gone });

    expect(replies).toMatchObject([
      {
        key: 'reply PNOTE01',
        content: expect.stringContaining('rule prod-oncall is not in force any more') as string,
      },
    ]);
    expect(
      dueKeys([...asked(), anAnswered(), ...replies.flatMap((each) => done(each))], { policy: gone }),
    ).toEqual([]);
  });

  it('takes none either in a ledger of an earlier version, which does not say how it was begun', () => {
    expect(dueKeys([...paged(), anAnswered()], { policy: gone, now })).toEqual(['reply PNOTE01']);
    expect(dueKeys(paged(), { policy: gone, now })).toEqual([]);
  });
});
