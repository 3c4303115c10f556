import { describe, expect, it } from 'vitest';
import { plusMs } from '../../src/core/values/instant.ts';
import type { Note, Timeline } from '../../src/ports/pagerduty.ts';
import { PageBoard } from '../../src/review/follow-up/page-board.ts';
import { NOW, SAM } from '../support/builders.ts';
import { ManualTime } from '../support/manual-time.ts';

const note = (id: string, content: string): Note => ({
  ...{ id, content, createdAt: NOW, updatedAt: null },
  author: { ...SAM, type: 'user_reference' },
});
const timeline = (notes: readonly Note[], isResolved = false): Timeline => ({
  ...{
    isResolved,
    merged: null,
    resolvedBy: null,
    notes,
    notesAreKept: false,
    acknowledgements: [],
    heldBy: [],
  },
});

/** Three requests that wait on one page, in this order, and one on another. */
function board(): PageBoard {
  const made = new PageBoard(NOW);
  for (const name of ['a', 'b', 'c'])
    made.wait(name, [{ incident: { id: 'Q1' }, code: `CODE${name.toUpperCase()}` }]);
  made.wait('alone', [{ incident: { id: 'Q2' }, code: 'CODEX' }]);
  return made;
}

describe('of those who wait on a page', () => {
  it('the first one looks for all', () => {
    const waiting = board();

    expect(
      ['a', 'b', 'c', 'alone'].map((id) => waiting.looksAt(id).includes(id === 'alone' ? 'Q2' : 'Q1')),
    ).toEqual([...[true, false, false, true]]);
    expect(waiting.isFirst('a', 'Q2')).toBe(false);
    expect(waiting.takeCalls()).toEqual([]);
  });

  it.each<[string, string, readonly string[], string]>([
    ['the next one is called when the first one leaves', 'a', ['b'], 'b'],
    ['nobody is called when another one leaves', 'b', [], 'a'],
    ['nobody is called when somebody leaves who does not wait', 'nobody', [], 'a'],
  ])('%s', (_what, leaving, calls, first) => {
    const waiting = board();
    waiting.leave(leaving);
    waiting.leave(leaving);

    expect(waiting.takeCalls()).toEqual(calls);
    expect(waiting.isFirst(first, 'Q1')).toBe(true);
  });

  it('nobody is called when the last one leaves, and the page is forgotten', () => {
    const waiting = board();
    waiting.keep('Q2', timeline([]));
    waiting.leave('alone');
    expect([waiting.takeCalls(), waiting.isFirst('alone', 'Q2'), waiting.readLately('Q2')]).toEqual([
      [],
      false,
      null,
    ]);
  });

  it('one who waits on another page from now on has left the first', () => {
    const waiting = board();
    waiting.wait('a', [{ incident: { id: 'Q2' }, code: 'CODEA' }]);
    waiting.wait('alone', [{ incident: { id: 'Q2' }, code: 'CODEX' }]);

    expect(waiting.takeCalls()).toEqual(['b']);
    expect([waiting.isFirst('b', 'Q1'), waiting.isFirst('alone', 'Q2')]).toEqual([true, true]);
    waiting.leave('a');
    expect([waiting.takeCalls(), waiting.isFirst('b', 'Q1')]).toEqual([[], true]);
  });

  it('one who waits on a page of each team looks where it is the first, and everywhere once it is called', () => {
    const waiting = board();
    const on = (...ids: readonly string[]) => ids.map((id) => ({ incident: { id }, code: 'CODEB' }));
    waiting.wait('b', on('Q1', 'Q3'));

    expect(waiting.looksAt('b')).toEqual(['Q3']);
    waiting.tell('Q1', timeline([note('n1', 'approve CODEB')]));
    expect([waiting.looksAt('b'), waiting.looksAt('b')]).toEqual([['Q1', 'Q3'], ['Q3']]);
    waiting.wait('b', on('Q1'));
    expect([waiting.looksAt('b'), waiting.readLately('Q3')]).toEqual([[], null]);
    waiting.wait('a', []);
    expect(waiting.looksAt('b')).toEqual(['Q1']);
  });

  it('one with several codes leaves with all of them', () => {
    const waiting = board();
    waiting.wait('a', [{ incident: { id: 'Q1' }, code: 'LONGER' }]);
    waiting.leave('a');
    waiting.tell('Q1', timeline([note('n1', 'approve LONGER'), note('n2', 'approve CODEA')]));

    expect(waiting.takeCalls()).toEqual(['b']);
  });

  it('the first one is called again where somebody else ended, if there is one', () => {
    const waiting = board();
    waiting.callFirst('Q1');
    waiting.callFirst('Q9');

    expect([waiting.takeCalls(), waiting.takeCalls()]).toEqual([['a'], []]);
  });
});

