import { MINUTE, SECOND } from '../../core/values/instant.ts';
import type { Priority } from '../../ports/pagerduty.ts';
import { RateLimitedError, type Operation, type RateLimitHint } from './errors.ts';

/** PagerDuty: requests a minute and key; its answers tell the real number. */
const LIMIT = 960;
/**
 * The share of the limit that this priority leaves untouched for more urgent ones. It is more at the beginning of a minute, and
 * becomes less as the minute passes: what comes in its last seconds must find room too.
 */
const RESERVE: Readonly<Record<Priority, { readonly atBegin: number; readonly atEnd: number }>> = {
  decision: { atBegin: 0, atEnd: 0 },
  person: { atBegin: 0.1, atEnd: 0.02 },
  page: { atBegin: 0.25, atEnd: 0.05 },
  'follow-up': { atBegin: 0.8, atEnd: 0.1 },
  background: { atBegin: 0.85, atEnd: 0.2 },
};
/**
 * What somebody waits for does not wait longer: it is told that PagerDuty cannot be asked. Pages and notes are tried again
 * anyhow, so they wait as long as they have time: to fail at once would only be written down.
 */
const LONGEST_WAIT_MS: Readonly<Record<Priority, number>> = {
  decision: 5 * SECOND,
  person: 5 * SECOND,
  page: MINUTE,
  'follow-up': MINUTE,
  background: 5 * SECOND,
};
/** A 429 without a hint: PagerDuty sends such too. */
const UNHINTED_PAUSE_MS = SECOND;
/** `ratelimit-reset` is in whole seconds. */
const RESET_PRECISION_MS = 1.5 * SECOND;

/** The `ratelimit-*` headers of an answer. PagerDuty: they describe whichever limit is closest. */
export interface RateLimitHeaders {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until the limit starts anew. */
  readonly resetMs: number;
}

/** A limit of PagerDuty's, with what is left of it for the present minute. */
interface Allowance {
  readonly limit: number;
  remaining: number;
  /** Of a clock that never goes back; null before the first request. */
  resetsAt: number | null;
  /** Sent, and not yet heard of: not counted in what PagerDuty told last. */
  underWay: number;
}

interface Waiting {
  readonly priority: Priority;
  readonly operation: Operation;
  readonly admit: (ticket: Ticket) => void;
}

/** The right to send one request. */
export interface Ticket {
  /** One of the three is to be called, once. `told` is null when no such header was heard of. */
  readonly done: (told: RateLimitHeaders | null) => void;
  /** PagerDuty refused by a rate limit. */
  readonly refused: (hint: RateLimitHint) => void;
  /** The request was not sent after all. */
  readonly unused: () => void;
}

/**
 * What may be sent with one key. Keeps to PagerDuty's limits by what its answers tell, other replicas' requests included, so that
 * nothing is refused; lets urgent requests go first, and keeps a reserve for them. Beside the key's own limit some operations have
 * one of theirs, with an allowance of its own, so that what is used up for one is not for all. An answer describes whichever limit
 * is closest: by its size that is told from the others.
 */
