import { describe, expect, it } from 'vitest';
import { askingPages } from '../../src/core/effects/asking-pages.ts';
import { storyOf, type Told } from '../../src/core/record/story.ts';
import { HOUR, MINUTE, plusMs, SECOND } from '../../src/core/values/instant.ts';
import { DONE } from '../../src/ports/next.ts';
import { PagerDutyError, type Timeline } from '../../src/ports/pagerduty.ts';
import { TeleportError } from '../../src/ports/teleport.ts';
import { followUp } from '../../src/review/follow-up/follow-up.ts';
import { PageBoard } from '../../src/review/follow-up/page-board.ts';
import { later } from '../../src/review/stage.ts';
import { anOnCallRow, aPolicy, aRequest, aRule, NOW, onCallWith } from '../support/builders.ts';
import { aSheet, SAM_IN_TELEPORT, samByEmail } from '../support/handled.ts';
import { effect, endedApproved, given, paged, told, withShift } from '../support/told.ts';

type Dependencies = Parameters<typeof followUp>[1];

const ID = aRequest().id;
const signal = new AbortController().signal;
const SILENT: Timeline = {
  ...{ isResolved: false, merged: null, resolvedBy: null, notes: [], notesAreKept: true },
  acknowledgements: [],
  heldBy: [],
};
const forAnHour = aRule({ accessEnd: { withShift: false, warnBeforeMs: null, afterMs: HOUR } });
const down = new PagerDutyError('unavailable', 'PagerDuty answers 503', { transient: true });
const closingNote = {
  kind: 'note',
  key: 'closing-note',
  incident: { id: 'Q1' },
  content: '',
  marker: '',
} as const;

function unasked(): never {
  throw new Error('nothing needs to be asked');
}

/** What one look brings, by a PagerDuty where Sam is on call until the time given, and nothing is said on pages. */
async function look(
  story: readonly Told[],
  overrides: Partial<Dependencies> & { shiftEnds?: string | null } = {},
) {
  const failed: unknown[] = [];
  const { shiftEnds = plusMs(NOW, 6 * HOUR), ...rest } = overrides;
  const begun = { start: plusMs(NOW, -HOUR), end: shiftEnds };
  const rows = shiftEnds === 'unknown' ? null : shiftEnds === null ? [] : [anOnCallRow(begun)];
  let looks = 0;
  const dependencies = {
    policy: aPolicy({ rules: [withShift] }),
    clock: { now: () => NOW },
    random: () => 0.5,
    board: new PageBoard(NOW),
    record: unasked,
    webhookCameSince: () => false,
    reporter: { followUpFailed: (failure: unknown) => void failed.push(failure) },
    incidents: {
      timeline() {
        looks += 1;
        return Promise.resolve(SILENT);
      },
    },
    locks: { exists: () => Promise.resolve(true) },
    users: SAM_IN_TELEPORT,
    nodes: null,
    rootCluster: null,
    ownership: { reading: () => undefined },
    addresses: { compare: () => Promise.resolve('unchanged-address') },
    roster: { usersByEmail: samByEmail, onCall: () => Promise.resolve(aSheet(rows)) },
    ...rest,
  } as unknown as Dependencies;
  const { events, next } = await followUp(storyOf(story), dependencies, signal);
  return { events, next, failed, looks };
}

describe('a page that waits for an answer', () => {
  it.each<[string, number, boolean, number]>([
    ['was just opened', 0, false, 15 * SECOND],
    ['was opened not half an hour ago', 30 * MINUTE - 1, false, 15 * SECOND],
    ['was opened half an hour ago', 30 * MINUTE, false, MINUTE],
    ['was opened not four hours ago', 4 * HOUR - 1, false, MINUTE],
    ['was opened four hours ago', 4 * HOUR, false, 5 * MINUTE],
    ['was just opened, and webhooks come through', 0, true, 2 * MINUTE],
    ['was opened long ago, and webhooks come through', 5 * HOUR, true, 2 * MINUTE],
  ])('that %s is looked at again in time', async (_which, agoMs, webhooks, lookInMs) => {
    const since: string[] = [];
    const webhookCameSince = (at: string) => since.push(at) > 0 && webhooks;
    expect(await look(paged(agoMs), { webhookCameSince })).toEqual({
      events: [],
      next: later(lookInMs),
      failed: [],
      looks: 1,
    });
    expect(since).toEqual([plusMs(NOW, -agoMs - 10 * SECOND)]);
  });

  it('is left to the first who waits there, but looked at now and then in case nobody does', async () => {
    const board = new PageBoard(NOW);
    board.wait('another', [{ incident: { id: 'Q1' }, code: 'OTHER' }]);

    expect(await look(paged(0), { board })).toMatchObject({ next: later(15 * MINUTE), looks: 0 });
    board.callAgain(ID);
    expect(await look(paged(0), { board })).toMatchObject({ next: later(15 * SECOND), looks: 1 });
    expect(board.isFirst('another', 'Q1')).toBe(true);
  });

  it.each<[string, readonly Told[], object]>([
    ['waits', paged(0), { next: later(30 * SECOND) }],
    ['has ended', [...paged(0), ...told(0, endedApproved)], { next: DONE }],
  ])(
    'is looked at again soon where it cannot be read, as long as the request %s',
    async (which, story, expected) => {
      const incidents = { timeline: () => Promise.reject(down) } as unknown as Dependencies['incidents'];
      const board = new PageBoard(NOW);
      expect(await look(story, { incidents, board })).toMatchObject({
        ...expected,
        failed: [{ requestId: ID, what: 'answers', cause: 'PagerDuty answers 503', retryInMs: 30 * SECOND }],
      });
      board.wait('another', [{ incident: { id: 'Q1' }, code: 'OTHER' }]);
      expect(board.looksAt(ID).includes('Q1')).toBe(which === 'waits');
    },
  );

  it('is not said to be unread by a service that stops, nor is a fault of ours hidden', async () => {
    const fail = (error: Error) =>
      ({ timeline: () => Promise.reject(error) }) as unknown as Dependencies['incidents'];
    await expect(look(paged(0), { incidents: fail(new Error('a fault')) })).rejects.toThrow('a fault');
  });

  const joins = { page: 'other/1', incidentId: 'Q1', text: '' };
  it.each<[string, readonly Told[], number]>([
    ['once more where it is the request’s own', [...paged(0), ...told(0, endedApproved)], 1],
    ['by the others there where it is another’s', [...paged(0, joins), ...told(0, endedApproved)], 0],
    ['no more once that is noted', [...paged(0), ...told(0, endedApproved, ...effect(closingNote, null))], 0],
  ])('of a request that has ended is looked at %s', async (_how, story, looks) => {
    expect(await look(story)).toEqual({ events: [], next: DONE, failed: [], looks });
  });

  it('is nothing to wait for where there is none', async () => {
    expect(await look(paged(0).slice(0, 1))).toEqual({
      events: [],
      next: DONE,
      failed: [],
      looks: 0,
    });
    expect(await look([])).toEqual({ events: [], next: DONE, failed: [], looks: 0 });
    expect(askingPages(storyOf(paged(0)))).toHaveLength(1);
  });
});

