import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, backup, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { LedgerUnavailableError, AlreadyRecordedError, LedgerForgedError } from '../../ports/ledger.ts';
import { createForUsAlone } from '../private-file.ts';
import type { ReadDatabase } from '../queries.ts';
import { refuseNewer } from '../schema-version.ts';
import { SQLITE_MIGRATIONS } from './migrations.ts';
import { messageOf } from '../../core/values/cause.ts';

/** How long a lock that another process holds is waited for; an append blocks everything else meanwhile. */
const LOCK_TIMEOUT_MS = 5_000;

/** A connection to the ledger's file. Every failure is a LedgerUnavailableError. */
export class SqliteDatabase implements ReadDatabase {
  readonly shown: string;
  readonly file: string;
  readonly db: DatabaseSync;
  readonly bytes = '(SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)';
  readonly #prepared = new Map<string, StatementSync>();

  private constructor(file: string, open: () => DatabaseSync) {
    this.file = file;
    this.shown = `\`${file}\``;
    this.db = sqliteGuard(file, open);
  }

  /** Opens or creates the file and brings its schema up to date; every commit is on disk before it is answered. */
  static open(file: string): SqliteDatabase {
    return new SqliteDatabase(file, () => openDatabase(file));
  }

  /** Another connection to a file whose schema is up to date. What a crash of the machine loses of what is written here is seen anew. */
  static beside(file: string): SqliteDatabase {
    return new SqliteDatabase(file, () => {
      const db = new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS });
      db.exec('PRAGMA synchronous = NORMAL');
      return db;
    });
  }

  /** For reading only: a copy, a damaged file, or one that the service is writing to. Throws when the file is not there. */
  static forReading(file: string): SqliteDatabase {
    if (!existsSync(file)) throw new LedgerUnavailableError(`there is no ledger \`${file}\``);
    return new SqliteDatabase(file, () => openForReading(file));
  }

  query<Row>(sql: string, values: readonly (string | number | null)[] = []): Promise<readonly Row[]> {
    return new Promise((resolve) => resolve(sqliteGuard(this.file, () => this.all<Row>(sql, ...values))));
  }

  /** The same at once, with SQLite's own errors. */
  all<Row>(sql: string, ...values: readonly (string | number | null)[]): Row[] {
    return this.prepared(sql).all(...values) as Row[];
  }

  prepared(sql: string): StatementSync {
    // `$1` is a name to SQLite, as which it would have to be bound; `?1` is the first value.
    const statement = this.#prepared.get(sql) ?? this.db.prepare(sql.replace(/\$(\d+)/gu, '?$1'));
    this.#prepared.set(sql, statement);
    return statement;
  }

  field(alias: string, name: string): string {
    return `json_extract(${alias}.event, '$.${name}')`;
  }

  async columnsOf(table: string): Promise<readonly string[]> {
    const columns = await this.query<{ name: string }>('SELECT name FROM pragma_table_info($1)', [table]);
    return columns.map(({ name }) => name);
  }

  close(): Promise<void> {
    if (this.db.isOpen) this.db.close();
    return Promise.resolve();
  }
}

/** A file in a folder that nobody may write to, on a read-only medium for instance, has no room for SQLite's own files. */
function openForReading(file: string): DatabaseSync {
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    db.prepare('PRAGMA schema_version').get();
    return db;
  } catch (error) {
    if (existsSync(`${file}-wal`)) throw error;
    return new DatabaseSync(`${pathToFileURL(file).href}?immutable=1`, { readOnly: true });
  }
}

function openDatabase(file: string): DatabaseSync {
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
    // What a burst writes goes from the log into the file once: SQLite's own thousand pages are some hundred requests.
    db.exec('PRAGMA wal_autocheckpoint = 4000');
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

/** SQLite's result codes (sqlite.org/rescode.html): primary codes, and the extended one for a unique constraint. */
const CONSTRAINT_UNIQUE = 2067;
const BUSY = 5;
const REMEDIES: Readonly<Record<number, string>> = {
  [BUSY]: 'another program holds it locked: is a second instance running on the same file',
  8: 'it is read-only: mount the volume writable for the user that the service runs as',
  10: 'the disk reports an error: check the volume',
  11: 'the file is damaged: restore the last back-up and keep the damaged file',
  13: 'the disk is full: free some space; nothing is approved until then',
  14: 'it cannot be opened: check that the folder exists, is mounted writable, and belongs to the user that the service runs as',
  26: 'the file is no SQLite database: does `ledger.sqlite` name the right file',
};

/** The one place where SQLite's errors get their meaning. */
export function sqliteError(error: unknown, file = ''): Error {
  const known = [AlreadyRecordedError, LedgerForgedError, LedgerUnavailableError];
  if (error instanceof Error && known.some((kind) => error instanceof kind)) return error;
  const code = errorCode(error);
  if (code === CONSTRAINT_UNIQUE) return new AlreadyRecordedError('recorded before', { cause: error });
  const detail = messageOf(error);
  const remedy = REMEDIES[code & 0xff];
  const where = file === '' ? 'the ledger' : `the ledger \`${file}\``;
  return new LedgerUnavailableError(`${where} cannot be used: ${remedy ?? detail}`, { cause: error });
}

export function sqliteGuard<T>(file: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw sqliteError(error, file);
  }
}

/** Whether SQLite gave up because another connection holds a lock. */
function isBusy(error: unknown): boolean {
  return (errorCode(error) & 0xff) === BUSY;
}

function errorCode(error: unknown): number {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : 0;
  return typeof code === 'number' ? code : 0;
}

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