export class Budget {
  readonly #allowances = new Map<string, Allowance>();
  /** The limit that was last told about an operation. */
  readonly #limitOf = new Map<string, number>();
  /** Refused by nobody knows which limit: the operation waits, the others do not. */
  readonly #pausedUntil = new Map<string, number>();
  /** Limits that are the key's own: told about operations that have none of theirs. They differ by account. */
  readonly #shared = new Set([LIMIT]);
  #keyLimit = LIMIT;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** What is left of the closest allowance. */
  state(): { readonly limit: number; readonly remaining: number } {
    const all = [...this.#allowances.values()].map((each) => renewed(each));
    const closest = all.sort((one, other) => one.remaining / one.limit - other.remaining / other.limit)[0];
    return closest ?? { limit: LIMIT, remaining: LIMIT };
  }

  /** The key's own limit. */
  get keyLimit(): number {
    return this.#keyLimit;
  }

  /** The limit of its own that the operation was last told of; null for none. */
  ownLimitOf(operation: Pick<Operation, 'doing' | 'scope'>): number | null {
    const limit = this.#limitOf.get(nameOf(operation));
    return limit === undefined || this.#shared.has(limit) ? null : limit;
  }

  /** Waits until the request may go. Throws RateLimitedError, at once when that would take too long. */
  async admit(operation: Operation, priority: Priority, signal: AbortSignal): Promise<Ticket> {
    const waitMs = this.#roomInMs(operation, priority);
    if (waitMs === 0) return this.#take(operation);
    const resetMs = this.#resetMs(operation);
    if (signal.aborted || waitMs > LONGEST_WAIT_MS[priority]) throw notSent(operation, resetMs);
    const { promise, resolve, reject } = Promise.withResolvers<Ticket>();
    const one: Waiting = { priority, operation, admit: resolve };
    const onAbort = (): void => {
      this.#waiting = this.#waiting.filter((each) => each !== one);
      reject(notSent(operation, resetMs));
      this.#letGo();
    };
    this.#waiting.push(one);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#letGo();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #roomInMs(operation: Operation, priority: Priority): number {
    const pauseMs = Math.max(0, (this.#pausedUntil.get(nameOf(operation)) ?? 0) - performance.now());
    return Math.max(pauseMs, ...this.#limiting(operation).map((each) => roomInMs(renewed(each), priority)));
  }

  #resetMs(operation: Operation): number {
    const times = this.#limiting(operation).map(({ resetsAt }) => resetsAt ?? 0);
    const latest = Math.max(this.#pausedUntil.get(nameOf(operation)) ?? 0, ...times);
    return Math.max(0, latest - performance.now());
  }

  #take(operation: Operation): Ticket {
    const allowances = this.#limiting(operation);
    for (const allowance of allowances) {
      allowance.resetsAt ??= performance.now() + MINUTE;
      allowance.remaining -= 1;
      allowance.underWay += 1;
    }
    const close = (then: () => void): void => {
      for (const allowance of allowances) allowance.underWay -= 1;
      then();
      this.#letGo();
    };
    return {
      done: (told) => close(() => this.#learn(operation, told)),
      refused: (hint) => close(() => this.#exhaust(operation, hint)),
      unused: () =>
        close(() => {
          for (const allowance of allowances) allowance.remaining += 1;
        }),
    };
  }

  /** Lets those go for whom there is room, the most urgent first, and comes back when there is room for the next. */
  #letGo(): void {
    this.#waiting.sort((one, other) => RESERVE[one.priority].atEnd - RESERVE[other.priority].atEnd);
    for (const one of [...this.#waiting]) {
      if (this.#roomInMs(one.operation, one.priority) > 0) continue;
      this.#waiting = this.#waiting.filter((each) => each !== one);
      one.admit(this.#take(one.operation));
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length === 0) return;
    const waits = this.#waiting.map(({ operation, priority }) => this.#roomInMs(operation, priority));
    // It keeps the process alive: whoever waits may be all that a command does.
    this.#timer = setTimeout(() => this.#letGo(), Math.max(1, Math.min(...waits)));
  }

  /** The allowances that the operation takes from: the key's, and one of its own where it is known to have one. */
  #limiting(operation: Operation): readonly Allowance[] {
    const limit = this.#limitOf.get(nameOf(operation)) ?? LIMIT;
    const closest = this.#described(operation, limit);
    return this.#shared.has(limit) ? [closest] : [this.#allowance(String(LIMIT), LIMIT), closest];
  }

  #allowance(name: string, limit: number): Allowance {
    const known = this.#allowances.get(name);
    if (known !== undefined) return known;
    const fresh: Allowance = { limit, remaining: limit, resetsAt: null, underWay: 0 };
    this.#allowances.set(name, fresh);
    return fresh;
  }

  #learn(operation: Operation, told: RateLimitHeaders | null): void {
    if (told === null) return;
    const allowance = this.#told(operation, told.limit);
    const resetsAt = performance.now() + told.resetMs;
    const left = told.remaining - allowance.underWay;
    const startedAnew = resetsAt > (allowance.resetsAt ?? 0) + RESET_PRECISION_MS;
    // Answers overtake each other: within a minute the lowest number told is the latest.
    allowance.remaining = startedAnew ? left : Math.min(allowance.remaining, left);
    allowance.resetsAt = resetsAt;
  }

  #exhaust(operation: Operation, { limit, resetMs }: RateLimitHint): void {
    const resetsAt = performance.now() + (resetMs ?? UNHINTED_PAUSE_MS);
    // What an operation is refused that has a limit of its own is not taken for the key's, whatever the size.
    if (limit === null || (operation.limitedApart === true && this.#shared.has(limit))) {
      this.#pausedUntil.set(nameOf(operation), resetsAt);
      return;
    }
    const allowance = this.#told(operation, limit);
    allowance.remaining = 0;
    allowance.resetsAt = resetsAt;
  }

  /** Learns which limit an answer was about. */
  #told(operation: Operation, limit: number): Allowance {
    if (operation.limitedApart !== true) {
      this.#shared.add(limit);
      this.#keyLimit = limit;
    }
    this.#limitOf.set(nameOf(operation), limit);
    return this.#described(operation, limit);
  }

  #described(operation: Operation, limit: number): Allowance {
    const name = this.#shared.has(limit) ? String(limit) : `${limit} for ${nameOf(operation)}`;
    return this.#allowance(name, limit);
  }
}

function nameOf({ doing, scope }: Pick<Operation, 'doing' | 'scope'>): string {
  return `${doing} (${scope})`;
}

/** The allowance as it is now: full again when its minute is over. */
function renewed(allowance: Allowance): Allowance {
  if (allowance.resetsAt !== null && performance.now() >= allowance.resetsAt) {
    allowance.remaining = allowance.limit - allowance.underWay;
    allowance.resetsAt = null;
  }
  return allowance;
}

/** Milliseconds until a request of this priority may go, should nobody else send any; 0 when it may now. */
function roomInMs({ limit, remaining, resetsAt }: Allowance, priority: Priority): number {
  const { atBegin, atEnd } = RESERVE[priority];
  const resetMs = resetsAt === null ? MINUTE : Math.max(0, resetsAt - performance.now());
  if (remaining <= limit * atEnd) return Math.max(1, resetMs);
  const leftWhenThereIsRoom = atBegin === 0 ? 1 : remaining / (limit * atBegin);
  return Math.max(0, Math.ceil(resetMs - leftWhenThereIsRoom * MINUTE));
}

function notSent(operation: Operation, resetMs: number): RateLimitedError {
  return new RateLimitedError(operation, { limit: null, resetMs }, 'not sent');
}
