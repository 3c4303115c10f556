import type { StatementSync } from 'node:sqlite';
import type { RequestId } from '../../core/access-request.ts';
import type { Instant } from '../../core/values/instant.ts';
import { onceKeyOf, type LedgerEntry, type LedgerEvent } from '../../core/record/ledger-entry.ts';
import type { LedgerKeys } from '../../ports/ledger-history.ts';
import { AlreadyRecordedError, LedgerForgedError, type Ledger } from '../../ports/ledger.ts';
import { recordedBy } from '../believed.ts';
import type { OnForged } from '../ledger-settings.ts';
import { CHECKPOINTS, LedgerReads, MARK, markAmong } from '../reads.ts';
import { GENESIS, readSeal, rowOf, sealingFor, type EntryRow, type Sealing } from '../rows.ts';
import { AddressCount, type Tip } from '../tip-memory.ts';
import { SqliteDatabase, sqliteError, sqliteGuard } from './database.ts';

const OPEN = 'INSERT INTO open_request (request_id) VALUES ($1) ON CONFLICT DO NOTHING';
const SETTLE = `DELETE FROM open_request WHERE request_id = $1
  AND (SELECT count(*) FROM entry WHERE request_id = $1) <= $2`;
const LAST = 'SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1';

/** What waits for the next commit. */
interface Waiting {
  /** Writes inside the shared transaction, and gives the answer to give after the commit. */
  readonly write: () => () => void;
  readonly reject: (error: unknown) => void;
  /** When, for what is written into the chain. */
  readonly at?: Instant;
}

export interface SqliteLedgerOptions {
  /** With which entries are sealed and believed; null for a ledger without seals. */
  readonly keys?: LedgerKeys | null;
  /** Of a ledger that is about to get its mark. */
  readonly sealing?: Sealing;
  /** Shared with whoever keeps the first addresses. */
  readonly addresses?: AddressCount;
  /** Told of entries that are gone. */
  readonly onForged?: OnForged;
}

/**
 * The ledger in one SQLite file: write-ahead log, every commit on disk before it is answered (`synchronous = FULL`). Whatever is
 * waiting to be written at the same moment shares a commit, each append all-or-nothing for itself: under load the disk is asked
 * less often.
 */
export class SqliteLedger extends LedgerReads implements Ledger {
  readonly #database: SqliteDatabase;
  readonly #insert: StatementSync;
  readonly #addresses: AddressCount;
  readonly #onForged: OnForged;
  #waiting: Waiting[] = [];
  /** The end of the chain inside the present transaction, and the last entries that it wrote, by request. */
  #tip: Tip = { seq: 0, hash: GENESIS };
  #fresh = new Map<RequestId, number>();
  #nobodyElseWrote = false;

