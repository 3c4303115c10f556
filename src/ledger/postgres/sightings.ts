import type { QueryResultRow } from 'pg';
import type { StoredWatched } from '../../ports/ledger-history.ts';
import type { EntryRow } from '../rows.ts';
import type { WatchedTable } from '../sightings.ts';
import type { PostgresDatabase } from './database.ts';

type Row = StoredWatched & QueryResultRow;

const PUT = `
  INSERT INTO watched (target, state, mac) VALUES ($1, $2, $3)
  ON CONFLICT (target) DO UPDATE SET state = EXCLUDED.state, mac = EXCLUDED.mac`;

/** Sightings in the ledger's database: what one replica has seen, the others need not see anew. */
export function postgresWatchedTable(database: Pick<PostgresDatabase, 'query'>): WatchedTable {
  return {
    find: async (target) =>
      (await database.query<Row>('SELECT * FROM watched WHERE target = $1', [target]))[0],
    all: () => database.query<Row>('SELECT * FROM watched'),
    entries: (from, to) =>
      database.query<EntryRow & QueryResultRow>(
        'SELECT * FROM entry WHERE once_key >= $1 AND once_key < $2 ORDER BY once_key DESC',
        [from, to],
      ),
    async put({ target, state, mac }) {
      await database.query(PUT, [target, state, mac]);
    },
  };
}
