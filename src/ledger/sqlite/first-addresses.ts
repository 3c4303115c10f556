import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { StoredAddress } from '../../ports/ledger-history.ts';
import type { AddressTable } from '../first-addresses.ts';
import { LOCK_TIMEOUT_MS, sqliteGuard } from './database.ts';

/**
 * First addresses in the ledger's SQLite file, whose schema is up to date. It is not waited for until they are on disk: the decision
 * that rests on one is appended after it, to the same log.
 */
export function sqliteAddressTable(file: string): AddressTable & Disposable {
  const db = sqliteGuard(file, () => new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS }));
  db.exec('PRAGMA synchronous = NORMAL');
  const prepared = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const one = prepared.get(sql) ?? db.prepare(sql);
    prepared.set(sql, one);
    return one;
  };
  const run = <T>(sql: string, use: (statement: StatementSync) => T) =>
    new Promise<T>((resolve) => resolve(sqliteGuard(file, () => use(statement(sql)))));
  return {
    find: (userId) =>
      run(
        'SELECT * FROM first_address WHERE user_id = ?',
        (one) => one.get(userId) as StoredAddress | undefined,
      ),
    all: () => run('SELECT * FROM first_address', (each) => each.all() as unknown as StoredAddress[]),
    insert: (row) =>
      run(
        `INSERT OR IGNORE INTO first_address (user_id, address, seen_at, number, mac)
         VALUES (:user_id, :address, :seen_at, :number, :mac)`,
        (one) => void one.run({ ...row }),
      ),
    seal: ({ number, mac, user_id: userId }) =>
      run(
        'UPDATE first_address SET number = ?, mac = ? WHERE user_id = ?',
        (one) => void one.run(number, mac, userId),
      ),
    [Symbol.dispose]: () => db.close(),
  };
}
