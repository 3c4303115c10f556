import { PagerDutyError, type Ask, type Priority } from '../ports/pagerduty.ts';

/** A question that several askers may wait for; it is given up when the last of them has. */
export class SharedQuestion<Answer> {
  readonly item: string;
  readonly priority: Priority;
  /** When it was put, by a clock that never goes back. The answer cannot be older. */
  readonly since = performance.now();
  /** The first asker's: the reads are counted once. */
  readonly onRead: (() => void) | undefined;
  readonly #answer = Promise.withResolvers<Answer>();
  readonly #givenUp = new AbortController();
  #askers = 0;
  #uses = 0;
  #settled = false;

  constructor(item: string, { priority, onRead }: Pick<Ask, 'priority' | 'onRead'>) {
    this.item = item;
    this.priority = priority ?? 'decision';
    this.onRead = onRead;
    this.#answer.promise.catch(() => undefined);
  }

  /** Aborts when nobody waits for the answer any more. */
  get givenUp(): AbortSignal {
    return this.#givenUp.signal;
  }

  /** Whether the answer is there. */
  get settled(): boolean {
    return this.#settled;
  }

  /** How often it was asked. */
  get uses(): number {
    return this.#uses;
  }

  resolve(answer: Answer): void {
    this.#settled = true;
    this.#answer.resolve(answer);
  }

  reject(error: unknown): void {
    this.#answer.reject(error);
  }

  /** The answer, for one more asker; throws PagerDutyError of kind `timeout` when the asker's time is over first. */
  async await(signal: AbortSignal): Promise<Answer> {
    const over = Promise.withResolvers<never>();
    const onAbort = (): void => over.reject(timeOver());
    this.#askers += 1;
    this.#uses += 1;
    signal.addEventListener('abort', onAbort);
    try {
      if (signal.aborted) onAbort();
      return await Promise.race([this.#answer.promise, over.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#askers -= 1;
      if (this.#askers === 0) this.#givenUp.abort();
    }
  }
}

function timeOver(): PagerDutyError {
  const problem = "could not read from PagerDuty: the asker's time was over before the answer was there";
  return new PagerDutyError('timeout', problem, { transient: true });
}
