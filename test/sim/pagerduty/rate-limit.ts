import { MINUTE_MS } from './durations.ts';

export interface RateLimitOptions {
  /** PagerDuty: 960 a minute, per key; user keys share one allowance per user. */
  readonly perMinute?: number;
  /** PagerDuty: some 429s come without headers and body. */
  readonly bareRefusals?: boolean;
}

export interface RateLimitAnswer {
  readonly isAllowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

const DEFAULT_PER_MINUTE = 960;

/** Counts requests per key in windows of one minute. */
export class RateLimit {
  readonly perMinute: number;
  readonly bareRefusals: boolean;
  readonly #windows = new Map<string, { readonly endsAt: number; readonly used: number }>();

  constructor(options: RateLimitOptions = {}) {
    this.perMinute = options.perMinute ?? DEFAULT_PER_MINUTE;
    this.bareRefusals = options.bareRefusals ?? false;
  }

  take(owner: string, now: Date): RateLimitAnswer {
    const current = this.#windows.get(owner);
    const isCurrent =
      current !== undefined && now.getTime() < current.endsAt && current.endsAt - now.getTime() <= MINUTE_MS;
    const window = isCurrent ? current : { endsAt: now.getTime() + MINUTE_MS, used: 0 };
    const used = window.used + 1;
    this.#windows.set(owner, { ...window, used });
    const resetSeconds = Math.ceil((window.endsAt - now.getTime()) / 1000);
    return {
      isAllowed: used <= this.perMinute,
      headers: rateLimitHeaders(this.perMinute, Math.max(0, this.perMinute - used), resetSeconds),
    };
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
