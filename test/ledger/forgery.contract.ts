import { describe, expect, it } from 'vitest';
import { onceKeyOf } from '../../src/core/record/ledger-entry.ts';
import { plusMs } from '../../src/core/values/instant.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { AlreadyRecordedError, LedgerForgedError } from '../../src/ports/ledger.ts';
import { NOW } from '../support/builders.ts';
import { OTHER, signal, Stage, VICTIM, type ForgersPlace } from './forgers-stage.ts';
import { someEvents } from './some-events.ts';

/** What somebody does to one request's story, and what verification calls it. */
const FORGERIES: readonly (readonly [
  what: string,
  forge: (stage: Stage) => Promise<unknown>,
  code: string,
])[] = [
  ...(['answered', 'page-resolved', 'access-checked', 'unlocked', 'ended', 'postponed'] as const).map(
    (kind) =>
      [
        `${kind}, put in with the right hash`,
        (stage: Stage) => stage.forge(someEvents(VICTIM)[kind]),
        'seal',
      ] as const,
  ),
  ...(['decided', 'effect-intended', 'effect-done'] as const).map(
    (kind) =>
      [
        `a second ${kind}, put in with the right hash`,
        (stage: Stage) =>
          stage.forge({
            ...someEvents(VICTIM)[kind],
            number: 2,
            key: 'vote',
            effect: { key: 'vote' },
          } as never),
        'seal',
      ] as const,
  ),
  [
    'an answer with the seal of another entry',
    async (stage) => stage.forge(someEvents(VICTIM).answered, (await stage.rowOf('decided')).seal),
    'seal',
  ],
  [
    'an answer with a seal of the right form',
    async (stage) =>
      stage.forge(
        someEvents(VICTIM).answered,
        `${(await stage.rowOf('effect-done')).seq} ${(await stage.rows()).at(-1)?.hash ?? ''} ${'A'.repeat(43)}`,
      ),
    'seal',
  ],
  [
    'an entry of another request, filed under this one',
    async (stage) => {
      const row = await stage.rowOf('effect-done', OTHER);
      await stage.place.sql(`DELETE FROM entry WHERE seq = ${row.seq}`);
      await stage.put({ ...row, request_id: VICTIM, once_key: null });
    },
    'look-up',
  ],
  [
    'an entry of its own again, under another number',
    async (stage) => stage.put({ ...(await stage.rowOf('effect-failed')), seq: 99, once_key: null }),
    'seal',
  ],
  [
    'two entries in the other order',
    async (stage) => {
      const [one, two] = [await stage.rowOf('effect-failed'), await stage.rowOf('effect-done')];
      await stage.rewrite((row) => {
        if (row.seq === one.seq) return { ...two, seq: one.seq, once_key: null };
        return row.seq === two.seq ? { ...one, seq: two.seq, once_key: two.once_key } : row;
      });
    },
    'seal',
  ],
  [
    'another text, with the chain made to fit',
    (stage) =>
      stage.rewrite((row) =>
        row.kind === 'effect-done' ? { ...row, event: row.event.replace('is approved', 'is denied') } : row,
      ),
    'seal',
  ],
  [
    'another time, with the chain made to fit',
    (stage) => stage.rewrite((row) => (row.kind === 'effect-failed' ? { ...row, at: plusMs(NOW, 9) } : row)),
    'seal',
  ],
  [
    'another text under the same hash',
    async (stage) => {
      const { seq } = await stage.rowOf('effect-done');
      await stage.place.sql(
        `UPDATE entry SET event = replace(event, 'approved', 'denied') WHERE seq = ${seq}`,
      );
    },
    'changed',
  ],
  [
    'an entry taken out of the middle',
    async (stage) =>
      stage.place.sql(`DELETE FROM entry WHERE seq = ${(await stage.rowOf('effect-failed')).seq}`),
    'seal',
  ],
  [
    'an entry filed under nobody',
    async (stage) =>
      stage.place.sql(
        `UPDATE entry SET request_id = NULL WHERE seq = ${(await stage.rowOf('effect-intended')).seq}`,
      ),
    'look-up',
  ],
  [
    'a seal taken away',
    async (stage) =>
      stage.place.sql(`UPDATE entry SET seal = NULL WHERE seq = ${(await stage.rowOf('decided')).seq}`),
    'seal',
  ],
];

