import { describe, expect, it } from 'vitest';
import type { Checkpoint, LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { DAY, HOUR, plusMs } from '../../src/core/values/instant.ts';
import { openKeys } from '../../src/ledger/open-keys.ts';
import { openLedger, openPruning } from '../../src/ledger/open-ledger.ts';
import { openMarking } from '../../src/ledger/open-marking.ts';
import { readSeal } from '../../src/ledger/rows.ts';
import { LedgerForgedError } from '../../src/ports/ledger.ts';
import { NOW } from '../support/builders.ts';
import { key, mark, OTHER, signal, Stage, VICTIM, type ForgersPlace, type Row } from './forgers-stage.ts';
import { aFailure, allEntries, someEvents } from './some-events.ts';

const person = (id: string) => ({ id, name: '', email: `${id}@example.com` });
const LATER = plusMs(NOW, 2 * DAY);
const [OWN, NEXT] = [key.reveal(), `current ${'0b'.repeat(32)}`];

/** That everything up to an entry may be removed. */
function checkpointFor(rows: readonly Row[], through: number): Checkpoint {
  const [first, last] = [rows[0], rows.find(({ seq }) => seq === through)];
  const ledger = rows.flatMap(({ kind, event }) =>
    kind === 'sealed-from' ? [(JSON.parse(event) as { ledger: string }).ledger] : [],
  );
  return {
    kind: 'checkpoint',
    origin: first?.hash ?? '',
    through: { seq: through, at: NOW, hash: last?.hash ?? '' },
    removed: { from: first?.seq ?? 0, entries: through, decisions: 0 },
    before: plusMs(NOW, 1),
    policies: [],
    ...(ledger[0] === undefined ? {} : { ledger: ledger[0] }),
  };
}

/** How a ledger gets its seals, is given others, and keeps them where its beginning is removed. */
export function markingContract(name: string, place: () => Promise<ForgersPlace>): void {
  async function written(own: ForgersPlace, ...events: readonly LedgerEvent[]): Promise<void> {
    await using open = await openLedger(own.settings, signal);
    await open.ledger.append(events, NOW);
  }

  async function rowsOf(own: ForgersPlace): Promise<readonly Row[]> {
    const rows = await own.sql('SELECT * FROM entry ORDER BY seq');
    return rows.map((row) => ({ ...row, seq: Number(row['seq']) }) as unknown as Row);
  }

  async function remove(own: ForgersPlace, stage: Pick<Stage, 'open'>, through: number): Promise<void> {
    await openPruning(own.settings, stage.open.ledger).prune(
      checkpointFor(await rowsOf(own), through),
      LATER,
    );
  }

  /** As `ledger key rotate` does at last. */
  async function sealAnew(own: ForgersPlace): Promise<readonly number[]> {
    const progress: number[] = [];
    await using marking = await openMarking(own.settings, signal);
    const both = openKeys({ reveal: () => `${NEXT}\n${OWN.replace('current', 'former')}` });
    await marking.sealAnew(both, (entries) => progress.push(entries));
    return progress;
  }

  const under = (own: ForgersPlace, text: string) =>
    openLedger({ ...own.settings, key: { reveal: () => text } }, signal);

  describe(`${name}, as it is sealed`, () => {
    it('has a seal in each of its entries, which names the one of the same request before it', async () => {
      await using own = await place();
      const ids = Array.from({ length: 1_001 }, (_, index) => `request-${index % 3}`);
      await written(own, someEvents('p').policy, ...ids.map(aFailure));
      const progress: number[] = [];
      {
        await using marking = await openMarking(own.settings, signal);
        expect(await marking.isMarked()).toBe(false);
        await marking.setMark(openKeys(key), NOW, (entries) => progress.push(entries));
        expect(await marking.isMarked()).toBe(true);
      }
      await using open = await under(own, OWN);

      expect(progress).toEqual([1_000, 1_002]);
      expect((await rowsOf(own)).map(({ seal }) => readSeal(seal).prior)).toEqual([
        ...[0, 0, 0, 0],
        ...Array.from({ length: 998 }, (_, index) => index + 2),
        0,
      ]);
      for (const id of ids.slice(0, 2)) expect(await open.ledger.entriesOf(id)).toHaveLength(334);
    });

    it('is so also where its beginning was removed before', async () => {
      await using own = await place();
      await written(own, ...['a', 'b', 'a', 'b', 'a'].map(aFailure));
      {
        await using open = await openLedger(own.settings, signal);
        await remove(own, { open }, 2);
      }
      await mark(own.settings, LATER);
      await using stage = await Stage.on(own);

      expect(await stage.open.ledger.entriesOf('a')).toHaveLength(2);
      expect(await stage.open.ledger.entriesOf('b')).toHaveLength(1);
      expect(await stage.findings()).toEqual([]);
    });

    it('gets its seals when that was broken off before', async () => {
      await using own = await place();
      {
        await using open = await openLedger(own.settings, signal);
        for (const id of ['PONE', 'PTWO']) await open.addresses.compare(person(id), NOW);
      }
      await own.sql("UPDATE first_address SET number = 1, mac = 'of that time' WHERE user_id = 'PTWO'");

      await mark(own.settings);
      await using open = await under(own, OWN);

      for (const id of ['PONE', 'PTWO'])
        expect(await open.addresses.compare(person(id), NOW)).toBe('unchanged-address');
    });

    it('is sealed anew with all that the service wrote, and nothing that others did', async () => {
      await using stage = await Stage.set(await place());
      const own = { ...stage.place, settings: stage.settings };
      const target = { kind: 'service', id: 'PSERVC1' } as const;
      for (const id of ['PONE', 'PTWO']) await stage.open.addresses.compare(person(id), NOW);
      for (const each of [target, { ...target, id: 'PSERVC2' }])
        await stage.open.sightings.keep(
          { target: each, first: NOW, last: NOW, horizon: NOW, rows: [], policies: [] },
          NOW,
        );
      await own.sql("UPDATE first_address SET mac = 'forged' WHERE user_id = 'PTWO'");
      await own.sql("UPDATE watched SET state = '{}' WHERE target = 'service PSERVC2'");
      const entries = (await stage.rows()).length;

      expect(await sealAnew(own)).toEqual([entries]);
      await using open = await under(own, NEXT);

      expect(await open.ledger.entriesOf(VICTIM)).toHaveLength(4);
      expect(await open.addresses.compare(person('PONE'), NOW)).toBe('unchanged-address');
      expect(await open.addresses.compare(person('PTWO'), NOW)).toBe('unknown-address');
      expect(await open.sightings.of(target, NOW)).toMatchObject({ last: NOW });
      expect((await open.sightings.of({ ...target, id: 'PSERVC2' }, NOW))?.last).not.toBe(NOW);
    });

    it('is not sealed anew where somebody else wrote an entry: that one is named', async () => {
      await using stage = await Stage.set(await place());
      await stage.forge(someEvents(VICTIM).answered);

      const refusal = sealAnew({ ...stage.place, settings: stage.settings });

      await expect(refusal).rejects.toThrow(LedgerForgedError);
      await expect(refusal).rejects.toMatchObject({
        requestId: VICTIM,
        message: expect.stringContaining('has no seal') as string,
      });
    });

    it('is believed where its beginning is removed behind a checkpoint of its own, and no further', async () => {
      await using stage = await Stage.set(await place());
      const own = { ...stage.place, settings: stage.settings };
      const { seq } = await stage.rowOf('decided', OTHER);
      await remove(own, stage, seq);

      for (let time = 1; time <= 2; time += 1) {
        expect(await stage.open.ledger.entriesOf(VICTIM)).toHaveLength(3);
        expect(await stage.open.ledger.entriesOf(OTHER)).toHaveLength(3);
        expect(await stage.findings()).toEqual([]);
        await stage.restart();
      }
      await own.disarm();
      await own.sql(`DELETE FROM entry WHERE seq = ${seq + 1}`);

      await expect(stage.open.ledger.entriesOf(VICTIM)).rejects.toThrow(
        `follows entry ${seq + 1}, which is missing`,
      );
      expect(await stage.open.ledger.entriesOf(OTHER)).toHaveLength(3);
    });

    it('has nothing left of a request that was removed whole, and misses nothing of it', async () => {
      await using stage = await Stage.set(await place());
      const last = (await stage.rows()).at(-1)?.seq ?? 0;
      await remove({ ...stage.place, settings: stage.settings }, stage, last);

      expect(await stage.open.ledger.entriesOf(OTHER)).toEqual([]);
      await stage.restart();
      expect(await stage.open.ledger.append([someEvents(OTHER).answered], LATER)).toHaveLength(1);
      expect(await stage.open.ledger.entriesOf(OTHER)).toHaveLength(1);
      expect(await stage.findings()).toEqual([]);
    });
  });

  describe(`${name}, written before there was a key`, () => {
    it('is sealed with all that it holds, and goes on', async () => {
      await using resources = new AsyncDisposableStack();
      const plain = resources.use(await place());
      const before = await openLedger(plain.settings, signal);
      await before.ledger.append([someEvents(VICTIM).decided, someEvents(OTHER).decided], NOW);
      const sam = { id: 'PSAM1RE', name: 'Sam One', email: 'sre-1@example.com' };
      await before.addresses.compare(sam, NOW);
      await before[Symbol.asyncDispose]();
      const settings = { ...plain.settings, key };
      await expect(openLedger(settings, signal)).rejects.toThrow('the ledger has no mark');

      await mark(settings);
      await using open = await openLedger(settings, signal);
      await open.ledger.append([someEvents(VICTIM).answered], plusMs(NOW, HOUR));

      expect(await open.addresses.compare(sam, NOW)).toBe('unchanged-address');
      expect(await open.ledger.entriesOf(VICTIM)).toHaveLength(2);
      expect((await allEntries(open.ledger)).map(({ event }) => event.kind)).toEqual([
        'decided',
        'decided',
        'sealed-from',
        'answered',
      ]);
    });

    it('gets no mark twice', async () => {
      await using resources = new AsyncDisposableStack();
      const { settings } = resources.use(await place());
      await mark(settings);

      await expect(mark(settings)).rejects.toThrow();
    });
  });
}
