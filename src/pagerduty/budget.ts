import { MINUTE, SECOND } from '../core/values/instant.ts';
import type { Priority } from '../ports/pagerduty.ts';
import { RateLimitedError, type Operation } from './errors.ts';

/** PagerDuty: requests a minute and key; its answers tell the real number. */
const LIMIT = 960;
/**
 * The share of the limit that this priority leaves untouched for more urgent ones. It is more at the beginning of a minute, and
 * becomes less as the minute passes: what comes in its last seconds must find room too.
 */
const RESERVE: Readonly<Record<Priority, { readonly atBegin: number; readonly atEnd: number }>> = {
  decision: { atBegin: 0, atEnd: 0 },
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
  readonly scope: string;
  readonly admit: (ticket: Ticket) => void;
}

/** The right to send one request. */
export interface Ticket {
  /** One of the three is to be called, once. `told` is null when no such header was heard of. */
  readonly done: (told: RateLimitHeaders | null) => void;
  /** PagerDuty refused by its rate limit; `resetMs` null where it gave no hint. */
  readonly refused: (resetMs: number | null) => void;
  /** The request was not sent after all. */
  readonly unused: () => void;
}

/**
 * What may be sent with one key. Keeps to PagerDuty's limit by what its answers tell, other replicas' requests included, so
 * that nothing is refused; lets urgent requests go first, and keeps a reserve for them. Operations that PagerDuty limits further
 * (it does not say which) have an allowance of their own, known by its size.
 */
export class Budget {
  readonly #allowances = new Map<number, Allowance>();
  readonly #limitOf = new Map<string, number>();
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** What is left of the closest allowance. */
  state(): { readonly limit: number; readonly remaining: number } {
    const all = [...this.#allowances.values()].map((each) => renewed(each));
    const closest = all.sort((one, other) => one.remaining / one.limit - other.remaining / other.limit)[0];
    return closest ?? { limit: LIMIT, remaining: LIMIT };
  }

  /** Waits until the request may go. Throws RateLimitedError, at once when that would take too long. */
  async admit(operation: Operation, priority: Priority, signal: AbortSignal): Promise<Ticket> {
    const { scope } = operation;
    if (this.#hasRoom(scope, priority)) return this.#take(scope);
    const allowance = this.#allowance(scope);
    const resetMs = Math.max(0, (allowance.resetsAt ?? 0) - performance.now());
    if (signal.aborted || roomInMs(allowance, priority) > LONGEST_WAIT_MS[priority]) {
      throw notSent(operation, resetMs);
    }
    const { promise, resolve, reject } = Promise.withResolvers<Ticket>();
    const one: Waiting = { priority, scope, admit: resolve };
    const onAbort = (): void => {
      this.#waiting = this.#waiting.filter((each) => each !== one);
      reject(notSent(operation, resetMs));
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

  #hasRoom(scope: string, priority: Priority): boolean {
    return roomInMs(renewed(this.#allowance(scope)), priority) === 0;
  }

  #take(scope: string): Ticket {
    const allowance = this.#allowance(scope);
    allowance.resetsAt ??= performance.now() + MINUTE;
    allowance.remaining -= 1;
    allowance.underWay += 1;
    const close = (then: () => void): void => {
      allowance.underWay -= 1;
      then();
      this.#letGo();
    };
    return {
      done: (told) => close(() => this.#learn(scope, told)),
      refused: (resetMs) => close(() => exhaust(this.#allowance(scope), resetMs ?? UNHINTED_PAUSE_MS)),
      unused: () => close(() => (allowance.remaining += 1)),
    };
  }

  /** Lets those go for whom there is room, the most urgent first, and comes back when there is room for the next. */
  #letGo(): void {
    this.#waiting.sort((one, other) => RESERVE[one.priority].atEnd - RESERVE[other.priority].atEnd);
    for (const one of [...this.#waiting]) {
      if (!this.#hasRoom(one.scope, one.priority)) continue;
      this.#waiting = this.#waiting.filter((each) => each !== one);
      one.admit(this.#take(one.scope));
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length === 0) return;
    const waits = this.#waiting.map(({ scope, priority }) => roomInMs(this.#allowance(scope), priority));
    this.#timer = setTimeout(() => this.#letGo(), Math.max(1, Math.min(...waits))).unref();
  }

  #allowance(scope: string): Allowance {
    const limit = this.#limitOf.get(scope) ?? LIMIT;
    const known = this.#allowances.get(limit);
    if (known !== undefined) return known;
    const fresh: Allowance = { limit, remaining: limit, resetsAt: null, underWay: 0 };
    this.#allowances.set(limit, fresh);
    return fresh;
  }

  #learn(scope: string, told: RateLimitHeaders | null): void {
    if (told === null) return;
    if (told.limit !== (this.#limitOf.get(scope) ?? LIMIT)) this.#limitOf.set(scope, told.limit);
    const allowance = this.#allowance(scope);
    const resetsAt = performance.now() + told.resetMs;
    const left = told.remaining - allowance.underWay;
    const startedAnew = resetsAt > (allowance.resetsAt ?? 0) + RESET_PRECISION_MS;
    // Answers overtake each other: within a minute the lowest number told is the latest.
    allowance.remaining = startedAnew ? left : Math.min(allowance.remaining, left);
    allowance.resetsAt = resetsAt;
  }
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
  return new RateLimitedError(operation, resetMs, 'not sent');
}

function exhaust(allowance: Allowance, resetMs: number): void {
  allowance.remaining = 0;
  allowance.resetsAt = performance.now() + resetMs;
}