  /** Opens or creates the file and brings its schema up to date. Throws LedgerUnavailableError, also where `keys` are not the ledger's. */
  constructor(file: string, { keys, sealing, addresses, onForged }: SqliteLedgerOptions = {}) {
    const database = SqliteDatabase.open(file);
    super(database, sealing ?? sealingIn(database, keys ?? null));
    this.#database = database;
    this.#onForged = onForged ?? (() => undefined);
    this.#addresses = addresses ?? new AddressCount();
    this.#insert = database.prepared(
      `INSERT INTO entry (seq, at, kind, request_id, once_key, event, hash, seal)
       VALUES (:seq, :at, :kind, :request_id, :once_key, :event, :hash, :seal)`,
    );
  }

  append(events: readonly LedgerEvent[], at: Instant): Promise<readonly LedgerEntry[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly LedgerEntry[]>();
    this.#put({
      write: () => {
        const answer = this.#appendOne(events, at);
        return () => (answer instanceof Error ? reject(answer) : resolve(answer));
      },
      reject,
      at,
    });
    return promise;
  }

  settle(requestId: RequestId, known: number): Promise<void> {
    return this.#mark(() => this.#database.all(SETTLE, requestId, known), requestId);
  }

  reopen(requestId: RequestId): Promise<void> {
    return this.#mark(() => this.#database.all(OPEN, requestId));
  }

  #mark(write: () => unknown, settled?: RequestId): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#put({
      write: () => {
        write();
        return () => {
          if (settled !== undefined) this.memory.forget(settled);
          resolve(undefined);
        };
      },
      reject,
    });
    return promise;
  }

  /** How many first addresses there were when the last entry that this service wrote was sealed. Throws LedgerUnavailableError. */
  addressesKnown(): Promise<number> {
    return this.#guarded(() => this.#countAddresses());
  }

  /** One transaction that adds a mark and removes it: SQLite must lock the file, write its log and have room for it. */
  probe(): Promise<void> {
    return this.#guarded(() => {
      const { db } = this.#database;
      db.exec('BEGIN IMMEDIATE');
      try {
        this.#database.all(OPEN, '');
        this.#database.all(SETTLE, '', 0);
        db.exec('COMMIT');
      } finally {
        this.#rollBack();
      }
    });
  }

  close(): Promise<void> {
    this.#commit();
    return this.#database.close();
  }

  #put(one: Waiting): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#commit());
    this.#waiting.push(one);
  }

  #commit(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    const answers: (() => void)[] = [];
    try {
      this.#database.db.exec('BEGIN IMMEDIATE');
      // As it is on disk: another process may have written since.
      this.#tip = (this.#database.prepared(LAST).get() as Tip | undefined) ?? { seq: 0, hash: GENESIS };
      this.#fresh = new Map();
      this.#nobodyElseWrote = this.memory.seen?.hash === this.#tip.hash;
      if (!this.#nobodyElseWrote) this.#countAddresses();
      this.#recordWhatIsLost(waiting.find(({ at }) => at !== undefined)?.at);
      for (const { write } of waiting) answers.push(write());
      this.#database.db.exec('COMMIT');
      this.memory.saw(this.#tip);
      for (const [id, seq] of this.#fresh) this.memory.remember(id, seq);
    } catch (error) {
      this.#rollBack();
      for (const { reject } of waiting) reject(sqliteError(error));
      return;
    }
    for (const answer of answers) answer();
  }

  /** One caller's events inside the shared transaction; a repetition undoes only its own. */
  #appendOne(
    events: readonly LedgerEvent[],
    at: Instant,
  ): readonly LedgerEntry[] | AlreadyRecordedError | LedgerForgedError {
    this.#database.db.exec('SAVEPOINT one');
    let tip = this.#tip;
    const own = new Map<RequestId, number>();
    const priorOf = (id: RequestId) => own.get(id) ?? this.#priorOf(id);
    try {
      const entries = events.map((event) => {
        const row = rowOf(event, at, tip, {
          sealing: this.sealing,
          priorOf,
          addresses: this.#addresses.known,
        });
        this.#insert.run({ ...row });
        if (row.request_id !== null) {
          if (!own.has(row.request_id)) this.#database.all(OPEN, row.request_id);
          own.set(row.request_id, row.seq);
        }
        tip = row;
        return { seq: row.seq, at, event, hash: row.hash };
      });
      this.#database.db.exec('RELEASE one');
      this.#tip = tip;
      if (this.sealing !== null) for (const [id, seq] of own) this.#fresh.set(id, seq);
      return entries;
    } catch (error) {
      const known = sqliteError(error);
      if (!(known instanceof AlreadyRecordedError)) throw error;
      this.#database.db.exec('ROLLBACK TO one; RELEASE one');
      return this.sealing === null
        ? known
        : (recordedBy(
            events.flatMap((event) => this.#recorded(event)),
            this.sealing,
          ) ?? known);
    }
  }

  /** By the newest entry whose seal holds: what others put behind it says nothing. */
  #countAddresses(): number {
    if (this.sealing === null) return 0;
    const newestFirst = this.#database.prepared('SELECT seq, hash, seal FROM entry ORDER BY seq DESC');
    for (const row of newestFirst.iterate() as Iterable<unknown> as Iterable<EntryRow>) {
      if (this.sealing.holdsFor(row)) return this.#addresses.raise(readSeal(row.seal).addresses);
    }
    return this.#addresses.known;
  }

  /** The row that stands where this event would. */
  #recorded(event: LedgerEvent): { event: LedgerEvent; row: EntryRow }[] {
    const sql = 'SELECT * FROM entry WHERE once_key = $1';
    return this.#database.all<EntryRow>(sql, onceKeyOf(event)).map((row) => ({ event, row }));
  }

  /** The last entry of the request, as far as this process or the file knows: the later of the two. */
  #priorOf(requestId: RequestId): number {
    const fresh = this.#fresh.get(requestId);
    if (fresh !== undefined) return fresh;
    const known = this.memory.lastOf(requestId);
    if (known !== undefined && this.#nobodyElseWrote) return known;
    const sql = 'SELECT max(seq) AS seq FROM entry WHERE request_id = $1';
    const [stored] = this.#database.all<{ readonly seq: number | null }>(sql, requestId);
    return Math.max(known ?? 0, stored?.seq ?? 0);
  }

  /** Entries that this process has seen and that are gone: the chain goes on, and says so. */
  #recordWhatIsLost(at: Instant | undefined): void {
    const { seen } = this.memory;
    if (this.sealing === null || seen === null || at === undefined) return;
    const [there] = this.#nobodyElseWrote
      ? [this.#tip]
      : this.#database.all<Tip>('SELECT seq, hash FROM entry WHERE seq = $1', seen.seq);
    const lost = this.memory.lost(this.#tip, there?.hash);
    if (lost === null) return;
    this.#appendOne([lost], at);
    this.#onForged(new LedgerForgedError(null, seen.seq, 'was written, and is missing or another one'));
  }

  #rollBack(): void {
    const { db } = this.#database;
    if (db.isOpen && db.isTransaction) db.exec('ROLLBACK');
  }

  #guarded<T>(use: () => T): Promise<T> {
    try {
      return Promise.resolve(use());
    } catch (error) {
      return Promise.reject(sqliteError(error));
    }
  }
}

function sealingIn(database: SqliteDatabase, keys: LedgerKeys | null): Sealing | null {
  try {
    return sqliteGuard(database.file, () =>
      sealingFor(keys, markAmong(database.all(MARK), database.all(CHECKPOINTS))),
    );
  } catch (error) {
    void database.close();
    throw error;
  }
}
