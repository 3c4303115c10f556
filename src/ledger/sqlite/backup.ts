import { existsSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { LedgerUnavailableError } from '../../ports/ledger.ts';
import { createForUsAlone } from '../private-file.ts';
import { sqliteError } from './database.ts';

/**
 * Copies a ledger to a new file while the service may go on writing: the copy is the ledger as it was at one moment, in one file
 * (sqlite.org/backup.html). A copy that did not succeed is removed. Throws LedgerUnavailableError, also when `to` exists.
 */
export async function backupSqlite(from: string, to: string): Promise<void> {
  if (existsSync(to)) throw new LedgerUnavailableError(`\`${to}\` exists: name a new file for the copy`);
  let source: DatabaseSync;
  try {
    source = new DatabaseSync(from, { readOnly: true });
  } catch (error) {
    throw sqliteError(error, from);
  }
  try {
    createForUsAlone(to);
    await backup(source, to);
  } catch (error) {
    rmSync(to, { force: true });
    throw sqliteError(error, to);
  } finally {
    source.close();
  }
}
