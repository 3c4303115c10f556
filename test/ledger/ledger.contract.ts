import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { plusMs } from '../../src/core/values/instant.ts';
import { AlreadyRecordedError, LedgerUnavailableError, type Ledger } from '../../src/ports/ledger.ts';
import { aRequest, aRecordedDecision, NOW } from '../support/builders.ts';
import { aFailure, aLookAtTheShift, allEntries, chained, someEvents } from './some-events.ts';

/** A ledger in a place of its own, empty at first. */
export interface LedgerPlace extends AsyncDisposable {
  readonly ledger: Ledger;
  /** A further ledger in the same place, as a restart or a second replica opens it; closed with the place. */
  openAgain(): Promise<Ledger>;
  /** Runs SQL in the same place, as any other program would; gives the rows of a query. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
}

const everyEvent = Object.values(someEvents('request-1'));
const { policy, decided, ended } = someEvents('request-1');

/** What every implementation of the port owes its users. */
export function ledgerContract(name: string, open: () => Promise<LedgerPlace>): void {
  describe(`${name}, as a ledger`, () => {
    it('gives each event its place, and all of them back in the order in which they came', async () => {
      await using place = await open();
      const events = everyEvent;

      const first = await place.ledger.append(events.slice(0, 2), NOW);
      const second = await place.ledger.append(events.slice(2), plusMs(NOW, 1_500));

      expect(first.map(({ seq, at, event }) => ({ seq, at, event }))).toEqual([
        { seq: 1, at: NOW, event: events[0] },
        { seq: 2, at: NOW, event: events[1] },
      ]);
      expect(second.map(({ seq, event }) => ({ seq, event }))).toEqual(
        events.slice(2).map((event, index) => ({ seq: index + 3, event })),
      );
      expect(second[0]?.at).toBe(plusMs(NOW, 1_500));
      expect(await allEntries(place.ledger)).toEqual([...first, ...second]);
    });

    it('chains each entry to the one before', async () => {
      await using place = await open();
      const appended = await place.ledger.append(everyEvent, NOW);

      expect(appended).toEqual(chained(appended));
      expect(new Set(appended.map(({ hash }) => hash)).size).toBe(appended.length);
    });

    it('keeps what a requester wrote to the letter, and chains it the same', async () => {
      await using place = await open();
      const reason = "line\nbreak \u0000 \ud83d \u202e “quoted” '); DROP TABLE entry; -- 🔥";
      const event = aRecordedDecision({ request: aRequest({ id: "it's; --", reason }) });

      await place.ledger.append([event], NOW);

      const [entry] = await place.ledger.entriesOf("it's; --");
      expect(entry?.event).toEqual(event);
      expect(await allEntries(place.ledger)).toEqual(chained(entry === undefined ? [] : [entry]));
    });

    it('appends nothing when asked to append nothing', async () => {
      await using place = await open();

      expect(await place.ledger.append([], NOW)).toEqual([]);
      expect(await allEntries(place.ledger)).toEqual([]);
    });

    it('can be checked with nothing but its rows and SHA-256', async () => {
      await using place = await open();
      await place.ledger.append(everyEvent, NOW);

      const rows = await place.sql('SELECT seq, at, event, hash FROM entry ORDER BY seq');

      const entries = rows.map(({ seq, at, event, hash }) => ({
        seq: Number(seq),
        at,
        event: JSON.parse(String(event)) as unknown,
        hash,
      }));
      expect(entries).toEqual(await allEntries(place.ledger));
      expect(rows.map(({ event }) => String(event))).toEqual(
        entries.map(({ event }) => JSON.stringify(event)),
      );
      expect(entries).toEqual(chained(await allEntries(place.ledger)));
    });

    it.each([
      "UPDATE entry SET event = '{}' WHERE seq = 1",
      'UPDATE entry SET seq = seq + 100',
      'DELETE FROM entry WHERE seq = 2',
      'DELETE FROM entry',
    ])('refuses %s of another program', async (statement) => {
      await using place = await open();
      await place.ledger.append(everyEvent, NOW);
      const before = await allEntries(place.ledger);

      await expect(place.sql(statement)).rejects.toThrow('the ledger is append-only');

      expect(await allEntries(place.ledger)).toEqual(before);
    });

    it.each(everyEvent.filter(({ kind }) => kind !== 'effect-failed' && kind !== 'cut-off'))(
      'refuses a second event of kind $kind for its subject',
      async (event) => {
        await using place = await open();
        await place.ledger.append([event], NOW);

        await expect(place.ledger.append([event], plusMs(NOW, 1))).rejects.toThrow(AlreadyRecordedError);
        expect(await allEntries(place.ledger)).toHaveLength(1);
      },
    );

    it.each([
      ['the same failure', aFailure('request-1')],
      ['a look at access that goes on', aLookAtTheShift('request-1', { ends: false })],
    ])('takes %s any number of times', async (_what, event) => {
      await using place = await open();

      await place.ledger.append([event, event], NOW);
      await place.ledger.append([event], NOW);

      expect(await place.ledger.entriesOf('request-1')).toHaveLength(3);
    });

    it('appends all events or none, and leaves no gap behind', async () => {
      await using place = await open();
      await place.ledger.append([decided], NOW);

      await expect(place.ledger.append([policy, ended, decided], NOW)).rejects.toThrow(AlreadyRecordedError);
      await expect(place.ledger.append([ended, ended], NOW)).rejects.toThrow(AlreadyRecordedError);
      const [next] = await place.ledger.append([ended], NOW);

      expect(next?.seq).toBe(2);
      const entries = await allEntries(place.ledger);
      expect(entries).toEqual(chained(entries));
      expect(entries.map(({ event }) => event.kind)).toEqual(['decided', 'ended']);
    });

    it('lets a repetition spoil nothing for those who append at the same moment', async () => {
      await using place = await open();
      const [one, other] = [someEvents('request-2'), someEvents('request-3')];
      await place.ledger.append([decided], NOW);

      const outcomes = await Promise.allSettled([
        place.ledger.append([one.decided, one.ended], NOW),
        place.ledger.append([aFailure('request-1'), decided], NOW),
        place.ledger.append([other.decided], NOW),
      ]);

      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const entries = await allEntries(place.ledger);
      expect(entries.map(({ event }) => event)).toEqual([decided, one.decided, one.ended, other.decided]);
      expect(entries).toEqual(chained(entries));
    });

    it('lets exactly one win of those who record the same at the same moment', async () => {
      await using place = await open();
      const ledgers = [place.ledger, await place.openAgain(), await place.openAgain()];

      const outcomes = await Promise.allSettled(ledgers.map((ledger) => ledger.append([decided], NOW)));

      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
      expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual(
        Array(2).fill({ status: 'rejected', reason: expect.any(AlreadyRecordedError) as unknown }),
      );
    });

    it('gives the entries of one request only, oldest first', async () => {
      await using place = await open();
      const stories = ['request-1', 'request-2'].map((id) => someEvents(id));
      const [one, other] = stories.map((story) => [story.decided, story['effect-failed'], story.ended]);
      for (let index = 0; index < 3; index += 1) {
        await place.ledger.append([one?.[index], other?.[index]] as LedgerEvent[], plusMs(NOW, index));
      }

      const entries = await place.ledger.entriesOf('request-2');

      expect(entries.map(({ event }) => event)).toEqual(other);
      expect(entries.map(({ seq }) => seq)).toEqual([2, 4, 6]);
      expect(await place.ledger.entriesOf('request-3')).toEqual([]);
    });

    it('knows the requests that something is still due for, by as many entries as whoever settles them knows', async () => {
      await using place = await open();
      await place.ledger.append([policy, aFailure('b'), aFailure('a'), aFailure('c')], NOW);
      expect(await place.ledger.open()).toEqual(['a', 'b', 'c']);

      await Promise.all(['b', 'b', 'never-seen'].map((id) => place.ledger.settle(id, 1_000)));
      await Promise.all([place.ledger.settle('a', 0), place.ledger.settle('b', 1_000)]);
      expect(await place.ledger.open()).toEqual(['a', 'c']);

      await place.ledger.reopen('b');
      await place.ledger.settle('c', 1_000);
      await place.ledger.append([aFailure('c')], NOW);
      expect(await place.ledger.open()).toEqual(['a', 'b', 'c']);

      await place.ledger.settle('c', 1);
      expect(await place.ledger.open()).toContain('c');
    });

    it('knows which requests have ended after an entry, so many at once as it is asked for', async () => {
      await using place = await open();
      const over = (requestId: string) => ({ ...ended, requestId }) as LedgerEvent;
      await place.ledger.append([aFailure('a'), over('a'), over('b')], NOW);
      await place.ledger.append([policy, over('c')], plusMs(NOW, 1));
      const [one, two] = ['a', 'b'].map((requestId, index) => ({ seq: index + 2, at: NOW, requestId }));
      const three = { seq: 5, at: plusMs(NOW, 1), requestId: 'c' };

      expect(await place.ledger.endedAfter(0, 9)).toEqual([one, two, three]);
      expect(await place.ledger.endedAfter(2, 1)).toEqual([two]);
      expect(await place.ledger.endedAfter(5, 9)).toEqual([]);
    });

    it('opens no request by an append that is refused', async () => {
      await using place = await open();
      await place.ledger.append([policy], NOW);

      await expect(place.ledger.append([decided, policy], NOW)).rejects.toThrow(AlreadyRecordedError);

      expect(await place.ledger.open()).toEqual([]);
    });

    it('gives thousands of entries one at a time, and stops when it is told to', async () => {
      await using place = await open();
      const events = Array.from({ length: 1_201 }, (_, index) => aFailure(`request-${index}`));
      await place.ledger.append(events, NOW);

      const seen: number[] = [];
      for await (const { seq } of place.ledger.entries()) {
        seen.push(seq);
        if (seq === 3) break;
      }

      expect(seen).toEqual([1, 2, 3]);
      const entries = await allEntries(place.ledger);
      expect(entries.map(({ event }) => event)).toEqual(events);
      expect(entries).toEqual(chained(entries));
    });

    it('goes on where it stopped when it is opened again', async () => {
      await using place = await open();
      await place.ledger.append([policy, decided], NOW);
      await place.ledger.close();

      const ledger = await place.openAgain();
      await ledger.append([ended], NOW);

      const entries = await allEntries(ledger);
      expect(entries.map(({ event }) => event)).toEqual([policy, decided, ended]);
      expect(entries).toEqual(chained(entries));
      expect(await ledger.open()).toEqual(['request-1']);
      await expect(ledger.append([policy], NOW)).rejects.toThrow(AlreadyRecordedError);
    });

    it('keeps one chain when two write to it in turns', async () => {
      await using place = await open();
      const other = await place.openAgain();

      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          await place.ledger.append([aFailure(`one-${index}`)], NOW);
          await other.append([aFailure(`other-${index}`), aFailure(`other-${index}`)], NOW);
        }),
      );

      const entries = await allEntries(other);
      expect(entries).toHaveLength(150);
      expect(entries).toEqual(chained(entries));
      expect(await allEntries(place.ledger)).toEqual(entries);
    });

