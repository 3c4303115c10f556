import { randomUUID } from 'node:crypto';
import type { RequestId } from '../../core/access-request.ts';
import { SECOND } from '../../core/values/instant.ts';
import { ClaimLostError, type Claim, type Claims } from '../../ports/claims.ts';
import type { PostgresDatabase } from './database.ts';

/** A killed replica's requests are free after this time at most. */
const LEASE_MS = 7 * SECOND;
const RENEW_EVERY_MS = 2 * SECOND;
/** The holder stops so long before the lease ends, since its own clock and the server's do not tick alike. */
const MARGIN_MS = SECOND;

/** By the server's clock alone: replicas need not agree on the time. */
const UNTIL = `clock_timestamp() + ${LEASE_MS} * interval '1 millisecond'`;
const BEGIN = `
  WITH forgotten AS (DELETE FROM replica WHERE until < clock_timestamp() - interval '1 day')
  INSERT INTO replica VALUES ($1, ${UNTIL})`;
const RENEW = `UPDATE replica SET until = ${UNTIL} WHERE owner = $1 AND until > clock_timestamp() RETURNING owner`;
const END = 'UPDATE replica SET until = clock_timestamp() WHERE owner = $1';
const IS_ALIVE = 'SELECT FROM replica WHERE replica.owner = claim.owner AND until > clock_timestamp()';
const TAKE = `
  INSERT INTO claim VALUES ($1, $2)
  ON CONFLICT (request_id) DO UPDATE SET owner = excluded.owner
    WHERE claim.owner = excluded.owner OR NOT EXISTS (${IS_ALIVE})
  RETURNING request_id`;
const RELEASE = 'DELETE FROM claim WHERE request_id = $1 AND owner = $2';
const ABANDONED = `SELECT request_id FROM claim WHERE NOT EXISTS (${IS_ALIVE}) ORDER BY request_id LIMIT 1000`;

/** One unbroken time for which this replica may act. When it ends, another one begins under another name. */
interface Lease {
  readonly owner: string;
  readonly end: AbortController;
  /** Of this process's clock, which never goes back. */
  until: number;
}

/**
 * Claims as rows of the ledger's database: who handles which request, and until when each replica lives. One row a replica is
 * renewed, however many claims it holds.
 */
export class PostgresClaims implements Claims {
  readonly #database: PostgresDatabase;
  readonly #renewal: NodeJS.Timeout;
  #lease: Promise<Lease> | null = null;
  #expiry: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(database: PostgresDatabase) {
    this.#database = database;
    this.#renewal = setInterval(() => void this.#renew(), RENEW_EVERY_MS);
  }

  async take(requestId: RequestId): Promise<Claim | null> {
    const lease = await this.#living();
    const rows = await this.#database.query(TAKE, [requestId, lease.owner]);
    if (rows.length === 0) return null;
    return {
      lost: lease.end.signal,
      fence: { requestId, owner: lease.owner },
      ensureHeld: () => this.#ensure(lease),
      release: async () => {
        await this.#database.query(RELEASE, [requestId, lease.owner]);
      },
    };
  }

  async abandoned(): Promise<readonly RequestId[]> {
    const rows = await this.#database.query<{ request_id: string }>(ABANDONED);
    return rows.map(({ request_id }) => request_id);
  }

  /** What is still held is left to the other replicas at once, not only when the lease ends. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#renewal);
    const lease = await this.#lease?.catch(() => null);
    if (lease === undefined || lease === null) return;
    this.#lose(lease);
    await this.#database.query(END, [lease.owner]);
  }

  /** A lease that has not run out by now: after a time of being frozen another one than before. */
  async #living(): Promise<Lease> {
    const lease = await this.#current();
    if (performance.now() < lease.until) return lease;
    this.#lose(lease);
    return this.#current();
  }

  /** The lease in force, or a new one; a failure to begin one is the asker's. */
  #current(): Promise<Lease> {
    if (this.#lease !== null) return this.#lease;
    const beginning = this.#begin();
    this.#lease = beginning;
    beginning.catch(() => {
      if (this.#lease === beginning) this.#lease = null;
    });
    return beginning;
  }

  async #begin(): Promise<Lease> {
    // Counted from before the question: the lease ends no sooner than that.
    const lease = { owner: randomUUID(), end: new AbortController(), until: ownUntil() };
    await this.#database.query(BEGIN, [lease.owner]);
    this.#watch(lease);
    return lease;
  }

  async #renew(): Promise<void> {
    const lease = await this.#lease?.catch(() => null);
    if (lease === undefined || lease === null || this.#closed) return;
    const until = ownUntil();
    try {
      const rows = await this.#database.query(RENEW, [lease.owner]);
      if (rows.length === 0) this.#lose(lease);
      else if (!lease.end.signal.aborted) lease.until = until;
    } catch {
      // Tried again in time, as long as the lease lives; after that it ends by itself.
    }
  }

  /** Ends the lease on time although no renewal comes through, because the database is away for instance. */
  #watch(lease: Lease): void {
    const left = lease.until - performance.now();
    if (left <= 0) this.#lose(lease);
    if (lease.end.signal.aborted) return;
    this.#expiry = setTimeout(() => this.#watch(lease), left).unref();
  }

  /** A frozen process finds out here, before its overdue timers have run. */
  #ensure(lease: Lease): void {
    if (!lease.end.signal.aborted && performance.now() >= lease.until) this.#lose(lease);
    if (lease.end.signal.aborted) throw new ClaimLostError('the claim has run out');
  }

  /** Whoever takes a request now may be another replica; what is taken here is taken under a new name. */
  #lose(lease: Lease): void {
    // A late answer about a lease that is over says nothing about the one that followed it.
    if (lease.end.signal.aborted) return;
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    this.#lease = null;
    lease.end.abort();
  }
}

function ownUntil(): number {
  return performance.now() + LEASE_MS - MARGIN_MS;
}
