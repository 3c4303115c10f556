/** PagerDuty's own time: the machine's clock (or a fixed one) plus an offset that a test may change. */
export class SimulatedClock {
  readonly #source: () => number;
  readonly #listeners = new Set<() => void>();
  #offsetMs = 0;

  /** @param options.source milliseconds since the epoch; pass a constant to freeze time */
  constructor(options: { readonly source?: () => number } = {}) {
    this.#source = options.source ?? Date.now;
  }

  now(): Date {
    return new Date(this.#source() + this.#offsetMs);
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  setOffset(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    for (const listener of this.#listeners) listener();
  }

  advance(ms: number): void {
    this.setOffset(this.#offsetMs + ms);
  }

  setTo(instant: Date): void {
    this.setOffset(instant.getTime() - this.#source());
  }

  /** Calls back after every jump. Returns the function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
