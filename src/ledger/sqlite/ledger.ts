import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RequestId } from '../../core/access-request.ts';
import type { Instant } from '../../core/values/instant.ts';
import { onceKeyOf, type LedgerEntry, type LedgerEvent } from '../../core/record/ledger-entry.ts';
import type { LedgerKeys } from '../../ports/ledger-history.ts';
import {
  AlreadyRecordedError,
  LedgerForgedError,
  type Asked,
  type EndedEntry,
  type GroupPages,
  type Ledger,
  type LedgerSize,
} from '../../ports/ledger.ts';
import { believedEntries, isBehind, recordedBy } from '../believed.ts';
import {
  GENESIS,
  endedAfterSql,
  entryOf,
  sizeSql,
  rowOf,
  storedOf,
  ledgerIdIn,
  readSeal,
  sealingFor,
  type EntryRow,
  type Sealing,
} from '../rows.ts';
import type { OnForged } from '../ledger-settings.ts';
import { SharedPages, type PagesDialect } from '../shared-pages.ts';
import { openDatabase, sqliteError, sqliteGuard } from './database.ts';
import { AddressCount, TipMemory, type Tip } from '../tip-memory.ts';

const BYTES = '(SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)';

const DIALECT: PagesDialect = {
  field: (alias, name) => `json_extract(${alias}.event, '$.${name}')`,
  values: ['?', '?', '?'],
};

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
export class SqliteLedger implements Ledger {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #open: StatementSync;
  readonly #settle: StatementSync;
  readonly #ofRequest: StatementSync;
  readonly #end: StatementSync;
  readonly #ends: StatementSync;
  readonly #lastOf: StatementSync;
  readonly #hashAt: StatementSync;
  readonly sealing: Sealing | null;
  readonly #pages: SharedPages;
  readonly #memory = new TipMemory();
  readonly #addresses: AddressCount;
  readonly #onForged: OnForged;
  #waiting: Waiting[] = [];
  /** The end of the chain inside the present transaction, and the last entries that it wrote, by request. */
  #tip: Tip = { seq: 0, hash: GENESIS };
  #fresh = new Map<RequestId, number>();
  #nobodyElseWrote = false;

