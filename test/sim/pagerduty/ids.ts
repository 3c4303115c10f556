const ALPHABET_SIZE = 36;
const SPACE = ALPHABET_SIZE ** 6;
/** Odd and no multiple of 3, so coprime to 36^6: every counter value gives another id. */
const MULTIPLIER = 1_103_515_247;

/** Hands out ids that look like PagerDuty's and never repeat. The same order of calls gives the same ids. */
export class IdSource {
  #counter = 0;

  /** Configuration objects and notes: `P` and six capitals or digits. */
  short(): string {
    return `P${this.#next()}`;
  }

  /** Incidents: fourteen characters beginning with `Q`. */
  incident(): string {
    return `Q${this.#next()}${this.#next()}0`;
  }

  /** Log entries: longer again, beginning with `R`. */
  logEntry(): string {
    return `R${this.#next()}${this.#next()}${this.#next()}${this.#next()}0`;
  }

  #next(): string {
    this.#counter += 1;
    const scattered = (this.#counter * MULTIPLIER) % SPACE;
    return scattered.toString(ALPHABET_SIZE).toUpperCase().padStart(6, '0');
  }
}
