import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import { backupSqlite } from '../../ledger/sqlite/database.ts';
import { EXIT_OK, type Terminal } from '../terminal.ts';

/**
 * `ledger backup`: a copy of the ledger's file, taken while the service runs; `ledger verify --ledger COPY` proves it. Throws
 * ConfigError, also for PostgreSQL, which has its own means, and LedgerUnavailableError.
 */
export async function backup(
  options: { readonly config: string; readonly out: string },
  terminal: Terminal,
): Promise<number> {
  const { ledger } = loadConfig(options.config, terminal.environment, { offline: true });
  if (!('sqlite' in ledger)) {
    throw new ConfigError(
      'the ledger is in PostgreSQL: back it up with `pg_dump`, as docs/operations.md says',
    );
  }
  await backupSqlite(ledger.sqlite, options.out);
  terminal.print(`${ledger.sqlite} was copied to ${options.out}`);
  return EXIT_OK;
}
