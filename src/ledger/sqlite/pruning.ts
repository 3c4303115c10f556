import { DatabaseSync } from 'node:sqlite';
import type { Instant } from '../../core/values/instant.ts';
import type { Checkpoint } from '../../core/record/ledger-entry.ts';
import type { LedgerPruning } from '../../ports/ledger-history.ts';
import { AlreadyRecordedError, type Ledger } from '../../ports/ledger.ts';
import { LOCK_TIMEOUT_MS, sqliteGuard } from './database.ts';

/** Removed in one transaction: appends of the service wait no longer than that takes. */
const BATCH_ROWS = 1_000;

/**
 * Removal of old entries from a SQLite ledger. The trigger in the file lets nothing go that no checkpoint stands for. What is
 * removed is overwritten (`secure_delete`), and the pages are used again; the file itself does not shrink.
 */
export function sqlitePruning({ file, ledger }: { file: string; ledger: Ledger }): LedgerPruning {
  return {
    async prune(checkpoint, at) {
      await appendOnce(checkpoint, ledger, at);
      using db = sqliteGuard(file, () => new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS }));
      sqliteGuard(file, () => db.exec('PRAGMA secure_delete = ON'));
      const batch = db.prepare(
        'DELETE FROM entry WHERE seq IN (SELECT seq FROM entry WHERE seq <= ? ORDER BY seq LIMIT ?)',
      );
      for (;;) {
        const { changes } = sqliteGuard(file, () => batch.run(checkpoint.through.seq, BATCH_ROWS));
        if (changes < BATCH_ROWS) return;
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    },
  };
}

/** A removal that was broken off has its checkpoint already, and so has one that another replica is about. */
async function appendOnce(checkpoint: Checkpoint, ledger: Ledger, at: Instant): Promise<void> {
  try {
    await ledger.append([checkpoint], at);
  } catch (error) {
    if (!(error instanceof AlreadyRecordedError)) throw error;
  }
}
