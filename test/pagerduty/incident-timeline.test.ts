import { describe, expect, it } from 'vitest';
import type { PagerDutyClient } from '../../src/pagerduty/http/client.ts';
import { createIncidents } from '../../src/pagerduty/incidents.ts';
import type { Account } from '../sim/pagerduty/account.ts';
import { acknowledge, reassign, resolve } from '../sim/pagerduty/incident-life.ts';
import { merge } from '../sim/pagerduty/incident-merging.ts';
import type { LogEntryType } from '../sim/pagerduty/incident-model.ts';
import { addNote, deleteNote, editNote } from '../sim/pagerduty/incident-notes.ts';
import { openIncident } from '../sim/pagerduty/incident-opening.ts';
import { startPagerDuty, type SimulatedPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { anAlert } from './alert.ts';
import { aClient, anAsk, answering, aPagerDuty, failureOf } from './subjects.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const TAYLOR = { type: 'user', id: 'PTAY2RE' } as const;
const MINUTE_MS = 60_000;

/** An incident that is looked at again and again; the time stands still unless `wait` moves it. */
async function looking() {
  const pagerDuty = await startPagerDuty();
  const client = aClient(pagerDuty.url);
  let now = 0;
  const incidents = createIncidents(client, { now: () => now });
  const id = anAlert(pagerDuty.account);
  return {
    pagerDuty,
    account: pagerDuty.account,
    id,
    wait: (ms: number) => (now += ms),
    async look() {
      pagerDuty.calls.clear();
      const timeline = await incidents.timeline(id, anAsk());
      const reads = pagerDuty.calls.all().map(({ path }) => path.slice(`/incidents/${id}`.length));
      return { timeline, reads, notes: timeline?.notes.map(({ content }) => content) };
    },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await pagerDuty[Symbol.asyncDispose]();
    },
  };
}

/** Acts once PagerDuty has answered the next read whose path ends so, before the answer is received. */
function onceAnswered({ calls }: SimulatedPagerDuty, end: string, act: () => void): void {
  let done = false;
  calls.onChange(() => {
    if (done || !calls.all().some(({ path, status }) => path.endsWith(end) && status !== null)) return;
    done = true;
    act();
  });
}

function addNotes(account: Account, id: string, count: number): void {
  for (let index = 0; index < count; index += 1) addNote(account, id, `note ${index}`, SAM);
}

describe('a look at an incident on which nobody has said anything', () => {
  it('costs one read', async () => {
    await using page = await looking();

    const { timeline, reads } = await page.look();

    expect(timeline).toMatchObject({ isResolved: false, merged: null, notes: [], notesAreKept: false });
    expect(timeline?.acknowledgements).toEqual([]);
    expect(reads).toEqual(['/log_entries']);
    expect((await page.look()).reads).toEqual(['/log_entries']);
  });

  it('costs one read too when it was acknowledged', async () => {
    await using page = await looking();
    acknowledge(page.account, page.id, SAM);

    const { timeline, reads } = await page.look();

    expect(timeline?.acknowledgements).toMatchObject([{ by: { id: 'PSAM1RE', type: 'user_reference' } }]);
    expect(reads).toEqual(['/log_entries']);
  });

  it('asks for the notes all the same every two minutes, should the log lag behind them', async () => {
    await using page = await looking();
    const lag = (count: number) => {
      const incident = page.account.incidents.require(page.id);
      page.account.incidents.put({ ...incident, logEntries: incident.logEntries.slice(0, count) });
    };
    await page.look();

    addNote(page.account, page.id, 'approve 42', SAM);
    lag(1);
    page.wait(2 * MINUTE_MS - 1);
    const before = await page.look();
    page.wait(1);
    const after = await page.look();
    const next = await page.look();

    expect(before.reads).toEqual(['/log_entries']);
    expect(after).toMatchObject({ notes: ['approve 42'], reads: ['/log_entries', '/notes'] });
    expect(next).toMatchObject({ notes: ['approve 42'], reads: ['/log_entries'] });
  });
});

