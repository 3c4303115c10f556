import { existsSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plusMs } from '../../src/core/values/instant.ts';
import { openKeys } from '../../src/ledger/open-keys.ts';
import { openHistory, openLedger, openPruning, openSeals, tryLedger } from '../../src/ledger/open-ledger.ts';
import { openMarking } from '../../src/ledger/open-marking.ts';
import { SQLITE_MIGRATIONS } from '../../src/ledger/sqlite/migrations.ts';
import { LedgerUnavailableError } from '../../src/ports/ledger.ts';
import { aRequest, aRecordedDecision, NOW } from '../support/builders.ts';
import { key, mark, signal, Stage, VICTIM } from './forgers-stage.ts';
import { aFailure } from './some-events.ts';
import { aFolder, inSqlite } from './sqlite-place.ts';

describe('where the ledger is to be', () => {
  it('there is none before it is opened, and to ask makes none', async () => {
    await using folder = await aFolder();
    const settings = { sqlite: join(folder.path, 'ledger.sqlite') };

    expect([await tryLedger(settings), existsSync(settings.sqlite)]).toEqual(['absent', false]);
    await (await openLedger(settings, signal))[Symbol.asyncDispose]();
    // Closed by all of its connections, nothing is left beside the file that would have to be written into it.
    expect(existsSync(`${settings.sqlite}-wal`)).toBe(false);
    expect(await tryLedger(settings)).toBe('there');
  });

  it('one that a newer version wrote is refused', async () => {
    await using folder = await aFolder();
    const sqlite = join(folder.path, 'ledger.sqlite');
    using db = new DatabaseSync(sqlite);
    db.exec(`PRAGMA user_version = ${SQLITE_MIGRATIONS.length + 1}`);

    await expect(tryLedger({ sqlite })).rejects.toThrow('it was written by a newer version');
  });

  it.each([1, 3, 5])('one of version %i is read as it is', async (version) => {
    await using folder = await aFolder();
    const sqlite = join(folder.path, 'ledger.sqlite');
    using db = new DatabaseSync(sqlite);
    for (const sql of SQLITE_MIGRATIONS.slice(0, version)) db.exec(sql);
    db.exec(`INSERT INTO entry (seq, at, kind, request_id, once_key, event, hash)
        VALUES (1, '${NOW}', 'effect-failed', 'a', NULL, '{}', 'hash')`);
    if (version > 2)
      db.exec(`INSERT INTO first_address (user_id, address, seen_at) VALUES ('P', 'a', '${NOW}')`);
    const history = await openHistory({ sqlite });

    expect(await history.entriesOf('a')).toEqual([
      {
        ...{ seq: 1, at: NOW, eventText: '{}', hash: 'hash', seal: null },
        columns: { kind: 'effect-failed', requestId: 'a', onceKey: null },
      },
    ]);
    // Without numbers nothing can be told from them.
    expect(await history.addresses()).toHaveLength(version < 5 ? 0 : 1);
    expect(await history.watched()).toEqual([]);
    await history.close();
    await expect(history.extent()).rejects.toThrow(LedgerUnavailableError);
  });

  it('everything that is kept in it is told apart by the key, where there is one', async () => {
    await using place = await inSqlite();
    const settings = { ...place.settings, key };
    {
      await using plain = await openLedger(place.settings, signal);
      const history = await openHistory(place.settings);
      expect(plain.keys).toBeNull();
      expect(await openSeals(place.settings, history)).toBeUndefined();
      await expect(openSeals(settings, history)).rejects.toThrow('the ledger has no mark');
      await history.close();
    }
    await mark(settings);
    await using stage = await Stage.on(place);
    await stage.open.ledger.append([aFailure(VICTIM)], NOW);
    const history = await openHistory(settings);
    const seals = await openSeals(settings, history);
    const [stored] = await history.entriesOf(VICTIM);
    if (stored === undefined) throw new Error('there is no entry');

    expect(seals?.faultIn(stored)).toBeNull();
    expect(seals?.faultIn({ ...stored, eventText: '{}' })).toBe('was changed after it was sealed');
    expect(stage.open.keys?.mac('entry', 'text')).toBe(openKeys(key).mac('entry', 'text'));
    await history.close();
  });

  it('nothing can be read any more of what was removed', async () => {
    await using place = await inSqlite();
    const { ledger, ...open } = await openLedger(place.settings, signal);
    const told = (id: string, reason: string) => aRecordedDecision({ request: aRequest({ id, reason }) });
    const [first] = await ledger.append(
      [told('1', 'a secret that is gone'), told('2', 'a word that stays')],
      NOW,
    );
    if (first === undefined) throw new Error('there is no entry');
    await openPruning(place.settings, ledger).prune(
      {
        ...{ kind: 'checkpoint', origin: first.hash, before: plusMs(NOW, 1), policies: [] },
        through: { seq: 1, at: NOW, hash: first.hash },
        removed: { from: 1, entries: 1, decisions: 1 },
      },
      NOW,
    );
    await open[Symbol.asyncDispose]();
    const text = readFileSync('sqlite' in place.settings ? place.settings.sqlite : '', 'latin1');

    expect(['a word that stays', 'a secret that is gone'].map((words) => text.includes(words))).toEqual([
      true,
      false,
    ]);
  });

  it('a mark is not relied upon where somebody wrote while the entries were sealed', async () => {
    await using place = await inSqlite();
    const plain = await openLedger(place.settings, signal);
    await plain.ledger.append([aFailure('a'), aFailure('b')], NOW);
    await plain[Symbol.asyncDispose]();
    await using marking = await openMarking(place.settings, signal);

    await expect(
      marking.setMark(openKeys(key), NOW, () => {
        void place.sql(
          "INSERT INTO entry SELECT 3, at, kind, 'c', NULL, event, hash, NULL FROM entry WHERE seq = 2",
        );
      }),
    ).rejects.toThrow('entries 3 to 3 were written while the ledger was sealed');
  });
});