/** What a writer of the database who knows the source, and has not the key, achieves. */
export function forgeryContract(name: string, place: () => Promise<ForgersPlace>): void {
  const aStage = async () => Stage.set(await place());

  describe(`${name}, sealed`, () => {
    it('is believed as the service wrote it, also after a restart, and verifies', async () => {
      await using stage = await aStage();
      await stage.restart();
      await stage.open.ledger.append([someEvents(VICTIM).answered], NOW);
      await expect(stage.open.ledger.append([someEvents(VICTIM).answered], NOW)).rejects.toThrow(
        AlreadyRecordedError,
      );

      expect(await stage.open.ledger.entriesOf(VICTIM)).toHaveLength(5);
      expect(await stage.open.ledger.entriesOf(OTHER)).toHaveLength(4);
      expect(await stage.open.ledger.entriesOf('another')).toEqual([]);
      expect(await stage.findings()).toEqual([]);
      expect(stage.forged).toEqual([]);
    });

    it.each(FORGERIES)('is not believed with %s, and verification names it', async (_what, forge, code) => {
      await using stage = await aStage();
      await stage.restart();
      await stage.place.disarm();

      await forge(stage);

      await expect(stage.open.ledger.entriesOf(VICTIM)).rejects.toThrow(LedgerForgedError);
      expect(await stage.findings()).toContain(code);
      if (code !== 'look-up' && !stage.rewrote)
        expect(await stage.open.ledger.entriesOf(OTHER)).toHaveLength(4);
    });

    it('is not believed of a request under which the beginning of another one is filed', async () => {
      await using stage = await aStage();
      await stage.place.disarm();
      const { seq } = await stage.rowOf('decided', OTHER);
      await stage.place.sql(`UPDATE entry SET request_id = 'request-3' WHERE seq = ${seq}`);

      await expect(stage.open.ledger.entriesOf('request-3')).rejects.toThrow(
        `entry ${seq} of request request-3 is of another request`,
      );
      await expect(stage.open.ledger.entriesOf(OTHER)).rejects.toThrow(
        `follows entry ${seq}, which is missing`,
      );
    });

    it('is not believed with entries of another ledger under the same key', async () => {
      await using stage = await aStage();
      await using twin = await aStage();
      await stage.place.disarm();
      const row = await twin.rowOf('effect-done');
      await stage.place.sql(`DELETE FROM entry WHERE seq = ${row.seq}`);
      await stage.put(row);

      await expect(stage.open.ledger.entriesOf(VICTIM)).rejects.toThrow('is not sealed for this place');
      expect(await stage.findings()).toEqual(expect.arrayContaining(['changed', 'seal']));
    });

    it.each(['policy', 'ended'] as const)(
      'does not take a forged %s for its own that was written before',
      async (kind) => {
        await using stage = await aStage();
        const event = someEvents('request-3')[kind];
        await stage.forge(event);

        await expect(stage.open.ledger.append([event], NOW)).rejects.toThrow(LedgerForgedError);
      },
    );

    it('does not take an entry filed under its key for its own', async () => {
      await using stage = await aStage();
      const { ended } = someEvents(VICTIM);
      await stage.place.disarm();
      const { seq } = await stage.rowOf('effect-failed');
      await stage.place.sql(`UPDATE entry SET once_key = '${onceKeyOf(ended) ?? ''}' WHERE seq = ${seq}`);

      await expect(stage.open.ledger.append([ended], NOW)).rejects.toThrow('is filed as another one');
      expect(await stage.findings()).toContain('look-up');
    });

    it.each([
      ['cut off', (stage: Stage) => stage.place.sql('DELETE FROM entry WHERE seq > 6')],
      [
        'cut off and grown again',
        async (stage: Stage) => {
          await stage.place.sql('DELETE FROM entry WHERE seq > 9');
          await stage.forge(someEvents('request-3').decided);
          await stage.forge(someEvents('request-3').ended);
        },
      ],
    ])('notices while it runs that its end was %s, goes on, and leaves a word of it', async (_what, cut) => {
      await using stage = await aStage();
      await stage.place.disarm();
      await cut(stage);

      await expect(stage.open.ledger.entriesOf(OTHER)).rejects.toThrow('was written, and is missing');
      await stage.open.ledger.append([someEvents('request-4').decided], NOW);

      expect(stage.forged).toEqual([expect.objectContaining({ requestId: null })]);
      expect(await stage.open.ledger.entriesOf('request-4')).toHaveLength(1);
      expect(await stage.findings()).toContain('cut-off');
    });

    it('lets nobody remove entries by a checkpoint that is not its own', async () => {
      await using stage = await aStage();
      const [first] = await stage.rows();
      const through = (await stage.rows()).at(-1);
      await stage.forge({
        kind: 'checkpoint',
        origin: first?.hash ?? '',
        through: { seq: through?.seq ?? 0, at: NOW, hash: through?.hash ?? '' },
        removed: { from: 1, entries: through?.seq ?? 0, decisions: 2 },
        before: plusMs(NOW, 1),
        policies: [],
      });
      await stage.place.sql(`DELETE FROM entry WHERE seq <= ${through?.seq ?? 0}`);

      await expect(stage.open.ledger.entriesOf(VICTIM)).rejects.toThrow('was written, and is missing');
      expect(await stage.findings()).toEqual(expect.arrayContaining(['checkpoint', 'seal']));
      await expect(openLedger(stage.settings, signal)).rejects.toThrow('the ledger has no mark');
    });

    it.each([
      ['without its mark', "DELETE FROM entry WHERE kind = 'sealed-from'", 'the ledger has no mark'],
      ['emptied', 'DELETE FROM entry', 'the ledger has no mark'],
      [
        'with a mark that was changed',
        "UPDATE entry SET at = '2020-01-01T00:00:00.000Z' WHERE kind = 'sealed-from'",
        'was changed after it was sealed',
      ],
    ])('%s is not started on', async (_what, text, message) => {
      await using stage = await aStage();
      await stage.place.disarm();
      await stage.place.sql(text);
      await expect(openLedger(stage.settings, signal)).rejects.toThrow(message);
    });

    it('needs the key that it was sealed with, and its key needs the mark', async () => {
      await using stage = await aStage();
      const other = { ...stage.settings, key: { reveal: () => `current ${'0b'.repeat(32)}` } };

      await expect(openLedger(other, signal)).rejects.toThrow('is `ledger.key_file` the key of this ledger?');
      await expect(openLedger(stage.place.settings, signal)).rejects.toThrow('and no key is configured');
    });

    it('names a request that somebody took out of the open ones', async () => {
      await using stage = await aStage();
      await stage.place.sql(`DELETE FROM open_request WHERE request_id = '${VICTIM}'`);

      expect(await stage.findings()).toEqual(['hidden']);
    });
  });
}
