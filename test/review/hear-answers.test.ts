import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { MINUTE, plusMs, SECOND } from '../../src/core/values/instant.ts';
import { PagerDutyError } from '../../src/ports/pagerduty.ts';
import { PageBoard } from '../../src/review/follow-up/page-board.ts';
import {
  anEscalation,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  aTargetFact,
  NOW,
  onCallWith,
  someFacts,
} from '../support/builders.ts';
import { CODE, hear, ROBIN, said, type There } from '../support/heard.ts';
import { effect, endedApproved, paged, told } from '../support/told.ts';

const ID = aRequest().id;
const approval = said('taylor: approve CODE');
const ON_CALL = 'on call for Payments API?';
const times = (count: number, words: string): readonly string[] => Array.from({ length: count }, () => words);
const answered = (recorded: readonly LedgerEvent[]) => [...paged(0), ...told(0, ...recorded)];
const isDown = new PagerDutyError('unavailable', 'PagerDuty answers 503', { transient: true });

describe('what is said on a page', () => {
  it.each<[string, readonly string[], string]>([
    ['counts where it is by whom is asked', ['taylor: approve CODE'], 'n0 counts'],
    ['is refused otherwise', ['robin: approve CODE'], 'n0 refused'],
    ['is an answer before it is none', ['robin: hm CODE', 'taylor: approve CODE'], 'n1 counts'],
    [
      'is heard of each in turn, three times in one look',
      [...times(4, 'robin: approve CODE'), 'bot: approve CODE'],
      'n0 refused, n4 refused, n1 refused, n2 refused',
    ],
    [
      'is heard as it came in each turn',
      ['robin: deny CODE', 'bot: deny CODE', 'bot: deny CODE', 'robin: deny CODE'],
      'n0 refused, n1 refused, n2 refused, n3 refused',
    ],
    [
      'is told back to each three times',
      [...times(2, 'robin: approve CODE'), ...times(2, 'robin: hm CODE')],
      'n0 refused, n1 refused, n2 (no verb) refused',
    ],
    [
      'is told back to one however much another says',
      [...times(4, 'bot: approve CODE'), 'robin: hm CODE'],
      'n0 refused, n1 refused, n2 refused, n4 (no verb) refused',
    ],
    ['is talk, to which whom is asked gets an answer', ['taylor: hello'], 'n0 (talk) refused'],
    ['is talk of others, and passed over', ['robin: hello', 'bot: hello'], ''],
    ['with a verb is meant for an answer, whoever says it', ['robin: approve ABC12'], 'n0 refused'],
  ])('%s', async (_what, words, heard) => {
    expect(await hear(said(...words))).toMatchObject({ heard, open: [] });
  });

  it.each<[string, readonly string[], string, boolean]>([
    ['clear', times(5, 'robin: approve CODE'), 'n3 refused untold, n4 refused untold', false],
    ['unclear', times(5, 'robin: hm CODE'), '', true],
  ])(
    'beyond three words for each is heard without one where it is %s',
    async (_what, words, heard, isPassedOver) => {
      const { recorded } = await hear(said(...words));
      const next = await hear(said(...words), { story: answered(recorded) });

      expect([next.heard, next.board.isPassedOver('n3', 'Q1')]).toEqual([heard, isPassedOver]);
    },
  );

  it('is told back no more often for all who are asked about there, which others know before it is written', async () => {
    const board = new PageBoard(NOW);
    board.wait(ID, [{ incident: { id: 'Q1' }, code: CODE }]);
    await hear(said(...times(3, 'robin: approve CODE')), { board });
    expect([...board.repliesOn('Q1')]).toEqual(['n0', 'n1', 'n2'].map((id) => [id, ROBIN.id]));
    const heard = await hear(said(...times(3, 'bot: hm'), 'robin: approve CODE', 'bot: deny CODE'), {
      board,
    });
    expect(heard).toMatchObject({ heard: 'n3 refused untold, n4 refused' });

    board.unreply('n2', 'Q1');
    const lost = { board, failing: { record: new Error('the disk is full') } };
    await expect(hear(said(...times(5, 'robin: hm'), 'robin: deny CODE'), lost)).rejects.toThrow('disk');
    expect(board.repliesOn('Q1').has('n5')).toBe(false);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['that is to be acted upon', ['taylor: approve CODE'], [ON_CALL, 'Q1 as sent?', 'locks?', 'record']],
    ['that is not', ['robin: approve CODE'], [ON_CALL, 'record']],
    ['that names nothing', ['robin: hm CODE'], ['record']],
    ['that may be meant for nobody', ['robin: hello'], [ON_CALL]],
    ['of no person', ['bot: hello'], []],
  ])('costs as many reads as an answer needs %s', async (_which, words, reads) => {
    expect((await hear(said(...words))).asked).toEqual(['timeline Q1', 'asked on?', ...reads]);
  });

  it.each<[string, There, string, readonly unknown[]]>([
    ['it is not known who is on call', { isOnCallKnown: false }, '', [expect.stringContaining('503')]],
    ['the page is gone', { answers: { 'Q1 as sent?': null } }, '', [expect.stringContaining('no more')]],
    ['the page cannot be read', { failing: { 'Q1 as sent?': isDown } }, '', [expect.stringContaining('503')]],
    ['it was changed', { answers: { 'Q1 as sent?': { createdAt: NOW, changed: 'text' } } }, 'n0 refused', []],
    [
      'it was opened later',
      { answers: { 'Q1 as sent?': { createdAt: plusMs(NOW, MINUTE), changed: null } } },
      'n0 refused',
      [],
    ],
    [
      'they are locked',
      { answers: { 'locks?': [{ user: 'sre-2', role: '', login: '', expires: null }] } },
      'n0 refused',
      [],
    ],
  ])('does not count where %s', async (_what, there, heard, open) => {
    const came = await hear(approval, there);

    expect([came.heard, came.open]).toEqual([heard, open]);
  });

  it.each<[string, There, string]>([
    ['while its page is open', { now: plusMs(NOW, 20 * MINUTE) }, ''],
    ['for 15 minutes', { now: plusMs(NOW, 15 * MINUTE + SECOND), timeline: { isResolved: true } }, ''],
    ['no more', { now: plusMs(NOW, 15 * MINUTE + SECOND + 1), timeline: { isResolved: true } }, 'n0 refused'],
    [
      'by who begins to listen',
      {
        now: plusMs(NOW, 20 * MINUTE),
        board: new PageBoard(plusMs(NOW, 6 * MINUTE)),
        timeline: { isResolved: true },
      },
      '',
    ],
  ])('of which it is not known whether it counts is heard out %s', async (_what, there, heard) => {
    const came = await hear(approval, { isOnCallKnown: false, ...there });

    expect([came.heard.split(', page')[0], came.open.length]).toEqual([heard, heard === '' ? 1 : 0]);
  });

  it('is no answer and looked at later where it is not known whether its author is asked', async () => {
    const { board, heard, open } = await hear(said('taylor: hello'), { isOnCallKnown: false });
    expect([heard, open, board.isPassedOver('n0', 'Q1')]).toEqual(['', [], false]);
    const known = await hear(said('robin: hello'));
    expect(known.board.isPassedOver('n0', 'Q1')).toBe(true);
  });

  it('is not judged by what could not be had because the service stops', async () => {
    await expect(hear(approval, { failing: { 'Q1 as sent?': isDown }, isStopping: true })).rejects.toThrow(
      'stops',
    );
  });

  it.each<[string, There, string, boolean]>([
    ['at once where nothing is given yet', {}, 'n0 refused', false],
    [
      'once the approval is heard that Teleport has',
      { answers: { 'pending?': { state: 'approved' } } },
      '',
      false,
    ],
    ['once Teleport is heard', { failing: { 'pending?': isDown } }, '', false],
    ['not by a service that stops', { failing: { 'pending?': isDown }, isStopping: true }, '', true],
  ])('that is to end access is judged %s', async (_when, there, heard, stops) => {
    const look = hear(said('taylor: revoke CODE'), there);
    if (stops) await expect(look).rejects.toThrow('stops');
    else {
      const { board, ...found } = await look;
      expect([found.heard, board.isPassedOver('n0', 'Q1')]).toEqual([heard, false]);
    }
  });

  it('ends nothing where it was written before our note of the end, and ends access below it', async () => {
    const incident = { id: 'Q1' };
    const note = effect(
      { kind: 'note', key: 'closing-note', incident, content: '', marker: 'the end' },
      null,
    );
    const story = [
      ...paged(MINUTE),
      ...told(0, { ...endedApproved, hearsRevoke: true } as LedgerEvent, ...note),
    ];
    const words = ['taylor: revoke CODE', 'service: the end', 'taylor: revoke CODE', 'sam: the end'];
    expect(await hear(said(...words), { story })).toMatchObject({ heard: 'n0 refused, n2 counts' });
  });

  it.each<[string, boolean, readonly string[], string]>([
    ['is too late', false, ['taylor: approve CODE'], 'n0 refused'],
    ['is too late whatever it names', false, ['taylor: deny ABC12'], 'n0 refused'],
    ['is talk', false, ['taylor: thanks all', 'taylor: hm CODE'], ''],
    ['ends the access', true, ['taylor: revoke CODE'], 'n0 counts'],
    ['does not end the access of others', true, ['taylor: revoke ABC12'], ''],
    ['does not end the access by whom is not asked', true, ['robin: revoke CODE'], 'n0 refused'],
    ['may end access', true, ['taylor: hm CODE', 'taylor: approve CODE'], 'n1 refused, n0 (no verb) refused'],
  ])('after the end %s', async (_what, hearsRevoke, words, heard) => {
    const story = [...paged(0), ...told(0, { ...endedApproved, hearsRevoke } as LedgerEvent)];

    expect(await hear(said(...words), { story })).toMatchObject({ heard });
  });
});

