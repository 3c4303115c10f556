import { MINUTE_MS } from './durations.ts';

export interface RateLimitOptions {
  /** PagerDuty: 960 a minute, per key; user keys share one allowance per user. */
  readonly perMinute?: number;
  /** PagerDuty limits GET /oncalls, POST /incidents and PUT /incidents further; by `POST /incidents`, a minute and key. */
  readonly operations?: Readonly<Record<string, number>>;
  /** PagerDuty: some 429s come without headers and body. */
  readonly bareRefusals?: boolean;
}

const DEFAULT_PER_MINUTE = 960;

interface Window {
  readonly limit: number;
  readonly remaining: number;
  readonly endsAt: number;
}

/** Counts requests per key, and for some operations by themselves too, in windows of one minute. */
export class RateLimit {
  readonly bareRefusals: boolean;
  #perMinute: number;
  readonly #operations: Readonly<Record<string, number>>;
  readonly #windows = new Map<string, Window>();

  constructor(options: RateLimitOptions = {}) {
    this.#perMinute = options.perMinute ?? DEFAULT_PER_MINUTE;
    this.#operations = options.operations ?? {};
    this.bareRefusals = options.bareRefusals ?? false;
  }

  /** PagerDuty raises an account's limit where it is asked to; a minute that has begun keeps its own. */
  raise(perMinute: number): void {
    this.#perMinute = perMinute;
  }

  /** The headers tell of whichever limit is closest, the one that refuses among them. */
  take(
    owner: string,
    operation: string,
    now: Date,
  ): { readonly isAllowed: boolean; readonly headers: Readonly<Record<string, string>> } {
    const own = this.#operations[operation];
    const windows = [
      this.#count(owner, this.#perMinute, now),
      ...(own === undefined ? [] : [this.#count(`${owner} ${operation}`, own, now)]),
    ];
    const closest = windows.reduce((one, other) =>
      one.remaining / one.limit <= other.remaining / other.limit ? one : other,
    );
    const { limit, remaining, endsAt } = closest;
    const resetSeconds = Math.ceil((endsAt - now.getTime()) / 1000);
    return {
      isAllowed: remaining >= 0,
      headers: rateLimitHeaders(limit, Math.max(0, remaining), resetSeconds),
    };
  }

  #count(name: string, limit: number, now: Date): Window {
    const current = this.#windows.get(name);
    const isCurrent =
      current !== undefined && now.getTime() < current.endsAt && current.endsAt - now.getTime() <= MINUTE_MS;
    const window = isCurrent ? current : { limit, remaining: limit, endsAt: now.getTime() + MINUTE_MS };
    const counted = { ...window, remaining: window.remaining - 1 };
    this.#windows.set(name, counted);
    return counted;
  }
}

/** @param resetSeconds seconds from now until the window ends, not a time of day */
export function rateLimitHeaders(
  limit: number,
  remaining: number,
  resetSeconds: number,
): Readonly<Record<string, string>> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(resetSeconds),
  };
}
