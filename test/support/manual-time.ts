import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { instantOf, type Instant } from '../../src/core/values/instant.ts';

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
}

/**
 * The time of a test, which passes only where the test lets it: the clock port, waits by timers, deadlines by
 * `AbortSignal.timeout`, and `performance.now`. Whatever is under way goes on in between, as far as it waits for no time.
 */
export class ManualTime implements Disposable {
  readonly #begun: number;
  readonly #real = {
    Date: globalThis.Date,
    delay: timers.setTimeout,
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    timeout: AbortSignal.timeout.bind(AbortSignal),
    now: performance.now.bind(performance),
  };
  #passedMs = 0;
  #jumpedMs = 0;
  #timers: readonly Timer[] = [];

  constructor(begin: Date) {
    this.#begun = begin.getTime();
    timers.setTimeout = ((ms: number, value: unknown, options: { signal?: AbortSignal } = {}) =>
      this.#wait(ms, value, options.signal)) as typeof timers.setTimeout;
    AbortSignal.timeout = (ms) => {
      const late = new AbortController();
      this.#after(ms, () =>
        late.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      );
      return late.signal;
    };
    globalThis.setTimeout = ((fire: () => void, ms = 0) => {
      const drop = this.#after(ms, fire);
      const timer = { unref: () => timer, ref: () => timer, drop };
      return timer;
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = (timer) => {
      if (typeof timer === 'object' && 'drop' in timer) (timer.drop as () => void)();
      else this.#real.clearTimeout(timer);
    };
    const epochMs = (): number => this.epochMs;
    globalThis.Date = class extends Date {
      constructor(...given: [] | [number | string | Date]) {
        super(given[0] ?? epochMs());
      }

      static override now(): number {
        return epochMs();
      }
    } as DateConstructor;
    performance.now = () => this.#passedMs;
    syncBuiltinESMExports();
  }

  get epochMs(): number {
    return this.#begun + this.#passedMs + this.#jumpedMs;
  }

  readonly now = (): Instant => instantOf(this.epochMs);

  /** Sets the clock to so much later, or earlier, which no timer notices. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  /** A moment passes, in which nothing happens. */
  tick(): void {
    this.#passedMs += 1;
  }

  /** Lets so much time pass, and everything happen that happens meanwhile. */
  async advance(ms: number): Promise<void> {
    const until = this.#passedMs + ms;
    while (await this.#fireNext(until));
    this.#passedMs = until;
    await this.settle();
  }

  /** Lets time pass until something is there, or for so long. */
  async until<T>(
    look: () => T | undefined | Promise<T | undefined>,
    withinMs: number,
  ): Promise<T | undefined> {
    const until = this.#passedMs + withinMs;
    for (;;) {
      await this.settle();
      const found = await look();
      if (found !== undefined || this.#passedMs >= until) return found;
      if (!(await this.#fireNext(until))) this.#passedMs = until;
    }
  }

  /** Lets time pass until this is done; throws where it is not within a minute. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => void (isDone = true);
    work.then(done, done);
    const ended = await this.until(() => (isDone ? true : undefined), 60_000);
    if (ended === undefined) throw new Error('it is not done within a minute');
    return work;
  }

  /** Until everything that is under way waits for time to pass. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
  }

  [Symbol.dispose](): void {
    timers.setTimeout = this.#real.delay;
    globalThis.setTimeout = this.#real.setTimeout;
    globalThis.clearTimeout = this.#real.clearTimeout;
    AbortSignal.timeout = this.#real.timeout;
    globalThis.Date = this.#real.Date;
    performance.now = this.#real.now;
    syncBuiltinESMExports();
  }

  async #fireNext(untilMs: number): Promise<boolean> {
    await this.settle();
    const [first] = this.#timers.toSorted((one, other) => one.atMs - other.atMs);
    if (first === undefined || first.atMs > untilMs) return false;
    this.#passedMs = Math.max(this.#passedMs, first.atMs);
    this.#drop(first);
    first.fire();
    return true;
  }

  #after(ms: number, fire: () => void): () => void {
    const timer = { atMs: this.#passedMs + ms, fire };
    this.#timers = [...this.#timers, timer];
    return () => this.#drop(timer);
  }

  #drop(timer: Timer): void {
    this.#timers = this.#timers.filter((each) => each !== timer);
  }

  #wait(ms: number, value: unknown, signal?: AbortSignal): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const aborted = (): void => reject(new DOMException('The operation was aborted', 'AbortError'));
    if (signal?.aborted === true) {
      aborted();
      return promise;
    }
    const drop = this.#after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    });
    function onAbort(): void {
      drop();
      aborted();
    }
    signal?.addEventListener('abort', onAbort, { once: true });
    return promise;
  }
}
