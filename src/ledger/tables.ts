import type { StoredAddress, StoredWatched } from '../ports/ledger-history.ts';
import type { AddressTable } from './first-addresses.ts';
import type { Queries } from './queries.ts';
import type { WatchedTable } from './sightings.ts';
import type { UsageRow, UsageTable } from './usage-store.ts';

/** First addresses: all replicas see the same ones, and the first of them that sees somebody writes it down. */
export function addressTable(database: Queries): AddressTable {
  return {
    find: async (userId) =>
      (await database.query<StoredAddress>('SELECT * FROM first_address WHERE user_id = $1', [userId]))[0],
    all: () => database.query('SELECT * FROM first_address'),
    async insert(rows) {
      for (const some of inPowersOfTwo(rows)) {
        const places = some.map(
          (_, at) => `(${[1, 2, 3, 4, 5].map((value) => `$${5 * at + value}`).join(', ')})`,
        );
        await database.query(
          `INSERT INTO first_address (user_id, address, seen_at, number, mac) VALUES ${places.join(', ')}
           ON CONFLICT DO NOTHING`,
          some.flatMap(({ user_id: userId, address, seen_at: seenAt, number, mac }) => [
            ...[userId, address, seenAt, number, mac],
          ]),
        );
      }
    },
    async seal({ user_id: userId, number, mac }) {
      const sql = 'UPDATE first_address SET number = $1, mac = $2 WHERE user_id = $3';
      await database.query(sql, [number, mac, userId]);
    },
  };
}

/** So many rows at most are written by one statement. */
const MOST_ROWS = 32;

/** Few sizes, since each is a statement of its own that is kept. */
function inPowersOfTwo<T>(rows: readonly T[]): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let at = 0; at < rows.length; at += parts.at(-1)?.length ?? 1)
    parts.push(rows.slice(at, at + Math.min(MOST_ROWS, 2 ** Math.floor(Math.log2(rows.length - at)))));
  return parts;
}

/** What was seen by watching: what one replica has seen, the others need not see anew. */
export function watchedTable(database: Queries): WatchedTable {
  return {
    find: async (target) =>
      (await database.query<StoredWatched>('SELECT * FROM watched WHERE target = $1', [target]))[0],
    all: () => database.query('SELECT * FROM watched'),
    entries: (from, to) =>
      database.query('SELECT * FROM entry WHERE once_key >= $1 AND once_key < $2 ORDER BY once_key DESC', [
        from,
        to,
      ]),
    async put({ target, state, mac }) {
      await database.query(
        `INSERT INTO watched (target, state, mac) VALUES ($1, $2, $3)
         ON CONFLICT (target) DO UPDATE SET state = excluded.state, mac = excluded.mac`,
        [target, state, mac],
      );
    },
  };
}

/** What one replica has read of the audit log, for whichever reads on. */
export function usageTable(database: Queries): UsageTable {
  return {
    all: () => database.query<UsageRow>('SELECT * FROM usage_state'),
    async put({ name, state, mac }) {
      await database.query(
        `INSERT INTO usage_state (name, state, mac) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET state = excluded.state, mac = excluded.mac`,
        [name, state, mac],
      );
    },
    async remove(name) {
      await database.query('DELETE FROM usage_state WHERE name = $1', [name]);
    },
  };
}