  /** Opens or creates the file and brings its schema up to date. Throws LedgerUnavailableError, also where `keys` are not the ledger's. */
  constructor(file: string, { keys, sealing, addresses, onForged }: SqliteLedgerOptions = {}) {
    this.#db = sqliteGuard(file, () => openDatabase(file));
    this.#onForged = onForged ?? (() => undefined);
    this.#addresses = addresses ?? new AddressCount();
    this.#insert = this.#db.prepare(
      `INSERT INTO entry (seq, at, kind, request_id, once_key, event, hash, seal)
       VALUES (:seq, :at, :kind, :request_id, :once_key, :event, :hash, :seal)`,
    );
    this.#lastOf = this.#db.prepare('SELECT max(seq) AS seq FROM entry WHERE request_id = ?');
    this.#open = this.#db.prepare('INSERT OR IGNORE INTO open_request (request_id) VALUES (?)');
    this.#settle = this.#db.prepare('DELETE FROM open_request WHERE request_id = ?');
    this.#hashAt = this.#db.prepare('SELECT hash FROM entry WHERE seq = ?');
    this.#ofRequest = this.#db.prepare(
      'SELECT seq, at, kind, request_id, once_key, event, hash, seal FROM entry WHERE request_id = ? ORDER BY seq',
    );
    this.#end = this.#db.prepare('SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1');
    this.#ends = this.#db.prepare('SELECT seq, hash, seal FROM entry ORDER BY seq DESC');
    try {
      this.sealing = sealing ?? sqliteGuard(file, () => sealingFor(keys ?? null, this.#mark()));
    } catch (error) {
      this.#db.close();
      throw error;
    }
    this.#pages = new SharedPages(
      (sql, values) => this.#read(sql, (statement) => statement.all(...values) as never),
      DIALECT,
      this.sealing,
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

  entriesOf(requestId: RequestId): Promise<readonly LedgerEntry[]> {
    return this.#guarded(() => {
      const rows = this.#ofRequest.all(requestId) as unknown as EntryRow[];
      if (this.sealing === null) return rows.map(entryOf);
      const lastKnown = this.#memory.lastOf(requestId);
      const isRemoved = (seq: number) => this.#isRemoved(seq);
      return believedEntries(requestId, rows, this.sealing, { lastKnown, isRemoved });
    });
  }

  open(): Promise<readonly RequestId[]> {
    return this.#read('SELECT request_id FROM open_request ORDER BY request_id', (statement) =>
      statement.all().map((row) => String(row['request_id'])),
    );
  }

  endedAfter(seq: number, limit: number): Promise<readonly EndedEntry[]> {
    return this.#read(endedAfterSql('?', '?'), (statement) =>
      statement.all(seq, limit).map((row) => ({ ...row }) as unknown as EndedEntry),
    );
  }

  markSettled(requestId: RequestId, settled: boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#put({
      write: () => {
        (settled ? this.#settle : this.#open).run(requestId);
        return () => {
          if (settled) this.#memory.forget(requestId);
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

  async *entries(): AsyncIterable<LedgerEntry> {
    const page = 'SELECT * FROM entry WHERE seq > ? ORDER BY seq LIMIT 500';
    for (let last = 0; ;) {
      const rows = sqliteGuard('', () => this.#db.prepare(page).all(last)) as unknown as EntryRow[];
      if (rows.length === 0) return;
      for (const row of rows) yield await Promise.resolve(entryOf(row));
      last = rows.at(-1)?.seq ?? last;
    }
  }

  pagesOf(group: string): Promise<GroupPages> {
    return this.#pages.pagesOf(group);
  }

  askedOn(page: string): Promise<readonly Asked[]> {
    return this.#pages.askedOn(page);
  }

  isWaitedOn(page: string, except: RequestId): Promise<boolean> {
    return this.#pages.isWaitedOn(page, except);
  }

  /** One transaction that adds a mark and removes it: SQLite must lock the file, write its log and have room for it. */
  probe(): Promise<void> {
    return this.#guarded(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        this.#open.run('');
        this.#db.exec("DELETE FROM open_request WHERE request_id = ''; COMMIT");
      } finally {
        if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK');
      }
    });
  }

  size(): Promise<LedgerSize> {
    return this.#read(sizeSql(BYTES), (statement) => statement.get() as unknown as LedgerSize);
  }

  close(): Promise<void> {
    this.#commit();
    this.#db.close();
    return Promise.resolve();
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
      this.#db.exec('BEGIN IMMEDIATE');
      // As it is on disk: another process may have written since.
      this.#tip = (this.#end.get() as Tip | undefined) ?? { seq: 0, hash: GENESIS };
      this.#fresh = new Map();
      this.#nobodyElseWrote = this.#memory.seen?.hash === this.#tip.hash;
      if (!this.#nobodyElseWrote) this.#countAddresses();
      this.#recordWhatIsLost(waiting.find(({ at }) => at !== undefined)?.at);
      for (const { write } of waiting) answers.push(write());
      this.#db.exec('COMMIT');
      this.#memory.saw(this.#tip);
      for (const [id, seq] of this.#fresh) this.#memory.remember(id, seq);
    } catch (error) {
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK');
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
    this.#db.exec('SAVEPOINT one');
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
          this.#open.run(row.request_id);
          own.set(row.request_id, row.seq);
        }
        tip = row;
        return { seq: row.seq, at, event, hash: row.hash };
      });
      this.#db.exec('RELEASE one');
      this.#tip = tip;
      if (this.sealing !== null) for (const [id, seq] of own) this.#fresh.set(id, seq);
      return entries;
    } catch (error) {
      const known = sqliteError(error);
      if (!(known instanceof AlreadyRecordedError)) throw error;
      this.#db.exec('ROLLBACK TO one; RELEASE one');
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
    for (const row of this.#ends.iterate() as Iterable<unknown> as Iterable<EntryRow>) {
      if (this.sealing.holdsFor(row)) return this.#addresses.raise(readSeal(row.seal).addresses);
    }
    return this.#addresses.known;
  }

  /** The row that stands where this event would. */
  #recorded(event: LedgerEvent): { event: LedgerEvent; row: EntryRow }[] {
    const sql = 'SELECT * FROM entry WHERE once_key = ?';
    const row = this.#db.prepare(sql).get(onceKeyOf(event)) as EntryRow | undefined;
    return row === undefined ? [] : [{ event, row }];
  }

  /** The last entry of the request, as far as this process or the file knows: the later of the two. */
  #priorOf(requestId: RequestId): number {
    const fresh = this.#fresh.get(requestId);
    if (fresh !== undefined) return fresh;
    const known = this.#memory.lastOf(requestId);
    if (known !== undefined && this.#nobodyElseWrote) return known;
    return Math.max(known ?? 0, Number(this.#lastOf.get(requestId)?.['seq'] ?? 0));
  }

  /** The mark, or the checkpoint that stands for it. */
  #mark() {
    const one = (where: string) =>
      this.#db.prepare(`SELECT * FROM entry WHERE ${where} LIMIT 1`).get() as EntryRow | undefined;
    const mark = one("once_key = 'sealed-from'") ?? one("kind = 'checkpoint' ORDER BY seq DESC");
    return mark === undefined || ledgerIdIn(mark.event) === null ? null : storedOf(mark);
  }

  #isRemoved(seq: number): boolean {
    const sql = "SELECT * FROM entry WHERE kind = 'checkpoint' ORDER BY seq DESC LIMIT 20";
    return isBehind(this.#db.prepare(sql).all() as unknown as EntryRow[], seq, this.sealing);
  }

  /** Entries that this process has seen and that are gone: the chain goes on, and says so. */
  #recordWhatIsLost(at: Instant | undefined): void {
    const { seen } = this.#memory;
    if (this.sealing === null || seen === null || at === undefined) return;
    const there = this.#nobodyElseWrote ? this.#tip.hash : this.#hashAt.get(seen.seq)?.['hash'];
    const lost = this.#memory.lost(this.#tip, there as string | undefined);
    if (lost === null) return;
    this.#appendOne([lost], at);
    this.#onForged(new LedgerForgedError(null, seen.seq, 'was written, and is missing or another one'));
  }

  #read<T>(sql: string, use: (statement: StatementSync) => T): Promise<T> {
    return this.#guarded(() => use(this.#db.prepare(sql)));
  }

  #guarded<T>(use: () => T): Promise<T> {
    try {
      return Promise.resolve(use());
    } catch (error) {
      return Promise.reject(sqliteError(error));
    }
  }
}