    it('can be asked whether it could be written, and has nothing in it from that', async () => {
      await using place = await open();
      await place.ledger.append([decided], NOW);

      await Promise.all([place.ledger.probe(), place.ledger.append([ended], NOW), place.ledger.probe()]);

      const entries = await allEntries(place.ledger);
      expect(entries.map(({ event }) => event)).toEqual([decided, ended]);
      expect(await place.ledger.open()).toEqual(['request-1']);
    });

    it('knows how much it holds', async () => {
      await using place = await open();
      const before = await place.ledger.size();
      const events = Array.from({ length: 500 }, (_, index) => aFailure(`request-${index % 3}`));
      await place.ledger.append(events, NOW);
      await place.ledger.settle('request-1', 1_000);

      const { entries, open: stillOpen, bytes } = await place.ledger.size();

      expect(before).toMatchObject({ entries: 0, open: 0 });
      expect({ entries, stillOpen }).toEqual({ entries: 500, stillOpen: 2 });
      expect(bytes).toBeGreaterThan(before.bytes);
    });

    it('knows since when the oldest page waits that nobody has answered', async () => {
      await using place = await open();
      const done = (requestId: string, key: string) =>
        ({
          kind: 'effect-done',
          requestId,
          key,
          outcome: { summary: '', ours: true, incidentId: null, url: null },
        }) as const;
      const oldest = async () => (await place.ledger.size()).oldestPage;
      const later = (minutes: number) => plusMs(NOW, minutes * 60_000);
      await place.ledger.append(
        [done('request-1', 'break-glass page'), done('request-1', 'close-page')],
        NOW,
      );
      expect(await oldest()).toBeNull();

      await place.ledger.append([done('request-1', 'page')], later(1));
      await place.ledger.append([done('request-2', 'page 2')], later(2));
      expect(await oldest()).toBe(later(1));

      await place.ledger.append([ended], later(3));
      expect(await oldest()).toBe(later(2));
      await place.ledger.settle('request-2', 1_000);
      expect(await oldest()).toBeNull();
    });

