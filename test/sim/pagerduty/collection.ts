/** Objects of one kind by id, in the order they were added. Items are replaced whole, never changed in place. */
export class Collection<T extends { readonly id: string }> {
  readonly #items = new Map<string, T>();
  readonly #told: () => void;
  /** Until something changes: lists of hundreds are read many times for one answer. */
  #all: readonly T[] | null = null;

  constructor(changed: () => void) {
    this.#told = changed;
  }

  put(item: T): T {
    this.#items.set(item.id, item);
    this.#changed();
    return item;
  }

  get(id: string): T | undefined {
    return this.#items.get(id);
  }

  /** @throws RangeError when there is none: a mistake in the test, not an answer of PagerDuty's */
  require(id: string): T {
    const item = this.#items.get(id);
    if (item === undefined) throw new RangeError(`no object with id \`${id}\``);
    return item;
  }

  all(): readonly T[] {
    this.#all ??= [...this.#items.values()];
    return this.#all;
  }

  find(matches: (item: T) => boolean): T | undefined {
    return this.all().find(matches);
  }

  remove(id: string): boolean {
    const removed = this.#items.delete(id);
    this.#changed();
    return removed;
  }

  #changed(): void {
    this.#all = null;
    this.#told();
  }
}
