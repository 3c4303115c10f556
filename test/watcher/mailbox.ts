/** Things that come one by one, and those who wait for the next: tests await what happens instead of sleeping. */
export class Mailbox<T> {
  readonly #unread: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  /** How many came that nobody has taken. */
  get unread(): number {
    return this.#unread.length;
  }

  put(item: T): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#unread.push(item);
    else waiting(item);
  }

  next(): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const item = this.#unread.shift();
    if (item === undefined) this.#waiting.push(resolve);
    else resolve(item);
    return promise;
  }
}
