import { MINUTE, SECOND } from '../values/instant.ts';

/** How often the roster renews itself ahead of need. */
export interface Pace {
  readonly everyMs: number;
  /** Whether that is often enough for decisions to find it fresh, and so to take no read. */
  readonly keepsFresh: boolean;
}

/** Renewed when so much of its freshness is over: the next answer is there before the last one is too old. */
const RENEW_AT = 0.8;
/** Of what may be read, so much goes to rows; the rest to names and people. */
const FOR_ROWS = 0.85;
/** An answer must have the time to come. */
const SHORTEST_FRESHNESS_MS = SECOND;
/** For sightings alone. */
const WATCH_EVERY_MS = 30 * SECOND;
/** PagerDuty limits GET /oncalls by itself, by a number that it does not publish; others read by it too. */
const SHARE_OF_ITS_LIMIT = 1 / 3;

export interface Costs {
  /** Requests that PagerDuty allows the key in a minute. */
  readonly key: number;
  /** Of these, what the roster may take: `roster.budget`. */
  readonly share: number;
  /** Requests a minute of GET /oncalls, as its answers tell; null where they told nothing of a limit of its own. */
  readonly onCalls: number | null;
  /** How many requests it takes to read the whole roster once. */
  readonly readsPerLook: number;
  readonly freshnessMs: number;
}

/** How many requests a minute may be spent ahead of need, all together and for rows. */
export function allowedPerMinute({ key, share, onCalls }: Pick<Costs, 'key' | 'share' | 'onCalls'>): {
  readonly all: number;
  readonly rows: number;
} {
  const all = Math.floor(key * share);
  return { all, rows: Math.min(all * FOR_ROWS, (onCalls ?? Infinity) * SHARE_OF_ITS_LIMIT) };
}

/** Fresh at all times where that can be had for the budget; else only as often as sightings need it. */
export function paceOf(costs: Costs): Pace {
  const { rows } = allowedPerMinute(costs);
  const { readsPerLook, freshnessMs } = costs;
  const everyMs = freshnessMs * RENEW_AT;
  if (freshnessMs >= SHORTEST_FRESHNESS_MS && (MINUTE / everyMs) * readsPerLook <= rows) {
    return { everyMs, keepsFresh: true };
  }
  return { everyMs: Math.max(WATCH_EVERY_MS, (MINUTE * readsPerLook) / rows), keepsFresh: false };
}
