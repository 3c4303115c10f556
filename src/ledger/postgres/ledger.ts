import { randomUUID } from 'node:crypto';
import type { PoolClient, QueryResultRow } from 'pg';
import type { RequestId } from '../../core/access-request.ts';
import type { Instant } from '../../core/values/instant.ts';
import { onceKeyOf, subjectOf, type LedgerEntry, type LedgerEvent } from '../../core/record/ledger-entry.ts';
import { ClaimLostError, type Fence } from '../../ports/claims.ts';
import { AlreadyRecordedError, LedgerForgedError, type Ledger, type LedgerSize } from '../../ports/ledger.ts';
import { believedEntries, isBehind, recordedBy } from '../believed.ts';
import { GENESIS } from '../chain.ts';
import type { PostgresDatabase } from './database.ts';
import { entryOf, rowOf, storedOf, type EntryRow, type SealWith } from '../rows.ts';
import { ledgerIdIn, type SealedEntry, type Sealing } from '../sealing.ts';
import { TipMemory, type Tip } from '../tip-memory.ts';

const PAGE = 500;
/** Any number, the same in every version; the table's own number beside it keeps two ledgers of one database apart. */
const WRITER_LOCK = 0x6f61;

/**
 * One writer at a time, whatever its replica: the lock goes with the transaction, also when its process is killed, and after
 * 5 s when its machine is cut off. READ COMMITTED, so that the end of the chain is read as it is once the lock is had.
 */
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED;
  SET LOCAL lock_timeout = '5s';
  SET LOCAL idle_in_transaction_session_timeout = '5s';
  SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';
  SELECT pg_advisory_xact_lock(${WRITER_LOCK}, 'entry'::regclass::oid::integer)`;
const LAST = 'SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1';
const HASH_AT = 'SELECT hash FROM entry WHERE seq = $1';
const RECORDED = 'SELECT * FROM entry WHERE once_key = ANY($1::text[])';
const LAST_OF =
  'SELECT request_id, max(seq) AS seq FROM entry WHERE request_id = ANY($1::text[]) GROUP BY request_id';
const MARK = "SELECT * FROM entry WHERE once_key = 'sealed-from' LIMIT 1";
const CHECKPOINTS = "SELECT * FROM entry WHERE kind = 'checkpoint' ORDER BY seq DESC LIMIT 20";
const INSERT = `
  WITH opened AS (
    INSERT INTO open_request SELECT DISTINCT id FROM unnest($4::text[]) AS id WHERE id IS NOT NULL
    ON CONFLICT DO NOTHING
  )
  INSERT INTO entry (seq, at, kind, request_id, once_key, event, hash, seal)
  SELECT * FROM unnest(
    $1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])`;

/**
 * The claims that stand, by the server's clock. They are held fast until the commit: whoever wants to take one over waits for
 * it, and then reads what was written under it.
 */
const HELD = `
  SELECT claim.request_id, claim.owner FROM claim
  JOIN unnest($1::text[], $2::text[]) AS fence (request_id, owner)
    ON claim.request_id = fence.request_id AND claim.owner = fence.owner
  JOIN replica ON replica.owner = claim.owner AND replica.until > clock_timestamp()
  ORDER BY claim.request_id FOR SHARE OF claim`;

interface Waiting {
  readonly events: readonly LedgerEvent[];
  readonly at: Instant;
  readonly fence: Fence | null;
  readonly resolve: (entries: readonly LedgerEntry[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What a transaction wrote, and the answers to give once it is committed. */
interface Written {
  readonly rows: EntryRow[];
  readonly answers: (() => void)[];
  /** What was found to be gone. */
  readonly lost: LedgerForgedError | null;
}

export interface PostgresLedgerOptions {
  /** With which entries are sealed and believed; null for a ledger without seals. */
  readonly sealing?: Sealing | null;
  /** Told of entries that are gone. */
  readonly onForged?: (forged: LedgerForgedError) => void;
}

/** The mark of the ledger, or the checkpoint that stands for it; null where there is none. */
export async function postgresMark(database: PostgresDatabase): Promise<SealedEntry | null> {
  const [mark] = await database.query<EntryRow>(MARK);
  const [standIn] = mark === undefined ? await database.query<EntryRow>(CHECKPOINTS) : [mark];
  return standIn === undefined || ledgerIdIn(standIn.event) === null ? null : storedOf(standIn);
}

/**
 * The ledger in PostgreSQL, for several replicas: one chain without gaps, since writers take turns. Appends that wait in one
 * process while a transaction is under way share the next one, each all-or-nothing for itself.
 */
export class PostgresLedger implements Ledger {
  readonly #database: PostgresDatabase;
  readonly #sealing: Sealing | null;
  readonly #memory = new TipMemory();
  readonly #onForged: (forged: LedgerForgedError) => void;
  #waiting: Waiting[] = [];
  #committing: Promise<void> | null = null;

  constructor(database: PostgresDatabase, { sealing, onForged }: PostgresLedgerOptions = {}) {
    this.#database = database;
    this.#sealing = sealing ?? null;
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

  async entriesOf(requestId: RequestId): Promise<readonly LedgerEntry[]> {
    const lastKnown = this.#memory.lastOf(requestId);
    const rows = await this.#database.query<EntryRow>(
      'SELECT * FROM entry WHERE request_id = $1 ORDER BY seq',
      [requestId],
    );
    const sealing = this.#sealing;
    if (sealing === null) return rows.map(entryOf);
    const options = (checkpoints: readonly EntryRow[]) => ({
      // As it was before the rows were read: another append may have been faster.
      lastKnown,
      isRemoved: (seq: number) => isBehind(checkpoints, seq, sealing),
    });
    try {
      return believedEntries(requestId, rows, sealing, options([]));
    } catch (error) {
      if (!(error instanceof LedgerForgedError)) throw error;
      return believedEntries(requestId, rows, sealing, options(await this.#database.query(CHECKPOINTS)));
    }
  }

  async open(): Promise<readonly RequestId[]> {
    const sql = 'SELECT request_id FROM open_request ORDER BY request_id';
    return (await this.#database.query<{ request_id: string }>(sql)).map(({ request_id }) => request_id);
  }

  async markSettled(requestId: RequestId, settled: boolean): Promise<void> {
    const sql = settled
      ? 'DELETE FROM open_request WHERE request_id = $1'
      : 'INSERT INTO open_request VALUES ($1) ON CONFLICT DO NOTHING';
    await this.#database.query(sql, [requestId]);
    if (settled) this.#memory.forget(requestId);
  }

  async *entries(): AsyncIterable<LedgerEntry> {
    const page = `SELECT * FROM entry WHERE seq > $1 ORDER BY seq LIMIT ${PAGE}`;
    for (let last = 0; ;) {
      const rows = await this.#database.query<EntryRow>(page, [last]);
      yield* rows.map(entryOf);
      if (rows.length < PAGE) return;
      last = rows.at(-1)?.seq ?? last;
    }
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

  async size(): Promise<LedgerSize> {
    const [size] = await this.#database.query<LedgerSize & QueryResultRow>(
      `SELECT (SELECT count(*) FROM open_request) AS open,
         coalesce(max(seq) - min(seq) + 1, 0) AS entries,
         pg_total_relation_size('entry') AS bytes
       FROM entry`,
    );
    return size ?? { open: 0, entries: 0, bytes: 0 };
  }

  async close(): Promise<void> {
    await this.#committing;
    await this.#database.close();
  }

  #remember(rows: readonly EntryRow[]): void {
    const last = rows.at(-1);
    if (this.#sealing === null || last === undefined) return;
    this.#memory.saw(last);
    for (const { request_id: id, seq } of rows) if (id !== null) this.#memory.remember(id, seq);
  }

  /** Never rejects: each waiting caller gets its own answer. */
  async #commitAll(): Promise<void> {
    // A turn's delay lets those who append at this moment share the first transaction.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const context = { sealing: this.#sealing, memory: this.#memory };
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
    this.#committing = null;
  }
}

interface Context {
  readonly sealing: Sealing | null;
  readonly memory: TipMemory;
}

async function write(
  client: PoolClient,
  batch: readonly Waiting[],
  { sealing, memory }: Context,
): Promise<Written> {
  await client.query(BEGIN);
  const held = await heldOf(client, batch);
  const last = (await client.query<EntryRow>(LAST)).rows[0] ?? { seq: 0, hash: GENESIS };
  const events = batch.flatMap((each) => each.events);
  const onceKeys = events.map(onceKeyOf).filter((key) => key !== null);
  const { rows: recorded } = await client.query<EntryRow>(RECORDED, [onceKeys]);
  const priors = sealing === null ? new Map<string, number>() : await priorsOf(client, events, memory);
  const lost = sealing === null ? null : await lostSince(client, last, memory);
  const written = rowsOf(batch, last, {
    recorded: new Map(recorded.map((row) => [row.once_key ?? '', row])),
    held,
    lost,
    seal: { sealing, priorOf: (id) => priors.get(id) ?? 0 },
    onWritten: (id, seq) => priors.set(id, seq),
  });
  if (written.rows.length > 0) await client.query(INSERT, columnsOf(written.rows));
  await client.query('COMMIT');
  return written;
}

/** The last entry of each request, as far as this process or the database knows: the later of the two. */
async function priorsOf(client: PoolClient, events: readonly LedgerEvent[], memory: TipMemory) {
  const ids = [...new Set(events.map(subjectOf).filter((id) => id !== null))];
  const { rows } = await client.query<{ request_id: string; seq: number }>(LAST_OF, [ids]);
  const stored = new Map(rows.map(({ request_id, seq }) => [request_id, seq]));
  return new Map(ids.map((id) => [id, Math.max(stored.get(id) ?? 0, memory.lastOf(id) ?? 0)]));
}

async function lostSince(client: PoolClient, found: Tip, memory: TipMemory): Promise<LedgerEvent | null> {
  if (memory.seen === null) return null;
  const { rows } = await client.query<{ hash: string }>(HASH_AT, [memory.seen.seq]);
  return memory.lost(found, rows[0]?.hash);
}

/** The fences of the batch whose claims stand. */
async function heldOf(client: PoolClient, batch: readonly Waiting[]): Promise<ReadonlySet<string>> {
  const fences = batch.flatMap(({ fence }) => (fence === null ? [] : [fence]));
  if (fences.length === 0) return new Set();
  const { rows } = await client.query<{ request_id: string; owner: string }>(HELD, [
    fences.map(({ requestId }) => requestId),
    fences.map(({ owner }) => owner),
  ]);
  return new Set(rows.map(({ request_id: requestId, owner }) => nameOf({ requestId, owner })));
}

function nameOf({ requestId, owner }: Fence): string {
  return `${owner} ${requestId}`;
}

/** Each caller's events follow the chain, or none of them where one was recorded before, or the claim is another's. */
function rowsOf(
  batch: readonly Waiting[],
  end: { readonly seq: number; readonly hash: string },
  known: {
    readonly recorded: ReadonlyMap<string, EntryRow>;
    readonly held: ReadonlySet<string>;
    readonly lost: LedgerEvent | null;
    readonly seal: SealWith;
    readonly onWritten: (requestId: RequestId, seq: number) => void;
  },
): Written {
  const { sealing } = known.seal;
  const taken = new Set(known.recorded.keys());
  const rowsBefore: EntryRow[] = [];
  const [{ at: now } = { at: '' as Instant }] = batch;
  // What this process has seen and what is gone now: the chain goes on, and says so.
  if (known.lost !== null) rowsBefore.push(rowOf(known.lost, now, end, known.seal));
  const lost =
    known.lost?.kind === 'cut-off'
      ? new LedgerForgedError(null, known.lost.known.seq, 'was written, and is missing or another one')
      : null;
  const written: Written = { rows: rowsBefore, answers: [], lost };
  let last: Tip = rowsBefore.at(-1) ?? end;
  for (const { events, at, fence, resolve, reject } of batch) {
    if (fence !== null && !known.held.has(nameOf(fence))) {
      written.answers.push(() => reject(new ClaimLostError('the claim is over')));
      continue;
    }
    const keys = events.map(onceKeyOf).filter((key) => key !== null);
    if (new Set(keys).size < keys.length || keys.some((key) => taken.has(key))) {
      const there = events.flatMap((event) => {
        const row = known.recorded.get(onceKeyOf(event) ?? '');
        return row === undefined ? [] : [{ event, row }];
      });
      const forged = sealing === null ? null : recordedBy(there, sealing);
      written.answers.push(() => reject(forged ?? new AlreadyRecordedError('recorded before')));
      continue;
    }
    const rows: EntryRow[] = [];
    for (const event of events) {
      const row = rowOf(event, at, last, known.seal);
      if (row.request_id !== null) known.onWritten(row.request_id, row.seq);
      rows.push(row);
      last = row;
    }
    for (const key of keys) taken.add(key);
    written.rows.push(...rows);
    written.answers.push(() => resolve(rows.map(entryOf)));
  }
  return written;
}

function columnsOf(rows: readonly EntryRow[]): unknown[] {
  const columns = ['seq', 'at', 'kind', 'request_id', 'once_key', 'event', 'hash', 'seal'] as const;
  return columns.map((column) => rows.map((row) => row[column]));
}
