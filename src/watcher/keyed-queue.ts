import { setTimeout as delay } from 'node:timers/promises';

export interface KeyedQueueOptions<Item> {
  readonly keyOf: (item: Item) => string;
  /** Handles one item; must not throw. Gives the milliseconds after which it wants the item again, or null when it is done with it. */
  readonly handle: (item: Item, signal: AbortSignal) => Promise<number | null>;
  /** Whether a waiting item need not be handled when this newer one follows. */
  readonly supersedes: (newer: Item, waiting: Item) => boolean;
  /** How many keys are handled at once. */
  readonly concurrency: number;
}

interface Lane<Item> {
  readonly items: Item[];
  running: boolean;
  /** The wait for a repetition; a newer item makes it needless. */
  repetition: { readonly item: Item; readonly abort: AbortController } | null;
}

/**
 * Items of one key one after the other in order, different keys at the same time, within a bound. An item that wants to be
 * repeated waits without taking up a place, and gives way to a newer item of its key.
 */
export class KeyedQueue<Item> {
  readonly #options: KeyedQueueOptions<Item>;
  readonly #lanes = new Map<string, Lane<Item>>();
  readonly #ready: string[] = [];
  readonly #abort = new AbortController();
  #running = 0;
  #draining = false;
  #idle: PromiseWithResolvers<undefined> | null = null;

  constructor(options: KeyedQueueOptions<Item>) {
    this.#options = options;
  }

  /** Items that are waiting or being handled, repetitions not counted. */
  get size(): number {
    let size = this.#running;
    for (const lane of this.#lanes.values()) size += lane.items.length;
    return size;
  }

  /** Whether the key has something waiting, being handled, or to be repeated. */
  has(key: string): boolean {
    return this.#lanes.has(key);
  }

  /** Whether something of the key is waiting or being handled. */
  isBusy(key: string): boolean {
    const lane = this.#lanes.get(key);
    return lane !== undefined && (lane.running || lane.items.length > 0);
  }

  /** The item of the key that waits for its repetition. */
  repeating(key: string): Item | undefined {
    const repetition = this.#lanes.get(key)?.repetition ?? null;
    return repetition?.item;
  }

  push(item: Item): void {
    if (this.#draining) return;
    const key = this.#options.keyOf(item);
    const lane = this.#lanes.get(key) ?? { items: [], running: false, repetition: null };
    this.#lanes.set(key, lane);
    lane.repetition?.abort.abort();
    lane.repetition = null;
    const waiting = lane.items.at(-1);
    if (waiting !== undefined && this.#options.supersedes(item, waiting)) lane.items.pop();
    lane.items.push(item);
    if (lane.running || lane.items.length > 1) return;
    this.#ready.push(key);
    this.#pump();
  }

  /** Resolves when nothing is waiting or being handled; repetitions that are still to come do not count. */
  async idle(): Promise<void> {
    if (this.size === 0) return;
    this.#idle ??= Promise.withResolvers<undefined>();
    await this.#idle.promise;
  }

  /**
   * Takes in nothing more and lets what is there finish; after `deadlineMs` the rest is aborted. Gives how many items were
   * left: the ledger has them, the next start resumes them.
   */
  async drain(deadlineMs: number): Promise<number> {
    this.#draining = true;
    for (const lane of this.#lanes.values()) lane.repetition?.abort.abort();
    const patience = new AbortController();
    const late = delay(deadlineMs, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.idle(), late]);
    patience.abort();
    const left = this.size;
    this.#abort.abort();
    this.#ready.length = 0;
    for (const lane of this.#lanes.values()) lane.items.length = 0;
    await this.idle();
    return left;
  }

  #pump(): void {
    while (this.#running < this.#options.concurrency) {
      const key = this.#ready.shift();
      if (key === undefined) break;
      const lane = this.#lanes.get(key);
      const item = lane?.items.shift();
      if (lane === undefined || item === undefined) continue;
      lane.running = true;
      this.#running += 1;
      void this.#run(key, lane, item);
    }
    if (this.size > 0) return;
    this.#idle?.resolve(undefined);
    this.#idle = null;
  }

  async #run(key: string, lane: Lane<Item>, item: Item): Promise<void> {
    const repeatInMs = await this.#options.handle(item, this.#abort.signal);
    lane.running = false;
    this.#running -= 1;
    if (lane.items.length > 0) this.#ready.push(key);
    else if (repeatInMs === null || this.#draining) this.#lanes.delete(key);
    else void this.#repeat(lane, item, repeatInMs);
    this.#pump();
  }

  async #repeat(lane: Lane<Item>, item: Item, afterMs: number): Promise<void> {
    const repetition = new AbortController();
    lane.repetition = { item, abort: repetition };
    try {
      await delay(afterMs, undefined, { signal: repetition.signal });
    } catch {
      return;
    }
    if (!repetition.signal.aborted) this.push(item);
  }
}
