import { randomUUID } from 'node:crypto';
import type { Instant } from '../../core/values/instant.ts';
import type { LedgerEntry, LedgerEvent } from '../../core/record/ledger-entry.ts';
import type { RequestId } from '../../core/access-request.ts';
import type { Fence } from '../../ports/claims.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { OnForged, PostgresSettings } from '../ledger-settings.ts';
import { CHECKPOINTS, LedgerReads, MARK, markAmong } from '../reads.ts';
import { sealingFor, type EntryRow, type Sealing } from '../rows.ts';
import { AddressCount } from '../tip-memory.ts';
import { addressesIn, SEALS_BEFORE, settle, write, type Settling, type Waiting } from './append.ts';
import { PostgresDatabase } from './database.ts';
import type { LedgerKeys } from '../../ports/ledger-history.ts';
import { newPageSecret, pageMac, pageSecretOf, sealedPageMac } from '../page-secret.ts';
import { PostgresClaims } from './claims.ts';

export interface PostgresLedgerOptions {
  /** With which entries are sealed and believed; null for a ledger without seals. */
  readonly sealing?: Sealing | null;
  /** Shared with whoever keeps the first addresses. */
  readonly addresses?: AddressCount;
  /** Told of entries that are gone. */
  readonly onForged?: OnForged;
}

/**
 * The ledger in PostgreSQL, for several replicas: one chain without gaps, since writers take turns. Appends that wait in one
 * process while a transaction is under way share the next one, each all-or-nothing for itself.
 */
export class PostgresLedger extends LedgerReads implements Ledger {
  readonly #database: PostgresDatabase;
  readonly #addresses: AddressCount;
  readonly #onForged: OnForged;
  #waiting: Waiting[] = [];
  #settling: Settling[] = [];
  #committing: Promise<void> | null = null;

  constructor(database: PostgresDatabase, { sealing, addresses, onForged }: PostgresLedgerOptions = {}) {
    super(database, sealing ?? null);
    this.#database = database;
    this.#addresses = addresses ?? new AddressCount();
    this.#onForged = onForged ?? (() => undefined);
  }

  append(
    events: readonly LedgerEvent[],
    at: Instant,
    fence: Fence | null = null,
  ): Promise<readonly LedgerEntry[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly LedgerEntry[]>();
    this.#waiting.push({ events, at, fence, resolve, reject });
    this.#committing ??= this.#commitAll();
    return promise;
  }

  async settle(requestId: RequestId, known: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#settling.push({ requestId, known, resolve: () => resolve(undefined), reject });
    this.#committing ??= this.#commitAll();
    await promise;
    this.memory.forget(requestId);
  }

  async reopen(requestId: RequestId): Promise<void> {
    await this.#database.query('INSERT INTO open_request VALUES ($1) ON CONFLICT DO NOTHING', [requestId]);
  }

  /** How many first addresses there were when the last entry that this service wrote was sealed. Throws LedgerUnavailableError. */
  async addressesKnown(): Promise<number> {
    if (this.sealing === null) return 0;
    const read = (values: number[]) => this.#database.query<EntryRow>(SEALS_BEFORE, values);
    return this.#addresses.raise(await addressesIn(this.sealing, read));
  }

  /** One transaction that adds a mark and removes it: the server must have room for it, and flush it to disk. */
  async probe(): Promise<void> {
    const mark = `probe ${randomUUID()}`;
    await this.#database.exclusively(async (client) => {
      await client.query('BEGIN');
      await client.query('INSERT INTO open_request VALUES ($1)', [mark]);
      await client.query('DELETE FROM open_request WHERE request_id = $1', [mark]);
      await client.query('COMMIT');
    });
  }

  async close(): Promise<void> {
    await this.#committing;
    await this.#database.close();
  }

  #remember(rows: readonly EntryRow[]): void {
    const last = rows.at(-1);
    if (this.sealing === null || last === undefined) return;
    this.memory.saw(last);
    for (const { request_id: id, seq } of rows) if (id !== null) this.memory.remember(id, seq);
  }

  /** Never rejects: each waiting caller gets its own answer. */
  async #commitAll(): Promise<void> {
    // A turn's delay lets those who append at this moment share the first transaction.
    await Promise.resolve();
    while (this.#waiting.length + this.#settling.length > 0) {
      await this.#write(this.#waiting.splice(0));
      await this.#settle(this.#settling.splice(0));
    }
    this.#committing = null;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      const context = { sealing: this.sealing, memory: this.memory, addresses: this.#addresses };
      const { answers, rows, lost } = await this.#database.exclusively((client) =>
        write(client, batch, context),
      );
      this.#remember(rows);
      if (lost !== null) this.#onForged(lost);
      for (const answer of answers) answer();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async #settle(batch: readonly Settling[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      await this.#database.exclusively((client) => settle(client, batch));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

interface PostgresOpening {
  readonly keys: LedgerKeys | null;
  readonly onForged: OnForged;
  /** Shared with whoever keeps the first addresses. */
  readonly count: AddressCount;
  /** Ends a start that waits for the server. */
  readonly signal: AbortSignal;
}

/** The ledger and the claims in one PostgreSQL database. Throws LedgerUnavailableError; waits a minute for a server that restarts. */
export async function openPostgres(
  { url }: PostgresSettings,
  { keys, onForged, count, signal }: PostgresOpening,
): Promise<{
  database: PostgresDatabase;
  ledger: PostgresLedger;
  claims: PostgresClaims;
  keyMac: (text: string) => string;
}> {
  const database = await PostgresDatabase.open({ url: () => url.reveal(), signal });
  try {
    const keyMac = keys === null ? pageMac(await postgresPageSecret(database)) : sealedPageMac(keys);
    const mark = markAmong(await database.query(MARK), await database.query(CHECKPOINTS));
    const sealing = sealingFor(keys, mark);
    const ledger = new PostgresLedger(database, { sealing, onForged, addresses: count });
    return { database, ledger, claims: new PostgresClaims(database), keyMac };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The secret for the keys of pages where the ledger has no key: the first replica makes it. Throws LedgerUnavailableError. */
async function postgresPageSecret(database: Pick<PostgresDatabase, 'query'>): Promise<Uint8Array> {
  const insert = 'INSERT INTO page_secret (secret) VALUES ($1) ON CONFLICT DO NOTHING';
  await database.query(insert, [newPageSecret()]);
  const [row] = await database.query<{ secret: string }>('SELECT secret FROM page_secret');
  return pageSecretOf(row?.secret ?? '', 'the table `page_secret`');
}
