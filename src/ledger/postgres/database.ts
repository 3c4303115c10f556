import { setTimeout as delay } from 'node:timers/promises';
import { Client, Pool, types, type PoolClient } from 'pg';
import { MINUTE, SECOND } from '../../core/values/instant.ts';
import type { ReadDatabase } from '../queries.ts';
import { refuseNewer } from '../schema-version.ts';
import { POSTGRES_MIGRATIONS } from './migrations.ts';
import { ClaimLostError } from '../../ports/claims.ts';
import { AlreadyRecordedError, LedgerForgedError, LedgerUnavailableError } from '../../ports/ledger.ts';
import { messageOf } from '../../core/values/cause.ts';

/** Reads and claims beside the one writer. */
const MAX_CONNECTIONS = 6;
const CONNECT_TIMEOUT_MS = 5 * SECOND;
/** A server that is half dead must not hold a request for ever. */
const QUERY_TIMEOUT_MS = 10 * SECOND;
/** How long a start waits for a server that restarts or is not up yet. */
const START_DEADLINE_MS = MINUTE;
const START_RETRY_MS = SECOND / 2;
const VERSION = 'SELECT max(version) AS version FROM schema_version';
/** Any number, the same in every version: two replicas that start at once migrate one after the other. */
const MIGRATION_LOCK = 0x6f61_0001;

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database?sslmode=verify-full`; asked for at each new connection. */
  readonly url: () => string;
  /** Ends a start that waits for the server. */
  readonly signal?: AbortSignal;
  /** Whether the schema is brought up to date; it is unless told. */
  readonly migrate?: boolean;
  /** How long a server that cannot be reached is waited for; a minute unless told. */
  readonly patienceMs?: number;
}

/** PostgreSQL's number for the type bigint. Sequence numbers stay far below 2^53, so they are numbers here. */
const BIGINT: number = types.builtins.INT8;
const parsers: typeof types = {
  ...types,
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === BIGINT
      ? Number
      : (types.getTypeParser as TypeParsers)(oid, format)) as typeof types.getTypeParser,
};
type TypeParsers = (oid: number, format: 'text' | 'binary') => unknown;

/** Connections to one PostgreSQL database whose schema is up to date. Every failure is a LedgerUnavailableError. */
export class PostgresDatabase implements ReadDatabase {
  readonly shown = 'the database';
  readonly bytes = "pg_total_relation_size('entry')";
  readonly #pool: Pool;
  #closed: Promise<void> | null = null;

  private constructor(pool: Pool) {
    this.#pool = pool;
    // An idle connection that the server ends, at its restart for instance: the pool makes a new one when it needs it.
    this.#pool.on('error', () => undefined);
  }

  /** Connects and brings the schema up to date; waits up to a minute for a server that restarts. */
  static async open(options: PostgresOptions): Promise<PostgresDatabase> {
    const deadline = performance.now() + (options.patienceMs ?? START_DEADLINE_MS);
    for (;;) {
      const database = new PostgresDatabase(poolOf(options));
      try {
        if (options.migrate ?? true) await database.#migrate();
        else await database.query('SELECT 1');
        return database;
      } catch (error) {
        await database.close();
        if (!isPassing(error) || performance.now() > deadline) throw error;
        await delay(START_RETRY_MS, undefined, { signal: options.signal });
      }
    }
  }

  async query<Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query(sql, [...values])).rows as Row[];
    } catch (error) {
      throw postgresError(error);
    }
  }

  field(alias: string, name: string): string {
    return `(${alias}.event::json ->> '${name}') COLLATE "C"`;
  }

  async columnsOf(table: string): Promise<readonly string[]> {
    const columns = await this.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
       WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
      [table],
    );
    return columns.map(({ name }) => name);
  }

  /** Runs `work` on one connection. After a failure the connection is thrown away: what it was doing ends with it. */
  async exclusively<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient | null = null;
    try {
      client = await this.#pool.connect();
      client.on('error', ignore);
      const result = await work(client);
      client.off('error', ignore);
      client.release();
      return result;
    } catch (error) {
      client?.release(true);
      throw postgresError(error);
    }
  }

  /** Null where there is no ledger yet. Throws LedgerUnavailableError for one of a newer version. */
  async schemaVersion(): Promise<number | null> {
    const [table] = await this.query<{ there: boolean }>(
      "SELECT to_regclass('schema_version') IS NOT NULL AS there",
    );
    if (table?.there !== true) return null;
    const [found] = await this.query<{ version: number | null }>(VERSION);
    refuseNewer(found?.version ?? 0, POSTGRES_MIGRATIONS.length);
    return found?.version ?? null;
  }

  close(): Promise<void> {
    this.#closed ??= this.#pool.end();
    return this.#closed;
  }

  async #migrate(): Promise<void> {
    await this.exclusively(async (client) => {
      await client.query(
        `BEGIN; SELECT pg_advisory_xact_lock(${MIGRATION_LOCK});
         CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, since timestamptz NOT NULL)`,
      );
      const found = await client.query<{ version: number | null }>(VERSION);
      const version = found.rows[0]?.version ?? 0;
      refuseNewer(version, POSTGRES_MIGRATIONS.length);
      for (const [index, sql] of POSTGRES_MIGRATIONS.entries()) {
        if (index < version) continue;
        await client.query(sql);
        await client.query('INSERT INTO schema_version VALUES ($1, now())', [index + 1]);
      }
      await client.query('COMMIT');
    });
  }
}

function poolOf({ url }: PostgresOptions): Pool {
  /** Each connection asks for the address anew, so that a password can be changed while the service runs. */
  class CurrentClient extends Client {
    constructor() {
      super({
        connectionString: url(),
        application_name: 'oncall-approver',
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        query_timeout: QUERY_TIMEOUT_MS,
        keepAlive: true,
        types: parsers,
      });
    }
  }
  return new Pool({
    Client: CurrentClient,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
}

/** The query that is under way is rejected as well: that is where the failure is handled. */
function ignore(): void {
  // Without a listener Node would end the process.
}

/** PostgreSQL's SQLSTATE for a second row with the same key (postgresql.org/docs/current/errcodes-appendix.html). */
const UNIQUE_VIOLATION = '23505';

/** By SQLSTATE, or by the code of Node's socket error. */
const REMEDIES: Readonly<Record<string, string>> = {
  '25006': 'it is read-only: the address leads to a standby, name the primary',
  '28000': 'it refuses the user: check `ledger.postgres` and pg_hba.conf',
  '28P01': 'it refuses the password: check `ledger.postgres`',
  '3D000': 'it has no such database: create it, or check `ledger.postgres`',
  '42501': "the user may not do that: it must own the ledger's tables",
  '53100': "the server's disk is full: free some space; nothing is approved until then",
  '53300': 'the server has no connection left: raise max_connections, or lower it for others',
  '55P03': 'another replica holds the chain for too long: look for a transaction that does not end',
  '57P01': 'the server is shutting down: it is tried again',
  '57P02': 'the server has crashed and restarts: it is tried again',
  '57P03': 'the server is starting up: it is tried again',
  ECONNREFUSED: 'nothing listens at its address: is the server running',
  ECONNRESET: 'the connection broke: is the server restarting',
  ENOENT: 'its socket is not there: is the server running',
  ENOTFOUND: 'its host name is not known: check `ledger.postgres`',
  ETIMEDOUT: 'it does not answer: check the network path',
};

/** States that pass by themselves: a start waits for them. */
const PASSING: ReadonlySet<string> = new Set([
  '57P01',
  '57P02',
  '57P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ETIMEDOUT',
]);

/** The one place where PostgreSQL's errors get their meaning. Neither address nor password is repeated. */
function postgresError(error: unknown): Error {
  const known = [AlreadyRecordedError, ClaimLostError, LedgerForgedError, LedgerUnavailableError];
  if (error instanceof Error && known.some((kind) => error instanceof kind)) return error;
  const code = codeOf(error);
  if (code === UNIQUE_VIOLATION) return new AlreadyRecordedError('recorded before', { cause: error });
  const detail = messageOf(error);
  return new LedgerUnavailableError(
    `the ledger in PostgreSQL cannot be used: ${REMEDIES[code] ?? detail} ${code === '' ? '' : `(${code})`}`.trim(),
    { cause: error },
  );
}

/** Whether waiting may help: the server restarts, or is not there yet. */
function isPassing(error: unknown): boolean {
  const cause = error instanceof LedgerUnavailableError ? error.cause : error;
  return PASSING.has(codeOf(cause));
}

function codeOf(error: unknown): string {
  // Several addresses of one host were tried: the first one speaks for all.
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = one instanceof Error && 'code' in one ? one.code : '';
  return typeof code === 'string' ? code : '';
}