describe('what is written down of an answer', () => {
  it('is by what it counts, and for which rules', async () => {
    const board = new PageBoard(NOW);
    board.wait(ID, [{ incident: { id: 'Q1' }, code: CODE }]);
    expect((await hear(approval, { board })).recorded).toEqual([
      {
        ...{ kind: 'answered', requestId: ID, counted: true, rules: ['prod-oncall'] },
        answer: expect.objectContaining({ id: 'n0' }) as object,
        why: 'Taylor Two was on call for the approvers of prod-oncall',
        facts: {
          ...{
            onCall: expect.objectContaining({ at: plusMs(NOW, SECOND) }) as object,
            targets: [aTargetFact()],
          },
          ...{ teleportUser: 'sre-2', binding: 'id', perRule: true },
          page: { state: 'as-sent', since: NOW },
          lock: { state: 'known', lockedUser: null },
        },
      },
    ]);
    expect(board.repliesOn('Q1').size).toBe(0);
  });

  const decided = (reason: string) =>
    aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }), request: aRequest({ reason }) });
  const joins = { page: 'other/1', incidentId: 'Q1', text: '' };
  const changed = [...paged(0), ...told(0, { ...decided('other words'), number: 2 })];
  const over = (hearsRevoke: boolean) => [
    ...paged(0),
    ...told(0, { ...endedApproved, hearsRevoke } as LedgerEvent),
  ];
  it.each<[string, readonly string[], There, string]>([
    ['its page shows another', ['taylor: approve CODE'], { story: changed }, 'was changed in Teleport after'],
    [
      'it was taken off its page',
      ['taylor: approve CODE'],
      { story: paged(0, joins), answers: { 'listed on Q1?': null } },
      'the text of this incident is not what was sent',
    ],
    [
      'it came before it was listed there',
      ['taylor: approve CODE'],
      { story: paged(0, joins), answers: { 'listed on Q1?': plusMs(NOW, MINUTE) } },
      'before this page was opened',
    ],
    ['it came too late', ['taylor: revoke CODE'], { story: over(false) }, 'the request is already approved'],
    [
      'it might have been meant to end it',
      ['taylor: approve CODE'],
      { story: over(true) },
      'to end the access before its time, write `revoke',
    ],
    ['it says nothing', ['taylor: hello'], {}, 'it says neither yes nor no'],
    ['it is refused', ['robin: approve CODE'], {}, 'for the approvers of rule prod-oncall'],
  ])('is why it does not count where %s', async (_why, words, there, why) => {
    const { recorded } = await hear(said(...words), there);

    expect(recorded).toMatchObject([{ counted: false, why: expect.stringContaining(why) as string }]);
    expect(recorded[0]).not.toHaveProperty('rules');
  });

  it('costs no look at the page where it ends the access, and what it passes over is looked at once', async () => {
    const { asked } = await hear(said('taylor: revoke CODE'), { story: over(true) });
    expect(asked).toEqual(['timeline Q1', 'asked on?', ON_CALL, 'locks?', 'record']);
    expect((await hear(said('taylor: thanks'), { story: over(false) })).board.isPassedOver('n0', 'Q1')).toBe(
      true,
    );
  });
});

it('a page on which nobody is heard for as long as its rule reminds twice is looked into', async () => {
  const rules = (remindAfterMs: number | null) =>
    aPolicy({ rules: [aRule({ escalate: anEscalation({ remindAfterMs }) })] });
  const looks = [null, 30 * SECOND, 31 * SECOND].map(
    async (each) => (await hear([], { policy: rules(each) })).asked,
  );

  expect((await Promise.all(looks)).map((asked) => asked.includes('find'))).toEqual([false, true, false]);
});
