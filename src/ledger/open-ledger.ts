import { soleClaim, type Claims } from '../ports/claims.ts';
import type { LedgerKeys, LedgerPruning, SearchableHistory, Seals } from '../ports/ledger-history.ts';
import { AlreadyRecordedError, type Ledger } from '../ports/ledger.ts';
import { addressesBeside, firstSights } from './first-addresses.ts';
import { DatabaseHistory } from './history.ts';
import type { LedgerSettings, OnForged, OpenLedger, PostgresSettings } from './ledger-settings.ts';
import { openKeys } from './open-keys.ts';
import { pageMac, sealedPageMac, sqlitePageSecret } from './page-secret.ts';
import type { PostgresLedger } from './postgres/ledger.ts';
import type { Queries, ReadDatabase } from './queries.ts';
import { markOf, sealingFor } from './rows.ts';
import { sealsOf } from './seals.ts';
import { sightings, sightingsBeside } from './sightings.ts';
import { SqliteDatabase, schemaVersionOf } from './sqlite/database.ts';
import { SqliteLedger } from './sqlite/ledger.ts';
import { addressTable, usageTable, watchedTable } from './tables.ts';
import { AddressCount } from './tip-memory.ts';
import { usageStore } from './usage-store.ts';
import { setImmediate as turn } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { SECOND } from '../core/values/instant.ts';
import { SQLITE_MIGRATIONS } from './sqlite/migrations.ts';
import { refuseNewer } from './schema-version.ts';

/** The only instance on its file handles everything. */
const everything: Claims = { take: () => Promise.resolve(soleClaim), abandoned: () => Promise.resolve([]) };

/** Opens the ledger where the configuration says. Throws LedgerUnavailableError, also where the key is not the ledger's; waits a minute for a PostgreSQL that restarts. */
export async function openLedger(
  settings: LedgerSettings,
  signal: AbortSignal,
  onForged: OnForged = () => undefined,
): Promise<OpenLedger> {
  const keys = settings.key === undefined ? null : openKeys(settings.key);
  const shared = { keys, onForged, count: new AddressCount() };
  if ('sqlite' in settings) {
    const ledger = new SqliteLedger(settings.sqlite, { keys, onForged, addresses: shared.count });
    const database = SqliteDatabase.beside(settings.sqlite);
    return {
      ...together(ledger, database, shared),
      keyMac: keys === null ? pageMac(sqlitePageSecret(settings.sqlite)) : sealedPageMac(keys),
      claims: everything,
      async [Symbol.asyncDispose]() {
        await database.close();
        await ledger.close();
      },
    };
  }
  // Only where it is used: an instance with a file of its own need not carry the driver in memory.
  const { openPostgres } = await import('./postgres/ledger.ts');
  const { database, ledger, claims, keyMac } = await openPostgres(settings.postgres, { ...shared, signal });
  return {
    ...together(ledger, database, shared),
    keyMac,
    claims,
    async [Symbol.asyncDispose]() {
      try {
        await claims.close();
      } finally {
        await ledger.close();
      }
    },
  };
}

/** The ledger and what is kept in tables beside its chain. */
function together(
  ledger: SqliteLedger | PostgresLedger,
  database: Queries,
  { keys, count, onForged }: { keys: LedgerKeys | null; count: AddressCount; onForged: OnForged },
): Omit<OpenLedger, 'keyMac' | 'claims' | typeof Symbol.asyncDispose> {
  return {
    ledger,
    keys,
    ...firstSights(addressTable(database), addressesBeside(ledger, { keys, count, onForged })),
    sightings: sightings(watchedTable(database), sightingsBeside(ledger, keys, onForged)),
    usage: usageStore(usageTable(database), keys),
  };
}

/** Opens the ledger for reading, where the configuration says that it is. Throws LedgerUnavailableError. */
export async function openHistory(settings: LedgerSettings): Promise<DatabaseHistory> {
  return await DatabaseHistory.in(
    'sqlite' in settings ? SqliteDatabase.forReading(settings.sqlite) : await openedPostgres(settings),
  );
}

/** How entries are removed from this ledger. */
export function openPruning(settings: LedgerSettings, ledger: Ledger): LedgerPruning {
  return pruningIn(async () => {
    if ('postgres' in settings) return await openedPostgres(settings);
    const database = SqliteDatabase.beside(settings.sqlite);
    await database.query('PRAGMA secure_delete = ON');
    return database;
  }, ledger);
}

/** A database whose schema is left as it is. */
async function openedPostgres({ postgres: { url } }: { readonly postgres: PostgresSettings }) {
  const { PostgresDatabase } = await import('./postgres/database.ts');
  return await PostgresDatabase.open({ url: () => url.reveal(), migrate: false });
}

/** How the entries of this ledger are known; undefined where no key is configured. Throws LedgerUnavailableError. */
export async function openSeals(
  settings: LedgerSettings,
  history: SearchableHistory,
): Promise<Seals | undefined> {
  if (settings.key === undefined) return undefined;
  const keys = openKeys(settings.key);
  const sealing = sealingFor(keys, await markOf(history));
  return sealing === null ? undefined : sealsOf(keys, sealing.ledgerId);
}

/** Removed in one transaction: appends of the service wait no longer than that takes. */
const BATCH_ROWS = 1_000;
const REMOVE = `DELETE FROM entry WHERE seq IN (SELECT seq FROM entry WHERE seq <= $1 ORDER BY seq LIMIT ${BATCH_ROWS}) RETURNING seq`;

/**
 * Removal of old entries. A trigger in the database lets nothing go that no checkpoint stands for. What is removed from a SQLite
 * file is overwritten and its pages are used again, the file itself does not shrink; in PostgreSQL it is overwritten when the
 * server's vacuum has made room.
 */
function pruningIn(
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

const PATIENCE_MS = 5 * SECOND;

/**
 * What a start would find where the configuration says that the ledger is, without changing it: whether there is one. Throws
 * LedgerUnavailableError for one that this version could not open, or a database that cannot be reached.
 */
export async function tryLedger(settings: LedgerSettings): Promise<'there' | 'absent'> {
  if ('sqlite' in settings) {
    if (!existsSync(settings.sqlite)) return 'absent';
    refuseNewer(schemaVersionOf(settings.sqlite), SQLITE_MIGRATIONS.length);
    return 'there';
  }
  const { url } = settings.postgres;
  const { PostgresDatabase } = await import('./postgres/database.ts');
  const database = await PostgresDatabase.open({
    url: () => url.reveal(),
    migrate: false,
    patienceMs: PATIENCE_MS,
  });
  try {
    return (await database.schemaVersion()) === null ? 'absent' : 'there';
  } finally {
    await database.close();
  }
}