describe('the notes of an incident', () => {
  it('are read when its log tells of one, and given again until it tells of another', async () => {
    await using page = await looking();

    addNote(page.account, page.id, 'one', SAM);
    const looks = [await page.look(), await page.look()];
    addNote(page.account, page.id, 'two', TAYLOR);
    looks.push(await page.look(), await page.look());

    expect(looks.map(({ reads }) => reads.length)).toEqual([2, 1, 2, 1]);
    expect(looks.map(({ timeline }) => timeline?.notesAreKept)).toEqual([false, true, false, true]);
    expect(looks.map(({ notes }) => notes)).toEqual([['one'], ['one'], ['one', 'two'], ['one', 'two']]);
  });

  it.each([
    ['edited', ['after']],
    ['deleted', []],
  ])(
    'are read again within two minutes when one was %s, of which the log does not tell',
    async (how, now) => {
      await using page = await looking();
      const note = addNote(page.account, page.id, 'before', SAM);
      await page.look();

      if (how === 'edited') editNote(page.account, page.id, note.id, 'after');
      else deleteNote(page.account, page.id, note.id);
      page.wait(2 * MINUTE_MS);

      expect((await page.look()).notes).toEqual(now);
    },
  );

  it('are read again when the clock was set back', async () => {
    await using page = await looking();
    addNote(page.account, page.id, 'one', SAM);
    await page.look();

    page.wait(-1);

    expect((await page.look()).reads).toEqual(['/log_entries', '/notes']);
  });

  it.each([['/log_entries'], ['/notes']])(
    'are not missed when written right after %s was read',
    async (end) => {
      await using page = await looking();
      addNote(page.account, page.id, 'one', SAM);

      onceAnswered(page.pagerDuty, end, () => addNote(page.account, page.id, 'two', TAYLOR));
      await page.look();

      expect(await page.look()).toMatchObject({ notes: ['one', 'two'], reads: ['/log_entries', '/notes'] });
    },
  );

  it('are not missed when the log moves on while its pages are read, which shows a row of it twice', async () => {
    await using page = await looking();
    addNotes(page.account, page.id, 120);

    onceAnswered(page.pagerDuty, '/log_entries', () => acknowledge(page.account, page.id, SAM));
    await page.look();
    addNote(page.account, page.id, 'the last', TAYLOR);

    expect((await page.look()).notes?.at(-1)).toBe('the last');
  });

  it('are not kept when they could not be read', async () => {
    await using page = await looking();
    addNote(page.account, page.id, 'one', SAM);
    page.pagerDuty.faults.add({ kind: 'html', match: { pathPrefix: `/incidents/${page.id}/notes` } });
    const failure = await failureOf(page.look());
    page.pagerDuty.faults.clear();

    expect(failure.transient).toBe(true);
    expect((await page.look()).notes).toEqual(['one']);
  });

  it('are kept of a thousand incidents', async () => {
    const log = [{ id: 'R1', type: 'annotate_log_entry', created_at: '2026-03-03T02:14:07Z' }];
    // Without a server: it is asked two thousand times.
    const call: PagerDutyClient['call'] = ({ path, answer }) => {
      const body = path.includes('notes') ? { notes: [] } : { log_entries: log, more: false };
      return Promise.resolve({ body: answer.parse(body), at: null, status: 200 });
    };
    const incidents = createIncidents({ call } as PagerDutyClient);
    const isKept = async (id: number) => (await incidents.timeline(`Q${id}`, anAsk()))?.notesAreKept;

    for (let id = 0; id <= 1_000; id += 1) await isKept(id);

    expect([await isKept(1_000), await isKept(1), await isKept(0)]).toEqual([true, true, false]);
  });
});

describe('acknowledgements', () => {
  it('by whoever opened it are none: PagerDuty gives them by itself where it is assigned to them', async () => {
    await using page = await looking();
    const incident = page.account.incidents.require(page.id);
    const logEntries = incident.logEntries.map((entry) => ({ ...entry, agent: SAM }));
    page.account.incidents.put({ ...incident, logEntries });
    acknowledge(page.account, page.id, SAM);
    acknowledge(page.account, page.id, TAYLOR);

    const { timeline } = await page.look();
    expect(timeline?.acknowledgements.map(({ by }) => by.id)).toEqual(['PTAY2RE']);
  });

  it('are all there ever were, also of an incident that went on or is resolved', async () => {
    await using page = await looking();
    acknowledge(page.account, page.id, SAM);
    reassign(page.account, page.id, ['PTAY2RE'], SAM);
    acknowledge(page.account, page.id, TAYLOR);
    resolve(page.account, page.id, SAM);

    const { timeline } = await page.look();

    expect(timeline?.acknowledgements.map(({ by }) => by.id)).toEqual(['PTAY2RE', 'PSAM1RE']);
  });

  it('are found in a log of several pages, each told once though the log moves on meanwhile', async () => {
    await using page = await looking();
    addNotes(page.account, page.id, 50);
    acknowledge(page.account, page.id, SAM);
    addNotes(page.account, page.id, 99);

    onceAnswered(page.pagerDuty, '/log_entries', () => acknowledge(page.account, page.id, TAYLOR));
    const { timeline, reads } = await page.look();

    expect(timeline?.acknowledgements.map(({ by }) => by.id)).toEqual(['PSAM1RE']);
    expect(timeline?.notes).toHaveLength(149);
    expect(reads).toEqual(['/log_entries', '/log_entries', '/notes']);
  });

  it.each([
    ['acknowledge_log_entry', { more: false }, 1],
    ['acknowledgement_log_entry', { more: false }, 1],
    ['acknowledgement_log_entry', {}, 2],
    ['acknowledge_log_entry', { more: null }, 2],
  ])('are told by %s, on a page with %j', async (type, paging, reads) => {
    const entry = (id: string) => ({ id, type, created_at: '2026-03-03T02:14:07Z', agent: SAM });
    await using server = await answering({ log_entries: [entry('R1'), entry('R2')], ...paging });

    const timeline = await createIncidents(server.client).timeline('PINC001', anAsk());

    expect(timeline).toMatchObject({ isResolved: false, acknowledgements: { length: 2 } });
    expect(server.received).toHaveLength(reads);
  });

  it('by nobody that PagerDuty names are nobody’s', async () => {
    const entry = {
      id: 'R1',
      type: 'acknowledge_log_entry',
      created_at: '2026-03-03T02:14:07Z',
      agent: null,
    };
    await using server = await answering({ log_entries: [entry], more: false });

    const timeline = await createIncidents(server.client).timeline('PINC001', anAsk());

    expect(timeline?.acknowledgements).toEqual([
      { at: '2026-03-03T02:14:07.000Z', by: { id: '', summary: 'nobody', type: 'unknown' } },
    ]);
  });
});

