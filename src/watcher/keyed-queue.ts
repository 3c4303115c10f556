import { setTimeout as delay } from 'node:timers/promises';

/** What comes next for a key. */
export interface Next<Item> {
  readonly item: Item;
  /** Milliseconds until then; null for what goes on at once, as soon as there is a place, also while the queue drains. */
  readonly inMs: number | null;
}

export interface KeyedQueueOptions<Item, Lane extends string = string> {
  readonly keyOf: (item: Item) => string;
  /** Handles one item; must not throw. Gives what comes next for its key, or null when it is done with it. */
  readonly handle: (item: Item, signal: AbortSignal) => Promise<Next<Item> | null>;
  /** Whether a waiting item need not be handled when this newer one follows. */
  readonly supersedes: (newer: Item, waiting: Item) => boolean;
  /** Items of different lanes never wait for each other. */
  readonly laneOf: (item: Item) => Lane;
  /** How many keys are handled at once, by lane. */
  readonly places: Readonly<Record<Lane, number>>;
}

interface Line<Item> {
  readonly items: Item[];
  running: boolean;
  /** The wait for what comes next; a newer item makes it needless. */
  repetition: { readonly item: Item; readonly abort: AbortController } | null;
}

/**
 * Items of one key one after the other in order, different keys at the same time, within a bound for each lane. What comes
 * later waits without taking up a place, and gives way to a newer item of its key.
 */
export class KeyedQueue<Item, Lane extends string = string> {
  readonly #options: KeyedQueueOptions<Item, Lane>;
  readonly #lines = new Map<string, Line<Item>>();
  /** Keys whose first item waits for a place, by the lane of that item. */
  readonly #ready: Readonly<Record<Lane, Set<string>>>;
  readonly #running: Record<Lane, number>;
  readonly #abort = new AbortController();
  #size = 0;
  #draining = false;
  #idle: PromiseWithResolvers<undefined> | null = null;

  constructor(options: KeyedQueueOptions<Item, Lane>) {
    this.#options = options;
    this.#ready = byLane(options.places, () => new Set<string>());
    this.#running = byLane(options.places, () => 0);
  }

  /** Items that are waiting or being handled; what comes later is not counted. */
  get size(): number {
    return this.#size;
  }

  /** Whether the key has something waiting, being handled, or to come later. */
  has(key: string): boolean {
    return this.#lines.has(key);
  }

  /** Whether something of the key is waiting or being handled. */
  isBusy(key: string): boolean {
    const line = this.#lines.get(key);
    return line !== undefined && (line.running || line.items.length > 0);
  }

  /** The item of the key that comes later. */
  repeating(key: string): Item | undefined {
    const repetition = this.#lines.get(key)?.repetition ?? null;
    return repetition?.item;
  }

  push(item: Item): void {
    if (this.#draining) return;
    this.#put(item);
    this.#pump();
  }

  /** Resolves when nothing is waiting or being handled; what is still to come later does not count. */
  async idle(): Promise<void> {
    if (this.#size === 0) return;
    this.#idle ??= Promise.withResolvers<undefined>();
    await this.#idle.promise;
  }

  /**
   * Takes in nothing more and lets what is there finish; after `deadlineMs` the rest is aborted. Gives how many items were
   * left: the ledger has them, the next start resumes them.
   */
  async drain(deadlineMs: number): Promise<number> {
    this.#draining = true;
    for (const line of this.#lines.values()) line.repetition?.abort.abort();
    const patience = new AbortController();
    const late = delay(deadlineMs, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.idle(), late]);
    patience.abort();
    const left = this.#size;
    this.#abort.abort();
    for (const lane of this.#lanes()) this.#ready[lane].clear();
    for (const line of this.#lines.values()) this.#size -= line.items.splice(0).length;
    this.#pump();
    await this.idle();
    return left;
  }

  #put(item: Item): void {
    const key = this.#options.keyOf(item);
    const line = this.#lines.get(key) ?? { items: [], running: false, repetition: null };
    this.#lines.set(key, line);
    line.repetition?.abort.abort();
    line.repetition = null;
    const waiting = line.items.at(-1);
    if (waiting !== undefined && this.#options.supersedes(item, waiting)) {
      line.items.pop();
      this.#size -= 1;
      if (line.items.length === 0) this.#ready[this.#options.laneOf(waiting)].delete(key);
    }
    line.items.push(item);
    this.#size += 1;
    if (!line.running && line.items.length === 1) this.#ready[this.#options.laneOf(item)].add(key);
  }

  #pump(): void {
    for (const lane of this.#lanes()) {
      const ready = this.#ready[lane];
      for (const key of ready) {
        if (this.#running[lane] >= this.#options.places[lane]) break;
        ready.delete(key);
        const line = this.#lines.get(key);
        const item = line?.items.shift();
        if (line === undefined || item === undefined) continue;
        line.running = true;
        this.#running[lane] += 1;
        void this.#run(key, lane, line, item);
      }
    }
    if (this.#size > 0) return;
    this.#idle?.resolve(undefined);
    this.#idle = null;
  }

  async #run(key: string, lane: Lane, line: Line<Item>, item: Item): Promise<void> {
    const next = await this.#options.handle(item, this.#abort.signal);
    line.running = false;
    this.#running[lane] -= 1;
    this.#size -= 1;
    const [waiting] = line.items;
    if (waiting !== undefined) this.#ready[this.#options.laneOf(waiting)].add(key);
    else this.#followWith(next, key, line);
    this.#pump();
  }

  #followWith(next: Next<Item> | null, key: string, line: Line<Item>): void {
    const goesOn = next?.inMs === null && !this.#abort.signal.aborted;
    if (goesOn) this.#put(next.item);
    else if (typeof next?.inMs === 'number' && !this.#draining) void this.#repeat(line, next.item, next.inMs);
    else this.#lines.delete(key);
  }

  async #repeat(line: Line<Item>, item: Item, inMs: number): Promise<void> {
    const repetition = new AbortController();
    line.repetition = { item, abort: repetition };
    try {
      await delay(inMs, undefined, { signal: repetition.signal });
    } catch {
      return;
    }
    if (!repetition.signal.aborted) this.push(item);
  }

  #lanes(): readonly Lane[] {
    return Object.keys(this.#options.places) as Lane[];
  }
}

function byLane<Lane extends string, T>(
  places: Readonly<Record<Lane, number>>,
  make: () => T,
): Record<Lane, T> {
  return Object.fromEntries(Object.keys(places).map((lane) => [lane, make()])) as Record<Lane, T>;
}
