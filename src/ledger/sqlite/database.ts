import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LedgerUnavailableError } from '../../ports/ledger.ts';
import { createForUsAlone } from '../private-file.ts';
import { refuseNewer } from '../schema-version.ts';
import { isBusy, sqliteGuard } from './errors.ts';
import { SQLITE_MIGRATIONS } from './migrations.ts';

/** How long a lock that another process holds is waited for; an append blocks everything else meanwhile. */
export const LOCK_TIMEOUT_MS = 5_000;

/** Opens or creates the ledger's file, and brings its schema up to date. Throws LedgerUnavailableError, and SQLite's own errors. */
export function openDatabase(file: string): DatabaseSync {
  const folder = dirname(file);
  if (file !== ':memory:' && !existsSync(folder)) {
    throw new LedgerUnavailableError(
      `the ledger's folder \`${folder}\` does not exist: create it, or mount the volume that holds it`,
    );
  }
  if (file !== ':memory:') createForUsAlone(file);
  // The time-out must hold before the first statement: two instances may create the file at the same moment.
  const db = new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS });
  try {
    enterWal(db);
    db.exec('PRAGMA synchronous = FULL');
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite does not wait for those who switch the same new file at the same moment: asked again, it finds the switch made. */
function enterWal(db: DatabaseSync): void {
  const deadline = performance.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
  }
}

function migrate(db: DatabaseSync): void {
  db.exec('BEGIN IMMEDIATE');
  const version = versionOf(db);
  refuseNewer(version, SQLITE_MIGRATIONS.length);
  for (const sql of SQLITE_MIGRATIONS.slice(version)) db.exec(sql);
  db.exec(`PRAGMA user_version = ${SQLITE_MIGRATIONS.length}; COMMIT`);
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/** Of a file that is there, which is only read. Throws LedgerUnavailableError. */
export function schemaVersionOf(file: string): number {
  return sqliteGuard(file, () => {
    const db = new DatabaseSync(file, { readOnly: true, timeout: LOCK_TIMEOUT_MS });
    try {
      return versionOf(db);
    } finally {
      db.close();
    }
  });
}
