import { DatabaseSync } from 'node:sqlite';
import type { FirstAddresses } from '../../ports/first-addresses.ts';
import type { LedgerKeys } from '../../ports/ledger-keys.ts';
import { compareWith, firstAddressRow, type FirstAddressRow } from '../first-address-row.ts';
import { sqliteGuard } from './errors.ts';

const LOCK_TIMEOUT_MS = 5_000;

/**
 * First addresses in the ledger's SQLite file, whose schema is up to date. It is not waited for until they are on disk: the decision
 * that rests on one is appended after it, to the same log. Throws LedgerUnavailableError.
 */
export function sqliteFirstAddresses(file: string, keys: LedgerKeys | null): FirstAddresses & Disposable {
  const db = sqliteGuard(file, () => new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS }));
  const [found, insert, seal] = sqliteGuard(file, () => {
    db.exec('PRAGMA synchronous = NORMAL');
    return [
      db.prepare('SELECT user_id, address, seen_at, mac FROM first_address WHERE user_id = ?'),
      db.prepare(
        `INSERT OR IGNORE INTO first_address (user_id, address, seen_at, mac)
         VALUES (:user_id, :address, :seen_at, :mac)`,
      ),
      db.prepare('UPDATE first_address SET mac = ? WHERE user_id = ?'),
    ] as const;
  });
  const find = (id: string) => found.get(id) as unknown as FirstAddressRow | undefined;

  return {
    async compare(user, now) {
      return await sqliteGuard(file, () => {
        if (find(user.id) === undefined) insert.run({ ...firstAddressRow(user, now, keys) });
        const row = find(user.id) ?? firstAddressRow(user, now, keys);
        const compared = compareWith(row, user, keys);
        if (compared.seal !== null) seal.run(compared.seal, user.id);
        return Promise.resolve(compared.binding);
      });
    },
    [Symbol.dispose]: () => db.close(),
  };
}
