import { setImmediate as turn } from 'node:timers/promises';
import type { LedgerPruning } from '../ports/ledger-history.ts';
import { AlreadyRecordedError, type Ledger } from '../ports/ledger.ts';
import type { ReadDatabase } from './queries.ts';

/** Removed in one transaction: appends of the service wait no longer than that takes. */
const BATCH_ROWS = 1_000;
const REMOVE = `DELETE FROM entry WHERE seq IN (SELECT seq FROM entry WHERE seq <= $1 ORDER BY seq LIMIT ${BATCH_ROWS}) RETURNING seq`;

/**
 * Removal of old entries. A trigger in the database lets nothing go that no checkpoint stands for. What is removed from a SQLite
 * file is overwritten and its pages are used again, the file itself does not shrink; in PostgreSQL it is overwritten when the
 * server's vacuum has made room.
 */
export function pruningIn(
  open: () => Promise<Pick<ReadDatabase, 'query' | 'close'>>,
  ledger: Ledger,
): LedgerPruning {
  return {
    async prune(checkpoint, at) {
      try {
        await ledger.append([checkpoint], at);
      } catch (error) {
        // A removal that was broken off has its checkpoint already, and so has one that another replica is about.
        if (!(error instanceof AlreadyRecordedError)) throw error;
      }
      const database = await open();
      try {
        for (let removed = BATCH_ROWS; removed === BATCH_ROWS;) {
          removed = (await database.query(REMOVE, [checkpoint.through.seq])).length;
          await turn();
        }
      } finally {
        await database.close();
      }
    },
  };
}