describe('what is said on a page', () => {
  it('calls those whom a note names, once for it, who then look though they are not the first', () => {
    const waiting = board();
    const notes = [note('n1', 'approve codeb'), note('n2', 'who is that?'), note('n3', 'deny ELSE1')];
    waiting.tell('Q1', timeline(notes));
    waiting.tell('Q1', timeline([...notes, note('n4', 'deny CODEC')]));

    expect(waiting.takeCalls()).toEqual(['b', 'c']);
    expect([
      waiting.looksAt('b').includes('Q1'),
      waiting.looksAt('b').includes('Q1'),
      waiting.looksAt('c').includes('Q1'),
    ]).toEqual([true, false, true]);
  });

  it('calls all once where it is resolved', () => {
    const waiting = board();
    const calls = [1, 2].map(() => {
      waiting.tell('Q1', timeline([], true));
      return waiting.takeCalls();
    });

    expect(calls).toEqual([['a', 'b', 'c'], []]);
  });

  it('calls nobody where one waits alone, or nobody does', () => {
    const waiting = board();
    for (const id of ['Q2', 'Q9']) waiting.tell(id, timeline([note('n1', 'approve CODEX')], true));

    expect(waiting.takeCalls()).toEqual([]);
  });

  it('calls whoever has to answer what names nobody, once', () => {
    const waiting = board();
    for (let times = 0; times < 2; times += 1) waiting.callFor(note('n1', 'approve'), 'c', 'Q1');
    waiting.callFor(note('n1', 'approve'), 'c', 'Q9');

    expect([
      waiting.looksAt('c').includes('Q1'),
      waiting.looksAt('c').includes('Q1'),
      waiting.takeCalls(),
    ]).toEqual([true, false, ['c']]);
    // Whoever was called may be over before they have answered it.
    waiting.callFor(note('n1', 'approve'), 'b', 'Q1');
    expect(waiting.takeCalls()).toEqual(['b']);
  });

  it('is looked at once more by who could not do what they were called for, if they wait yet', () => {
    const waiting = board();
    waiting.callAgain('b');
    waiting.callAgain('nobody');

    expect([
      waiting.looksAt('b').includes('Q1'),
      waiting.looksAt('nobody').includes('Q1'),
      waiting.takeCalls(),
    ]).toEqual([true, false, []]);
  });

  it('is forgotten by who leaves', () => {
    const waiting = board();
    waiting.callAgain('b');
    waiting.leave('b');
    waiting.wait('b', [{ incident: { id: 'Q1' }, code: 'CODEB' }]);

    expect(waiting.looksAt('b').includes('Q1')).toBe(false);
  });

  it('is known to all for ten seconds', async () => {
    using time = new ManualTime(new Date(NOW));
    const waiting = board();
    const read = timeline([]);
    waiting.keep('Q1', read);
    waiting.keep('Q9', read);
    await time.advance(10_000);
    expect([waiting.readLately('Q1'), waiting.readLately('Q2'), waiting.readLately('Q9')]).toEqual([
      read,
      null,
      null,
    ]);
    await time.advance(1);

    expect(waiting.readLately('Q1')).toBeNull();
  });
});

it('who is first by the ledger is asked once in ten seconds for all, looks for all, and is first since then', async () => {
  using time = new ManualTime(new Date(NOW));
  const waiting = board();
  const asked: (string | null)[] = [];
  const since = (first: string | null, id = first ?? 'a', incidentId = 'Q1') =>
    waiting.firstSince(id, incidentId, time.now, () => {
      asked.push(first);
      return Promise.resolve(first);
    });

  expect([await since('b', 'b', 'Q9'), await since('b', 'a'), await since('c', 'b')]).toEqual([
    null,
    null,
    NOW,
  ]);
  expect([waiting.isFirst('b', 'Q1'), waiting.takeCalls()]).toEqual([true, ['b']]);
  await time.advance(10_000);
  expect([await since('c', 'b'), asked]).toEqual([NOW, ['b']]);
  await time.advance(1);
  expect([await since('b'), asked, waiting.takeCalls()]).toEqual([NOW, ['b', 'b'], []]);

  waiting.leave('b');
  expect(waiting.takeCalls()).toEqual(['a']);
  expect([await since('c'), waiting.takeCalls()]).toEqual([time.now(), ['c']]);
  waiting.leave('a');
  expect([await since('a', 'c'), waiting.takeCalls()]).toEqual([time.now(), []]);
  await time.advance(10_001);
  expect([await since('elsewhere', 'c'), waiting.isFirst('c', 'Q1'), await since(null)]).toEqual([
    null,
    true,
    null,
  ]);
});

it('a page is looked into anew after so long', () => {
  const waiting = board();
  const looks = (seconds: number, id = 'Q1') => waiting.looksInto(id, plusMs(NOW, seconds * 1_000), 60_000);

  expect([looks(0), looks(59), looks(59, 'Q2'), looks(60), looks(119)]).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
});

it.each([['Q1'], ['Q9']])('what nothing follows from is passed over on its page: %s', (on) => {
  const waiting = board();
  waiting.passOver('n1', on);

  expect(['Q1', 'Q9'].map((id) => waiting.isPassedOver('n1', id))).toEqual([on === 'Q1', on === 'Q9']);
  expect(waiting.isPassedOver('n2', on)).toBe(false);
});

it('a reply is on its way until it will not come after all', () => {
  const waiting = board();
  for (const [id, on] of [
    ['n1', 'Q1'],
    ['n2', 'Q1'],
    ['n3', 'Q9'],
  ] as const)
    waiting.reply(id, 'sam', on);
  waiting.unreply('n1', 'Q1');

  expect(['Q1', 'Q9'].map((id) => [...waiting.repliesOn(id)])).toEqual([[['n2', 'sam']], []]);
});
