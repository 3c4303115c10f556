/** Remembers what was set last: a generation of so many keys, and the one before it. What is of longer ago is forgotten. */
export class Recent<Key, Value> {
  readonly #size: number;
  #now = new Map<Key, Value>();
  #before = new Map<Key, Value>();
  hasForgotten = false;

  constructor(size: number) {
    this.#size = size;
  }

  get(key: Key): Value | undefined {
    return this.#now.get(key) ?? this.#before.get(key);
  }

  set(key: Key, value: Value): void {
    if (this.#now.size >= this.#size) {
      this.hasForgotten ||= this.#before.size > 0;
      this.#before = this.#now;
      this.#now = new Map();
    }
    this.#now.set(key, value);
  }

  /** What it was, which is forgotten from now on. */
  take(key: Key): Value | undefined {
    const taken = this.get(key);
    this.#now.delete(key);
    this.#before.delete(key);
    return taken;
  }
}
