import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { tamper } from '../traceability/tampering.ts';
import type { ForgersPlace } from './forgers-stage.ts';
import type { LedgerPlace } from './ledger.contract.ts';

/** A folder that is gone when the test is over. */
export async function aFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'ledger-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface SqlitePlace extends LedgerPlace {
  readonly file: string;
}

/** A new ledger file in a folder of its own. */
export async function aSqliteLedger(): Promise<SqlitePlace> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await aFolder());
  const file = join(folder.path, 'ledger.sqlite');
  const opened = new Set<SqliteLedger>();
  function open(): SqliteLedger {
    const ledger = new SqliteLedger(file);
    opened.add(ledger);
    return ledger;
  }
  const ledger = open();
  const owned = resources.move();
  return {
    file,
    ledger,
    openAgain: () => Promise.resolve(open()),
    async sql(text) {
      using db = new DatabaseSync(file);
      return await Promise.resolve(db.prepare(text).all());
    },
    async [Symbol.asyncDispose]() {
      // A test may have closed one itself: that is its subject, not a fault.
      await Promise.allSettled(
        [...opened].map(async (each) => {
          await each.close();
        }),
      );
      await owned.disposeAsync();
    },
  };
}

/** A place for a ledger that a test opens itself, and reads and changes as anybody can who owns the file. */
export async function inSqlite(): Promise<ForgersPlace> {
  const folder = await aFolder();
  const file = join(folder.path, 'ledger.sqlite');
  return {
    settings: { sqlite: file },
    async sql(text) {
      using db = new DatabaseSync(file);
      return await Promise.resolve(db.prepare(text).all());
    },
    disarm() {
      tamper(file, () => undefined);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
