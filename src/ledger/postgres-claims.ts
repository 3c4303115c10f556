import { randomUUID } from 'node:crypto';
import type { RequestId } from '../core/access-request.ts';
import { SECOND } from '../core/instant.ts';
import type { Claim, Claims } from '../ports/claims.ts';
import type { PostgresDatabase } from './postgres-database.ts';

/** A killed replica's requests are free after this time at most. */
const LEASE_MS = 7 * SECOND;
const RENEW_EVERY_MS = 2 * SECOND;
/** The holder stops so long before the lease ends, since its own clock and the server's do not tick alike. */
const MARGIN_MS = SECOND;

/** By the server's clock alone: replicas need not agree on the time. */
const UNTIL = `clock_timestamp() + ${LEASE_MS} * interval '1 millisecond'`;
const TAKE = `
  INSERT INTO claim (request_id, owner, until) VALUES ($1, $2, ${UNTIL})
  ON CONFLICT (request_id) DO UPDATE SET owner = excluded.owner, until = excluded.until
    WHERE claim.owner = excluded.owner OR claim.until <= clock_timestamp()
  RETURNING request_id`;
const RENEW = `UPDATE claim SET until = ${UNTIL} WHERE owner = $1 AND until > clock_timestamp() RETURNING request_id`;
const RELEASE = 'DELETE FROM claim WHERE request_id = $1 AND owner = $2';
const ABANDON = 'UPDATE claim SET until = clock_timestamp() WHERE owner = $1';
const ABANDONED = 'SELECT request_id FROM claim WHERE until <= clock_timestamp() ORDER BY until LIMIT 1000';

interface Held {
  readonly claim: Claim;
  readonly end: AbortController;
  /** Of this process's clock that never goes back, in milliseconds. */
  until: number;
}

/** Claims as rows of the ledger's database: an owner, and until when. Renewed together, every 2 s. */
export class PostgresClaims implements Claims {
  readonly #database: PostgresDatabase;
  readonly #owner = randomUUID();
  readonly #held = new Map<RequestId, Held>();
  readonly #renewal: NodeJS.Timeout;

  constructor(database: PostgresDatabase) {
    this.#database = database;
    this.#renewal = setInterval(() => void this.#renew(), RENEW_EVERY_MS);
  }

  async take(requestId: RequestId): Promise<Claim | null> {
    // Counted from before the question: the lease ends no sooner than that.
    const until = performance.now() + LEASE_MS - MARGIN_MS;
    const rows = await this.#database.query(TAKE, [requestId, this.#owner]);
    const held = this.#held.get(requestId);
    if (rows.length === 0) {
      if (held !== undefined) this.#lose(requestId, held);
      return null;
    }
    if (held === undefined) return this.#hold(requestId, until);
    held.until = Math.max(held.until, until);
    return held.claim;
  }

  async abandoned(): Promise<readonly RequestId[]> {
    const rows = await this.#database.query<{ request_id: string }>(ABANDONED);
    return rows.map(({ request_id }) => request_id);
  }

  /** What is still held is left to the other replicas at once, not only when its lease ends. */
  async close(): Promise<void> {
    clearInterval(this.#renewal);
    const left = [...this.#held];
    for (const [requestId, held] of left) this.#lose(requestId, held);
    if (left.length > 0) await this.#database.query(ABANDON, [this.#owner]);
  }

  #hold(requestId: RequestId, until: number): Claim {
    const end = new AbortController();
    const claim: Claim = {
      lost: end.signal,
      release: async () => {
        if (this.#held.get(requestId)?.claim !== claim) return;
        this.#held.delete(requestId);
        await this.#database.query(RELEASE, [requestId, this.#owner]);
      },
    };
    const held = { claim, end, until };
    this.#held.set(requestId, held);
    this.#watch(requestId, held);
    return claim;
  }

  /** Ends the claim on time although no renewal comes through, because the database is away for instance. */
  #watch(requestId: RequestId, held: Held): void {
    const left = held.until - performance.now();
    if (left <= 0) {
      this.#lose(requestId, held);
      return;
    }
    const timer = setTimeout(() => {
      if (this.#held.get(requestId) === held) this.#watch(requestId, held);
    }, left);
    timer.unref();
  }

  #lose(requestId: RequestId, held: Held): void {
    if (this.#held.get(requestId) === held) this.#held.delete(requestId);
    held.end.abort();
  }

  async #renew(): Promise<void> {
    const before = [...this.#held];
    if (before.length === 0) return;
    const until = performance.now() + LEASE_MS - MARGIN_MS;
    try {
      const rows = await this.#database.query<{ request_id: string }>(RENEW, [this.#owner]);
      const renewed = new Set(rows.map(({ request_id }) => request_id));
      for (const [requestId, held] of before) {
        if (renewed.has(requestId)) held.until = Math.max(held.until, until);
        else this.#lose(requestId, held);
      }
    } catch {
      // Tried again in time, as long as the lease lives; after that each claim ends by itself.
    }
  }
}
