import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { plusMs, SECOND } from '../../src/core/values/instant.ts';
import { type Timeline } from '../../src/ports/pagerduty.ts';
import { PageBoard } from '../../src/review/follow-up/page-board.ts';
import {
  anAnswered,
  anAnswer,
  aRecordedDecision,
  aRequest,
  NOW,
  onCallWith,
  someFacts,
  TAYLOR,
} from '../support/builders.ts';
import { CODE, hear, said, type There } from '../support/heard.ts';
import { aPage, effect, endedApproved, paged, told } from '../support/told.ts';

const ID = aRequest().id;
const offCall = someFacts({ onCall: onCallWith() });

/** The other one waits first. */
function sharedBoard(): PageBoard {
  const board = new PageBoard(NOW);
  board.wait('other', [{ incident: { id: 'Q1' }, code: 'OTHER' }]);
  board.wait(ID, [{ incident: { id: 'Q1' }, code: CODE }]);
  return board;
}

describe('notes', () => {
  const marker = 'oncall-approver decision OA-1 digest 9f2b';
  const own = (about: string, words = 'it is not taken') => `service: ${words}\n${marker}${about}`;
  const other = { requestId: 'other', code: 'OTHER', waits: true };
  const me = { requestId: ID, code: CODE, waits: true };

  it.each<[string, readonly string[], There, string]>([
    ['of the service itself are no answers', [own(''), 'taylor: approve CODE'], {}, 'n1 counts'],
    ['that say so are', ['robin: approve CODE oncall-approver decision OA-1'], {}, 'n0 (quotation) refused'],
    ['that were answered are not again', ['robin: hm CODE', own(' (reply n0)')], {}, ''],
    [
      'are told back three times',
      [
        ...['1', '2', '3', '4'].map((each) => `robin: hm CODE ${each}`),
        ...['n0', 'n1', 'n2'].map((id) => own(` (reply ${id})`)),
      ],
      {},
      '',
    ],
    [
      'are told back three times, acknowledgements among them',
      [...['1', '2', '3'].map((each) => own(` (reply ack PROB3RE ${each})`)), 'robin: hm CODE'],
      {},
      '',
    ],
    [
      'of others are told back in their turn',
      ['robin: hm CODE', ...['a', 'b', 'c'].map((id) => own(` (reply ${id})`))],
      {},
      'n0 (no verb) refused',
    ],
    ['are heard in their order', ['robin: deny CODE', 'taylor: approve CODE'], {}, 'n1 counts, n0 refused'],
    ['to another who waits are theirs', ['taylor: approve OTHER'], { asked: [me, other] }, ''],
    ['to nobody are the first one’s', ['taylor: hello'], { asked: [me, other] }, 'n0 (talk) refused'],
    [
      'to nobody are not the second one’s',
      ['taylor: hello', 'taylor: approve CODE'],
      { asked: [other, me] },
      'n1 counts',
    ],
    [
      'to nobody are the first one’s who waits yet',
      ['taylor: hello'],
      { asked: [{ ...other, waits: false }, me] },
      'n0 (talk) refused',
    ],
    [
      'to nobody are one’s own where nobody waits',
      ['taylor: hello'],
      { asked: [{ ...me, waits: false }] },
      'n0 (talk) refused',
    ],
    [
      'to one who is over are told so',
      ['taylor: approve OTHER'],
      { asked: [me, { ...other, waits: false }] },
      'n0 (over) refused',
    ],
    ['to two are none', ['taylor: approve CODE OTHER'], { asked: [me, other] }, 'n0 (several codes) refused'],
  ])('%s', async (_what, words, there, heard) => {
    const notes = said(...words);
    if (heard.startsWith('n1 counts, n0'))
      notes.forEach((note, index) => Object.assign(note, { createdAt: plusMs(NOW, (9 - index) * SECOND) }));
    expect(await hear(notes, there)).toMatchObject({ heard });
  });

  it('are as they were written, by whom, and named by the code on the page', async () => {
    const [first, second] = said('taylor: approve CODE go ahead', 'bot: approve CODE');
    const notes = [
      { ...first, updatedAt: first?.createdAt ?? null },
      { ...second, updatedAt: NOW, createdAt: plusMs(NOW, -1) },
    ];
    const { recorded } = await hear(notes as ReturnType<typeof said>);
    const about = { how: 'note', codeIsRight: true, incidentId: 'Q1', propose: 'approved' };

    expect(recorded.map((each) => each.kind === 'answered' && each.answer)).toEqual([
      {
        ...about,
        id: 'n1',
        reason: '',
        by: { id: 'PBOT', name: 'Bot', isUser: false },
        at: plusMs(NOW, -1),
        edited: true,
      },
      {
        ...about,
        id: 'n0',
        reason: 'go ahead',
        by: { id: TAYLOR.id, name: 'Taylor Two', isUser: true },
        at: plusMs(NOW, SECOND),
        edited: false,
      },
    ]);
    const coded = told(
      0,
      aRecordedDecision({ facts: offCall }),
      ...effect(aPage({ code: 'XYZ12' }), { incidentId: 'Q1' }),
    );
    expect((await hear(said('taylor: approve XYZ12'), { story: coded })).recorded).toMatchObject([
      { counted: true, answer: { code: 'XYZ12' } },
    ]);
  });

  it('of the service that the story tells of need no look, others one for each author', async () => {
    const written = {
      kind: 'note',
      key: 'reminder',
      incident: { id: 'Q1' },
      content: '',
      marker: 'OA-1 digest',
    } as const;
    const other = { ...written, key: 'other', marker: 'OA-2 digest' };
    const story = [...paged(0), ...told(0, ...effect(written), ...effect(other))];
    const notes = said(own(''), 'robin: hello');
    expect((await hear(notes, { story })).asked).not.toContain('POWN the service?');
    const board = new PageBoard(NOW);
    const reads = [
      await hear(said(own(''), own('')), { board }),
      await hear(said('taylor: hm', own('')), { board }),
    ];

    expect(reads.map(({ asked }) => asked.filter((each) => each === 'POWN the service?').length)).toEqual([
      1, 0,
    ]);
    expect(board.isPassedOver('n0', 'Q1')).toBe(true);
  });

  const over = { ...other, waits: false };
  const entries = (...events: readonly LedgerEvent[]) =>
    told(0, aRecordedDecision({ facts: offCall }), ...events).map((each, index) => ({ ...each, seq: index }));
  it.each<[string, readonly LedgerEvent[], string, boolean]>([
    ['have nothing to say of it is told so', [endedApproved], 'n0 (over) refused', false],
    [
      'heard it before is passed over',
      [anAnswered({ answer: anAnswer({ id: 'n7' }) }), anAnswered({ answer: anAnswer({ id: 'n0' }) })],
      '',
      true,
    ],
    ['hear it is left to them', [{ ...endedApproved, hearsRevoke: true } as LedgerEvent], '', false],
  ])('to one who is over and who %s', async (_what, events, heard, isPassedOver) => {
    const answers = { 'story of other': entries(...events) };
    const came = await hear(said('taylor: revoke OTHER'), { asked: [me, over], answers });

    expect([came.heard, came.board.isPassedOver('n0', 'Q1')]).toEqual([heard, isPassedOver]);
  });

  it('to another call them', async () => {
    const board = sharedBoard();
    await hear(said('taylor: hello'), { asked: [other, me], board });

    expect(board.takeCalls()).toEqual(['other']);
  });

  const log = 'timeline Q1';
  it.each<[string, readonly string[], There, readonly string[]]>([
    ['as they are in its log', ['taylor: hello'], {}, [log]],
    [
      'anew where one names the request',
      ['taylor: hello', 'taylor: approve CODE'],
      { timeline: { notesAreKept: true } },
      [log, 'notes Q1'],
    ],
    ['once where none does', ['taylor: approve OTHER'], { timeline: { notesAreKept: true } }, [log]],
    [
      'once where that was answered',
      ['taylor: approve CODE'],
      {
        timeline: { notesAreKept: true },
        story: [...paged(0), ...told(0, anAnswered({ answer: anAnswer({ id: 'n0' }) }))],
      },
      [log],
    ],
  ])('of a page are read %s', async (_how, words, there, reads) => {
    const { asked } = await hear(said(...words), there);

    expect(asked.filter((each) => /^(timeline|notes)/u.test(each))).toEqual(reads);
  });

  it('of a page that another has just read are read anew only where one names the request', async () => {
    const board = sharedBoard();
    const look = async (...words: readonly string[]) => {
      const { asked } = await hear(said(...words), { board, asked: [other, me] });
      return asked.filter((each) => /^(timeline|notes)/u.test(each));
    };

    expect([await look('taylor: deny OTHER'), board.takeCalls()]).toEqual([[log], ['other']]);
    expect(await look('taylor: approve CODE')).toEqual([]);
    board.keep('Q1', {
      ...{ isResolved: false, acknowledgements: [], heldBy: [] },
      notes: said('taylor: approve CODE'),
    } as unknown as Timeline);
    board.passOver('n9', 'Q1');
    expect(await look('taylor: approve CODE')).toEqual(['notes Q1']);
    board.passOver('n0', 'Q1');
    expect(await look('taylor: approve CODE')).toEqual([]);
  });
});
