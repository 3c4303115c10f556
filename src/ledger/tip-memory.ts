import type { LedgerEvent } from '../core/record/ledger-entry.ts';

/** The end of a chain. */
export interface Tip {
  readonly seq: number;
  readonly hash: string;
}

/** How many first addresses this process knows of: the next seal says it, so that a row that is gone is missed. */
export class AddressCount {
  #known = 0;
  /** Whether all that are stored were counted since this process began. */
  isComplete = false;

  get known(): number {
    return this.#known;
  }

  raise(count: number): number {
    this.#known = Math.max(this.#known, count);
    return this.#known;
  }
}

/**
 * What one process knows of the end of the chain, and of the last entry of each request that it handles: entries that are cut
 * off leave no other trace in the database. Forgotten at a restart.
 */
export class TipMemory {
  static readonly #MOST_REQUESTS = 20_000;
  #seen: Tip | null = null;
  readonly #lastOf = new Map<string, number>();

  get seen(): Tip | null {
    return this.#seen;
  }

  /** The event that records what is gone; null when nothing is. `hashAtSeen`: what stands where `seen` was; undefined for nothing. */
  lost(found: Tip, hashAtSeen: string | undefined): LedgerEvent | null {
    const known = this.#seen;
    if (known === null) return null;
    // What is gone from the beginning was removed behind a checkpoint; whether that is so, verification tells.
    const isThere = found.seq >= known.seq && (hashAtSeen ?? known.hash) === known.hash;
    return isThere ? null : { kind: 'cut-off', known, found };
  }

  saw(tip: Tip): void {
    this.#seen = tip;
  }

  lastOf(requestId: string): number | undefined {
    return this.#lastOf.get(requestId);
  }

  remember(requestId: string, seq: number): void {
    if (this.#lastOf.size >= TipMemory.#MOST_REQUESTS) this.#lastOf.clear();
    this.#lastOf.set(requestId, seq);
  }

  /** Others have written, or nothing more is expected of the request: what is in the database counts again. */
  forget(requestId: string): void {
    this.#lastOf.delete(requestId);
  }
}
