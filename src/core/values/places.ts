/**
 * Places, and what waits for one, by whom it is for. They take turns, whoever has waited longest first, and nobody has more of the
 * places than `most`: so nobody waits behind all that another has asked for. What is for the same one keeps its order.
 */
export class Places<Item> {
  readonly #places: number;
  readonly #most: number;
  readonly #waiting = new Map<string, Set<Item>>();
  readonly #ownerOf = new Map<Item, string>();
  readonly #running = new Map<string, number>();
  #all = 0;

  constructor(places: number, most: number) {
    this.#places = places;
    this.#most = most;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#ownerOf.size;
  }

  add(owner: string, item: Item): void {
    const items = this.#waiting.get(owner) ?? new Set();
    this.#waiting.set(owner, items.add(item));
    this.#ownerOf.set(item, owner);
  }

  /** It waits no more; false where it did not. */
  delete(item: Item): boolean {
    const owner = this.#ownerOf.get(item);
    if (owner === undefined) return false;
    this.#ownerOf.delete(item);
    const items = this.#waiting.get(owner);
    items?.delete(item);
    if (items?.size === 0) this.#waiting.delete(owner);
    return true;
  }

  /**
   * Takes out what is next, for which there is a place now; undefined where there is none for anything that waits. `atMost` so many
   * places are given now, should there be more.
   */
  next(atMost = Infinity): Item | undefined {
    if (this.#all >= Math.min(this.#places, atMost)) return undefined;
    for (const [owner, items] of this.#waiting) {
      const [item] = items;
      if (item === undefined || this.#runningOf(owner) >= this.#most) continue;
      this.delete(item);
      // To the end of the row.
      if (this.#waiting.delete(owner)) this.#waiting.set(owner, items);
      return item;
    }
    return undefined;
  }

  enter(owner: string): void {
    this.#all += 1;
    this.#running.set(owner, this.#runningOf(owner) + 1);
  }

  leave(owner: string): void {
    this.#all -= 1;
    const running = this.#runningOf(owner) - 1;
    if (running === 0) this.#running.delete(owner);
    else this.#running.set(owner, running);
  }

  #runningOf(owner: string): number {
    return this.#running.get(owner) ?? 0;
  }
}