    it('knows who is asked about on which page, and on which pages of a group somebody waits', async () => {
      await using place = await open();
      const begun = (host: string, number: number) =>
        ({ kind: 'page-begun', group: 'g1', number, page: `${host}/1`, host }) as const;
      const asked = (page: string, id: string) =>
        ({ kind: 'asked-on', page: `${page}/1`, code: id.toUpperCase(), asked: id }) as const;
      const over = (requestId: string) => ({ ...ended, requestId }) as LedgerEvent;
      const { ledger } = place;
      await ledger.append([begun('a', 1), asked('a', 'a'), asked('a', 'b')], NOW);
      await ledger.append([begun('c', 2), asked('c', 'c'), over('a'), over('c')], NOW);
      await ledger.append([{ ...begun('d', 3), group: 'g12' }, asked('a/1', 'd')], NOW);

      expect(await ledger.pagesOf('g1')).toEqual({ last: 2, live: [begun('a', 1)] });
      expect(await ledger.pagesOf('of nobody')).toEqual({ last: 0, live: [] });
      expect(await ledger.askedOn('a/1')).toEqual([
        { requestId: 'a', code: 'A', waits: false },
        { requestId: 'b', code: 'B', waits: true },
      ]);
      expect([await ledger.isWaitedOn('a/1', 'a'), await ledger.isWaitedOn('a/1', 'b')]).toEqual([
        true,
        false,
      ]);
      expect(await ledger.isWaitedOn('c/1', 'a')).toBe(false);
    });

    it('writes what is under way before it closes', async () => {
      await using place = await open();
      const underWay = place.ledger.append([policy], NOW);

      await place.ledger.close();

      expect(await underWay).toHaveLength(1);
      expect(await allEntries(await place.openAgain())).toHaveLength(1);
    });

    it('refuses everything once it is closed', async () => {
      await using place = await open();
      await place.ledger.close();

      await expect(place.ledger.append([policy], NOW)).rejects.toThrow(LedgerUnavailableError);
      await expect(place.ledger.entriesOf('request-1')).rejects.toThrow(LedgerUnavailableError);
      await expect(place.ledger.probe()).rejects.toThrow(LedgerUnavailableError);
      await expect(place.ledger.size()).rejects.toThrow(LedgerUnavailableError);
      await expect(place.ledger.open()).rejects.toThrow(LedgerUnavailableError);
      await expect(place.ledger.settle('request-1', 1_000)).rejects.toThrow(LedgerUnavailableError);
      await expect(allEntries(place.ledger)).rejects.toThrow(LedgerUnavailableError);
    });
  });
}