describe('whether an incident is resolved', () => {
  it('is read from the incident where its log tells of a resolution', async () => {
    await using page = await looking();
    resolve(page.account, page.id, SAM);

    const { timeline, reads } = await page.look();

    expect(timeline?.isResolved).toBe(true);
    expect(reads).toEqual(['/log_entries', '']);
  });

  it('is not so of one that was opened again', async () => {
    await using page = await looking();
    resolve(page.account, page.id, SAM);
    const incident = page.account.incidents.require(page.id);
    page.account.incidents.put({ ...incident, status: 'triggered', resolvedAt: null });

    expect((await page.look()).timeline?.isResolved).toBe(false);
  });

  it('is read from the incident too where its log tells of something that this version has not heard of', async () => {
    await using page = await looking();
    const incident = page.account.incidents.require(page.id);
    const type = 'merge_log_entry' as string as LogEntryType;
    const merged = incident.logEntries.map((entry) => ({ ...entry, id: 'RMERGED', type }));
    page.account.incidents.put({
      ...incident,
      status: 'resolved',
      logEntries: [...incident.logEntries, ...merged],
    });

    const { timeline, reads } = await page.look();

    expect(timeline?.isResolved).toBe(true);
    expect(reads).toEqual(['/log_entries', '']);
  });

  it('names the incident that it was merged into, at the end of several', async () => {
    await using page = await looking();
    const [first, last] = ['first', 'last'].map((title) =>
      openIncident(page.account, { title, serviceId: 'PSERVC1' }, SAM),
    );
    merge(page.account, first?.id ?? '', [page.id], TAYLOR);
    merge(page.account, last?.id ?? '', [first?.id ?? ''], TAYLOR);

    expect((await page.look()).timeline?.merged).toEqual({ into: last?.id });
  });

  it('is known together with what was said last', async () => {
    await using page = await looking();
    resolve(page.account, page.id, SAM);
    addNote(page.account, page.id, 'too late', TAYLOR);

    expect(await page.look()).toMatchObject({
      timeline: { isResolved: true },
      notes: ['too late'],
      reads: ['/log_entries', '', '/notes'],
    });
  });
});

describe('an incident that is gone', () => {
  it('has no timeline', async () => {
    await using pagerDuty = await aPagerDuty();

    expect(await createIncidents(pagerDuty.client).timeline('QGONE', anAsk())).toBeNull();
    expect(pagerDuty.calls.all()).toHaveLength(1);
  });

  it.each([
    ['its status', (account: Account, id: string) => resolve(account, id, SAM), ''],
    ['its notes', (account: Account, id: string) => addNote(account, id, 'one', SAM), '/notes'],
  ])('before %s can be read has none either', async (_what, happens, end) => {
    await using page = await looking();
    happens(page.account, page.id);
    const match = { pathPrefix: `/incidents/${page.id}${end}` };

    page.pagerDuty.faults.add({ kind: 'status', status: 404, code: 2100, skip: end === '' ? 1 : 0, match });

    expect((await page.look()).timeline).toBeNull();
  });

  it('is told apart from one whose log cannot be read', async () => {
    await using page = await looking();
    page.pagerDuty.faults.add({ kind: 'status', status: 403, match: { pathPrefix: '/incidents' } });

    expect((await failureOf(page.look())).kind).toBe('forbidden');
  });
});
