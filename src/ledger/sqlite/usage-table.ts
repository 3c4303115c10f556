import { DatabaseSync } from 'node:sqlite';
import type { UsageRow, UsageTable } from '../usage-store.ts';
import { LOCK_TIMEOUT_MS, sqliteGuard } from './database.ts';

/** What is read of the audit log, in the ledger's SQLite file, whose schema is up to date. */
export function sqliteUsageTable(file: string): UsageTable & Disposable {
  const db = sqliteGuard(file, () => new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS }));
  // What a crash of the machine loses of it is read anew.
  db.exec('PRAGMA synchronous = NORMAL');
  const run = <T>(sql: string, use: (statement: ReturnType<typeof db.prepare>) => T) =>
    new Promise<T>((resolve) => resolve(sqliteGuard(file, () => use(db.prepare(sql)))));
  return {
    all: () => run('SELECT * FROM usage_state', (all) => all.all() as unknown as UsageRow[]),
    put: (row) =>
      run(
        'INSERT OR REPLACE INTO usage_state (name, state, mac) VALUES (:name, :state, :mac)',
        (one) => void one.run({ ...row }),
      ),
    remove: (name) => run('DELETE FROM usage_state WHERE name = ?', (one) => void one.run(name)),
    [Symbol.dispose]: () => db.close(),
  };
}
