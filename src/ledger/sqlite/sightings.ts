import { DatabaseSync } from 'node:sqlite';
import type { StoredWatched } from '../../ports/ledger-history.ts';
import type { EntryRow } from '../rows.ts';
import type { WatchedTable } from '../sightings.ts';
import { LOCK_TIMEOUT_MS, sqliteGuard } from './database.ts';

/** Sightings in the ledger's SQLite file, whose schema is up to date. What a crash loses of them is seen anew. */
export function sqliteWatchedTable(file: string): WatchedTable & Disposable {
  const db = sqliteGuard(file, () => new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS }));
  db.exec('PRAGMA synchronous = NORMAL');
  const run = <T>(sql: string, use: (statement: ReturnType<typeof db.prepare>) => T) =>
    new Promise<T>((resolve) => resolve(sqliteGuard(file, () => use(db.prepare(sql)))));
  return {
    find: (target) =>
      run('SELECT * FROM watched WHERE target = ?', (one) => one.get(target) as StoredWatched | undefined),
    all: () => run('SELECT * FROM watched', (each) => each.all() as unknown as StoredWatched[]),
    put: (row) =>
      run(
        'INSERT OR REPLACE INTO watched (target, state, mac) VALUES (:target, :state, :mac)',
        (one) => void one.run({ ...row }),
      ),
    entries: (from, to) =>
      run(
        'SELECT * FROM entry WHERE once_key >= ? AND once_key < ? ORDER BY once_key DESC',
        (each) => each.all(from, to) as unknown as EntryRow[],
      ),
    [Symbol.dispose]: () => db.close(),
  };
}
