import type { QueryResultRow } from 'pg';
import type { UsageRow, UsageTable } from '../usage-store.ts';
import type { PostgresDatabase } from './database.ts';

const PUT = `
  INSERT INTO usage_state (name, state, mac) VALUES ($1, $2, $3)
  ON CONFLICT (name) DO UPDATE SET state = EXCLUDED.state, mac = EXCLUDED.mac`;

/** What one replica has read of the audit log, for whichever reads on. */
export function postgresUsageTable(database: Pick<PostgresDatabase, 'query'>): UsageTable {
  return {
    all: () => database.query<UsageRow & QueryResultRow>('SELECT * FROM usage_state'),
    async put({ name, state, mac }) {
      await database.query(PUT, [name, state, mac]);
    },
    async remove(name) {
      await database.query('DELETE FROM usage_state WHERE name = $1', [name]);
    },
  };
}