describe('access that goes on', () => {
  const checked = (ends: boolean, until: string | null) => [
    { kind: 'access-checked', requestId: ID, ends, until },
  ];

  it.each<[string, readonly Told[], string | null, object]>([
    ['is not looked at while it is fresh', given(0), null, { events: [], next: later(5 * MINUTE) }],
    [
      'is looked at after five minutes',
      given(5 * MINUTE),
      null,
      { events: checked(true, null), next: later(5 * MINUTE) },
    ],
    ['is looked at where it is over', given(MINUTE, withShift, 0), null, { events: checked(true, null) }],
    ['is back at its end', given(0, withShift, 2 * MINUTE), null, { events: [], next: later(2 * MINUTE) }],
    ['comes back in a second at least', given(0, withShift, 1), null, { events: [], next: later(SECOND) }],
    ['goes on as it was', given(6 * MINUTE), plusMs(NOW, 6 * HOUR), { events: [], next: later(5 * MINUTE) }],
    [
      'ends with another shift',
      given(6 * MINUTE),
      plusMs(NOW, 3 * MINUTE),
      { events: checked(false, plusMs(NOW, 3 * MINUTE)), next: later(3 * MINUTE) },
    ],
  ])('%s', async (_what, story, shiftEnds, expected) => {
    expect(await look(story, { shiftEnds })).toMatchObject({ failed: [], ...expected });
  });

  it('is looked at every five minutes, however lately it was', async () => {
    const access = told(0, {
      kind: 'access-checked',
      requestId: ID,
      ends: false,
      until: plusMs(NOW, HOUR),
      why: '',
      onCall: onCallWith(),
    });

    expect(await look([...given(MINUTE), ...access], { shiftEnds: plusMs(NOW, HOUR) })).toMatchObject({
      events: [],
      next: later(5 * MINUTE),
    });
    expect(await look([...given(MINUTE), ...access], { shiftEnds: plusMs(NOW, 2 * HOUR) })).toMatchObject({
      events: checked(false, plusMs(NOW, 2 * HOUR)),
    });
  });

  it('for a time only needs no look at any shift', async () => {
    const policy = aPolicy({ rules: [forAnHour] });

    expect(await look(given(58 * MINUTE, forAnHour), { policy, shiftEnds: null })).toMatchObject({
      events: [],
      next: later(2 * MINUTE),
    });
  });

  it('is not ended by what is not known', async () => {
    expect(await look(given(5 * MINUTE), { shiftEnds: 'unknown' })).toMatchObject({
      ...{ events: [], next: later(30 * SECOND) },
      failed: [{ requestId: ID, what: 'shift', retryInMs: 30 * SECOND }],
    });
  });
});

describe('a lock of ours', () => {
  const story = [
    ...given(HOUR),
    ...told(0, {
      kind: 'access-checked',
      requestId: ID,
      ends: true,
      until: null,
      over: 'incident',
      why: '',
      onCall: onCallWith(),
    }),
    ...told(0, ...effect({ kind: 'lock', key: 'lock', message: '', expires: null })),
  ];
  const locks = (exists: () => Promise<boolean>) => ({
    locks: { exists } as unknown as Dependencies['locks'],
  });

  it('is looked for every five minutes, and no more once somebody took it away', async () => {
    expect(await look(story)).toEqual({ events: [], next: later(5 * MINUTE), failed: [], looks: 0 });
    expect(
      await look(
        story,
        locks(() => Promise.resolve(false)),
      ),
    ).toEqual({
      ...{ events: [{ kind: 'unlocked', requestId: ID }], next: DONE, failed: [], looks: 0 },
    });
  });

  it('is looked for again where Teleport does not say', async () => {
    const away = new TeleportError('unavailable', 'Teleport is away', { transient: true });

    expect(
      await look(
        story,
        locks(() => Promise.reject(away)),
      ),
    ).toMatchObject({
      ...{ events: [], next: later(5 * MINUTE) },
      failed: [{ requestId: ID, what: 'shift', cause: 'Teleport is away', retryInMs: 5 * MINUTE }],
    });
  });
});
