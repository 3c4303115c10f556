import { AlreadyRecordedError, LedgerForgedError, LedgerUnavailableError } from '../../ports/ledger.ts';
import { messageOf } from '../../core/values/cause.ts';

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
export function isBusy(error: unknown): boolean {
  return (errorCode(error) & 0xff) === BUSY;
}

function errorCode(error: unknown): number {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : 0;
  return typeof code === 'number' ? code : 0;
}
