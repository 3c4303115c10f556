import { closeSync, openSync } from 'node:fs';

/**
 * Creates an empty file that nobody else can read: whom the ledger tells of is personal data. SQLite fills it, and gives the files
 * beside it, `-wal` and `-shm`, its mode. A file that exists stays as it is; where none can be made, SQLite says why.
 */
export function createForUsAlone(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch {
    // It exists, or opening it fails in a moment, with the remedy.
  }
}
