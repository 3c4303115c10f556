import { setTimeout as delay } from 'node:timers/promises';
import type { Next } from '../ports/next.ts';
import { Places } from '../core/values/places.ts';

export interface KeyedQueueOptions<Item, Lane extends string = string> {
  readonly keyOf: (item: Item) => string;
  /** Handles one item; must not throw. Gives what comes next for its key: `at-once` also while the queue drains. */
  readonly handle: (item: Item, signal: AbortSignal) => Promise<Next<Item>>;
  /** Whether a waiting item need not be handled when this newer one follows. */
  readonly supersedes: (newer: Item, waiting: Item) => boolean;
  /** Items of different lanes never wait for each other, but that something urgent leaves the others few places. */
  readonly laneOf: (item: Item) => Lane;
  /** For whom it is: they take turns. */
  readonly ownerOf: (item: Item) => string;
  /** What is held of an item while it waits, beside so many others. */
  readonly kept: (item: Item, waiting: number) => Item;
  /** How many keys are handled at once, by lane. */
  readonly places: Readonly<Record<Lane, number>>;
  /** How many of them for one owner. */
  readonly mostOfOne: Readonly<Record<Lane, number>>;
  /** While something of this lane waits, each other one has no more than so many places: they all use one processor. */
  readonly urgent: { readonly lane: Lane; readonly placesBeside: number };
}

interface Line<Item> {
  readonly items: Item[];
  running: boolean;
  /** The wait for what comes next; a newer item makes it needless. */
  repetition: { readonly item: Item; readonly timer: NodeJS.Timeout } | null;
}

/**
 * Items of one key one after the other in order, different keys at the same time, within a bound for each lane, by turns of those
 * for whom they are; what is urgent leaves little room to the rest. What comes later waits without taking up a place, and gives way
 * to a newer item of its key.
 */
export class KeyedQueue<Item, Lane extends string = string> {
  readonly #options: KeyedQueueOptions<Item, Lane>;
  readonly #lines = new Map<string, Line<Item>>();
  readonly #lanes: Readonly<Record<Lane, Places<string>>>;
  /** One for each item that is handled: of one for all, what waits on it would be looked through for each that begins to. */
  readonly #running = new Set<AbortController>();
  #aborted = false;
  #size = 0;
  #draining = false;
  #idle: PromiseWithResolvers<undefined> | null = null;

  constructor(options: KeyedQueueOptions<Item, Lane>) {
    this.#options = options;
    const lanes = Object.entries(options.places) as [Lane, number][];
    this.#lanes = Object.fromEntries(
      lanes.map(([lane, places]) => [lane, new Places<string>(places, options.mostOfOne[lane])]),
    ) as Record<Lane, Places<string>>;
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
    this.#put(this.#options.kept(item, this.#size));
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
    for (const line of this.#lines.values()) clearTimeout(line.repetition?.timer);
    const patience = new AbortController();
    const late = delay(deadlineMs, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.idle(), late]);
    patience.abort();
    const left = this.#size;
    this.#aborted = true;
    for (const each of this.#running) each.abort();
    for (const [key, line] of this.#lines) {
      for (const lane of Object.values<Places<string>>(this.#lanes)) lane.delete(key);
      this.#size -= line.items.splice(0).length;
    }
    this.#pump();
    await this.idle();
    return left;
  }

  #put(item: Item): void {
    const key = this.#options.keyOf(item);
    const line = this.#lines.get(key) ?? { items: [], running: false, repetition: null };
    this.#lines.set(key, line);
    clearTimeout(line.repetition?.timer);
    line.repetition = null;
    const waiting = line.items.at(-1);
    if (waiting !== undefined && this.#options.supersedes(item, waiting)) {
      line.items.pop();
      this.#size -= 1;
      if (line.items.length === 0) this.#laneOf(waiting).delete(key);
    }
    line.items.push(item);
    this.#size += 1;
    if (!line.running && line.items.length === 1) this.#makeReady(key, item);
  }

  #makeReady(key: string, item: Item): void {
    this.#laneOf(item).add(this.#options.ownerOf(item), key);
  }

  #pump(): void {
    const { lane: urgentLane, placesBeside } = this.#options.urgent;
    const urgent = this.#lanes[urgentLane];
    for (const lane of Object.values<Places<string>>(this.#lanes)) {
      const next = () => lane.next(lane !== urgent && urgent.waiting > 0 ? placesBeside : Infinity);
      for (let key = next(); key !== undefined; key = next()) {
        const line = this.#lines.get(key);
        const item = line?.items.shift();
        if (line === undefined || item === undefined) continue;
        line.running = true;
        lane.enter(this.#options.ownerOf(item));
        void this.#run(key, lane, line, item);
      }
    }
    if (this.#size > 0) return;
    this.#idle?.resolve(undefined);
    this.#idle = null;
  }

  async #run(key: string, lane: Places<string>, line: Line<Item>, item: Item): Promise<void> {
    const own = new AbortController();
    this.#running.add(own);
    if (this.#aborted) own.abort();
    const next = await this.#options.handle(item, own.signal);
    this.#running.delete(own);
    line.running = false;
    lane.leave(this.#options.ownerOf(item));
    this.#size -= 1;
    const [waiting] = line.items;
    if (waiting !== undefined) this.#makeReady(key, waiting);
    else this.#followWith(next, key, line);
    this.#pump();
  }

  #followWith(next: Next<Item>, key: string, line: Line<Item>): void {
    if (next.is === 'at-once' && !this.#aborted) this.#put(next.item);
    else if (next.is === 'later' && !this.#draining) {
      const { item } = next;
      line.repetition = { item, timer: setTimeout(() => this.push(item), next.inMs) };
    } else this.#lines.delete(key);
  }

  #laneOf(item: Item): Places<string> {
    return this.#lanes[this.#options.laneOf(item)];
  }
}
