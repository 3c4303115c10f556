import { describe, expect, it } from 'vitest';
import {
  onceKeyOf,
  subjectOf,
  type Checkpoint,
  type LedgerEvent,
} from '../../src/core/record/ledger-entry.ts';
import { plusMs } from '../../src/core/values/instant.ts';
import { openHistory, openLedger, openPruning } from '../../src/ledger/open-ledger.ts';
import type { DecisionsQuery, SearchableHistory, StoredEntry } from '../../src/ports/ledger-history.ts';
import { LedgerUnavailableError, type Ledger } from '../../src/ports/ledger.ts';
import { NOW } from '../support/builders.ts';
import { signal, type ForgersPlace } from './forgers-stage.ts';
import { aFailure, allEntries, someEvents } from './some-events.ts';

/** More than three times what is read in one go. */
const MANY = 1_501;

interface Read extends AsyncDisposable {
  readonly place: ForgersPlace;
  readonly ledger: Ledger;
  readonly history: SearchableHistory;
}

async function collected(entries: AsyncIterable<StoredEntry>): Promise<readonly StoredEntry[]> {
  const all: StoredEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

const seqs = (entries: readonly { readonly seq: number }[]) => entries.map(({ seq }) => seq);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const failures = (count: number) => upTo(count).map((number) => aFailure(`request-${number}`));

/** What a ledger of any kind owes those who read it beside the service. */
export function historyContract(name: string, place: () => Promise<ForgersPlace>): void {
  async function written(...events: readonly LedgerEvent[]): Promise<Read> {
    await using resources = new AsyncDisposableStack();
    const own = resources.use(await place());
    const { ledger } = resources.use(await openLedger(own.settings, signal));
    await ledger.append(events, NOW);
    const history = resources.adopt(await openHistory(own.settings), (each) => each.close());
    const owned = resources.move();
    return { place: own, ledger, history, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }

  describe(`${name}, as a history`, () => {
    it('gives every entry to the letter, and where they begin and end', async () => {
      await using read = await written();
      expect(await read.history.extent()).toBeNull();
      const appended = await read.ledger.append(Object.values(someEvents('a')), NOW);

      const entries = await collected(read.history.entries());

      expect(entries).toEqual(
        appended.map(({ seq, at, hash, event }) => ({
          ...{ seq, at, hash, seal: null, eventText: JSON.stringify(event) },
          columns: { kind: event.kind, requestId: subjectOf(event), onceKey: onceKeyOf(event) },
        })),
      );
      expect(await read.history.extent()).toEqual({
        entries: appended.length,
        firstSeq: 1,
        lastSeq: appended.length,
      });
    });

    it('gives thousands of them in order, as far as there were when it was asked, from any on, and backwards', async () => {
      await using read = await written(...failures(MANY));
      const { history, ledger } = read;
      const seen: StoredEntry[] = [];
      for await (const entry of history.entries()) {
        if (seen.length === 0) await ledger.append(failures(2), NOW);
        seen.push(entry);
      }

      expect(seqs(seen)).toEqual(upTo(MANY));
      expect(seqs(await collected(history.entries(MANY - 1)))).toEqual([MANY, MANY + 1, MANY + 2]);
      expect(seqs(await collected(history.backwards(MANY)))).toEqual(upTo(MANY - 1).toReversed());
    });

    it('gives decisions newest first, within their bounds, before any of them, and of one moment, too', async () => {
      await using read = await written();
      const moments = [0, 1, 1, 2, 3].map((seconds) => plusMs(NOW, seconds * 1_000));
      for (const [index, at] of moments.entries())
        await read.ledger.append([someEvents(`request-${index + 1}`).decided, aFailure('other')], at);
      const found = async (query: Partial<DecisionsQuery>) => {
        const all = { since: null, until: null, before: null };
        const entries = await collected(read.history.decisions({ ...all, ...query }));
        return entries.map(({ columns }) => Number(columns?.requestId?.slice('request-'.length)));
      };
      const at = moments[1];

      expect(await found({})).toEqual([5, 4, 3, 2, 1]);
      expect(await found({ since: moments[1] ?? null, until: moments[4] ?? null })).toEqual([4, 3, 2]);
      expect(await found({ before: { at: at ?? '', seq: 5 } })).toEqual([2, 1]);
      expect(await found({ since: at ?? null, before: { at: at ?? '', seq: 5 } })).toEqual([2]);
    });

    it('gives more decisions of one moment than are read in one go', async () => {
      const many = upTo(501).map((number) => someEvents(`request-${number}`).decided);
      await using read = await written(...many);
      const query = { since: null, until: null, before: null };

      expect(seqs(await collected(read.history.decisions(query)))).toEqual(upTo(501).toReversed());
    });

    it('finds requests by the beginning of their ids, what is stored of one, and which are not over', async () => {
      const ids = ['b-1', 'a-12', 'a-2', 'a-1', 'a-1', 'a'];
      await using read = await written(...ids.map(aFailure));
      const { history, ledger } = read;
      await ledger.settle('a-2', 1_000);

      expect(await history.requestIds('a-1', 9)).toEqual(['a-1', 'a-12']);
      expect(await history.requestIds('', 3)).toEqual(['a', 'a-1', 'a-12']);
      expect(await history.requestIds('c', 3)).toEqual([]);
      expect(seqs(await history.entriesOf('a-1'))).toEqual([4, 5]);
      expect(await history.entriesOf('c')).toEqual([]);
      expect((await history.open()).toSorted()).toEqual(['a', 'a-1', 'a-12', 'b-1']);
    });

    it('gives what is kept beside the entries, in the order in which it was numbered', async () => {
      await using read = await written();
      expect([await read.history.addresses(), await read.history.watched()]).toEqual([[], []]);
      await read.place.sql(
        `INSERT INTO first_address (user_id, address, seen_at, number, mac) VALUES ('P1', 'a', '${NOW}', 2, 'm'), ('P2', 'b', '${NOW}', 1, 'm')`,
      );
      await read.place.sql("INSERT INTO watched (target, state, mac) VALUES ('service P1', '{}', NULL)");

      expect((await read.history.addresses()).map((row) => row.user_id)).toEqual(['P2', 'P1']);
      expect(await read.history.watched()).toEqual([{ target: 'service P1', state: '{}', mac: null }]);
    });

    it('of a database without a ledger is refused', async () => {
      await using own = await place();
      await own.sql('CREATE TABLE other (one TEXT)');
      await own.sql('DROP TABLE IF EXISTS entry');

      await expect(openHistory(own.settings)).rejects.toThrow(/holds no ledger: it has no table `entry`/u);
    });

    it('loses what a checkpoint stands for, and nothing else', async () => {
      await using read = await written();
      const { history, ledger, place: own } = read;
      const entries = await ledger.append(failures(MANY), NOW);
      const [first, through] = [entries[0], entries[1_199]];
      if (first === undefined || through === undefined) throw new Error('no entry');
      const checkpoint: Checkpoint = {
        kind: 'checkpoint',
        origin: first.hash,
        through: { seq: through.seq, at: through.at, hash: through.hash },
        removed: { from: 1, entries: 1_200, decisions: 0 },
        before: plusMs(NOW, 1),
        policies: [],
      };
      const unwritable = { append: () => Promise.reject(new LedgerUnavailableError('the disk is full')) };

      await expect(
        openPruning(own.settings, unwritable as unknown as Ledger).prune(checkpoint, NOW),
      ).rejects.toThrow('the disk is full');
      expect(await history.extent()).toMatchObject({ entries: MANY });

      const pruning = openPruning(own.settings, ledger);
      await pruning.prune(checkpoint, NOW);
      await pruning.prune(checkpoint, NOW);

      expect(seqs(await allEntries(ledger))).toEqual(upTo(MANY + 1).slice(1_200));
      expect(seqs(await history.checkpoints())).toEqual([MANY + 1]);
      expect(await history.mark()).toBeNull();
    });
  });
}
