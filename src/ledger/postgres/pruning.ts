import { AlreadyRecordedError, type Ledger } from '../../ports/ledger.ts';
import type { LedgerPruning } from '../../ports/ledger-history.ts';
import { PostgresDatabase } from './database.ts';

/** Removed in one statement: none of them runs into the time-out of the connection. */
const BATCH_ROWS = 1_000;
const REMOVE = `
  WITH removed AS (
    DELETE FROM entry WHERE seq IN (SELECT seq FROM entry WHERE seq <= $1 ORDER BY seq LIMIT ${BATCH_ROWS}) RETURNING seq
  ) SELECT count(*) AS count FROM removed`;

/**
 * Removal of old entries from a ledger in PostgreSQL. The trigger lets nothing go that no checkpoint stands for. Appends are
 * not held up; what is removed is overwritten when the server's vacuum has made room.
 */
export function postgresPruning({ url, ledger }: { url: () => string; ledger: Ledger }): LedgerPruning {
  return {
    async prune(checkpoint, at) {
      try {
        await ledger.append([checkpoint], at);
      } catch (error) {
        // A removal that was broken off has its checkpoint already, and so has one that another replica is about.
        if (!(error instanceof AlreadyRecordedError)) throw error;
      }
      const database = await PostgresDatabase.open({ url, migrate: false });
      try {
        for (let removed = BATCH_ROWS; removed === BATCH_ROWS;) {
          const [row] = await database.query<{ count: number }>(REMOVE, [checkpoint.through.seq]);
          removed = row?.count ?? 0;
        }
      } finally {
        await database.close();
      }
    },
  };
}
