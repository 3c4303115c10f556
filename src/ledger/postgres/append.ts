import type { PoolClient } from 'pg';
import type { RequestId } from '../../core/access-request.ts';
import type { Instant } from '../../core/values/instant.ts';
import { onceKeyOf, subjectOf, type LedgerEntry, type LedgerEvent } from '../../core/record/ledger-entry.ts';
import { ClaimLostError, type Fence } from '../../ports/claims.ts';
import { AlreadyRecordedError, LedgerForgedError } from '../../ports/ledger.ts';
import { recordedBy } from '../believed.ts';
import { GENESIS, entryOf, rowOf, readSeal, type EntryRow, type SealWith, type Sealing } from '../rows.ts';
import type { AddressCount, TipMemory, Tip } from '../tip-memory.ts';

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
const PAGE = 500;
export const SEALS_BEFORE = `SELECT seq, hash, seal FROM entry WHERE seq < $1 ORDER BY seq DESC LIMIT ${PAGE}`;
const HASH_AT = 'SELECT hash FROM entry WHERE seq = $1';
const RECORDED = 'SELECT * FROM entry WHERE once_key = ANY($1::text[])';
const LAST_OF =
  'SELECT request_id, max(seq) AS seq FROM entry WHERE request_id = ANY($1::text[]) GROUP BY request_id';
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

export interface Waiting {
  readonly events: readonly LedgerEvent[];
  readonly at: Instant;
  readonly fence: Fence | null;
  readonly resolve: (entries: readonly LedgerEntry[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What a transaction wrote, and the answers to give once it is committed. */
export interface Written {
  readonly rows: EntryRow[];
  readonly answers: (() => void)[];
  /** What was found to be gone. */
  readonly lost: LedgerForgedError | null;
}

export interface Context {
  readonly sealing: Sealing | null;
  readonly memory: TipMemory;
  readonly addresses: AddressCount;
}

/** One transaction: what waits follows the chain. */
export async function write(
  client: PoolClient,
  batch: readonly Waiting[],
  { sealing, memory, addresses }: Context,
): Promise<Written> {
  await client.query(BEGIN);
  const held = await heldOf(client, batch);
  const last = (await client.query<EntryRow>(LAST)).rows[0] ?? { seq: 0, hash: GENESIS };
  const events = batch.flatMap((each) => each.events);
  const onceKeys = events.map(onceKeyOf).filter((key) => key !== null);
  const { rows: recorded } = await client.query<EntryRow>(RECORDED, [onceKeys]);
  const priors = sealing === null ? new Map<string, number>() : await priorsOf(client, events, memory);
  const lost = sealing === null ? null : await lostSince(client, last, memory);
  if (sealing !== null && memory.seen?.hash !== last.hash)
    addresses.raise(
      await addressesIn(sealing, async (values) => (await client.query<EntryRow>(SEALS_BEFORE, values)).rows),
    );
  const written = rowsOf(batch, last, {
    recorded: new Map(recorded.map((row) => [row.once_key ?? '', row])),
    held,
    lost,
    seal: { sealing, priorOf: (id) => priors.get(id) ?? 0, addresses: addresses.known },
    onWritten: (id, seq) => priors.set(id, seq),
  });
  if (written.rows.length > 0) await client.query(INSERT, columnsOf(written.rows));
  await client.query('COMMIT');
  return written;
}

const SETTLE = `
  DELETE FROM open_request USING unnest($1::text[], $2::bigint[]) AS over (request_id, known)
  WHERE open_request.request_id = over.request_id
    AND (SELECT count(*) FROM entry WHERE entry.request_id = over.request_id) <= over.known`;

export interface Settling {
  readonly requestId: RequestId;
  readonly known: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** In turn with whoever writes: what they are about to commit would not be seen. */
export async function settle(client: PoolClient, batch: readonly Settling[]): Promise<void> {
  await client.query(BEGIN);
  await client.query(SETTLE, [batch.map(({ requestId }) => requestId), batch.map(({ known }) => known)]);
  await client.query('COMMIT');
}

/** How many first addresses the newest entry counts whose seal holds: what others put behind it says nothing. */
export async function addressesIn(
  sealing: Sealing,
  read: (values: number[]) => Promise<readonly EntryRow[]>,
): Promise<number> {
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const rows = await read([before]);
    const sealed = rows.find((row) => sealing.holdsFor(row));
    if (sealed !== undefined) return readSeal(sealed.seal).addresses;
    if (rows.length < PAGE) return 0;
    before = rows.at(-1)?.seq ?? 0;
  }
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
