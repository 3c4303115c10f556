export const FAULT_KINDS = [
  'status',
  'html',
  'empty',
  'null-body',
  'wrong-shape',
  'stall-headers',
  'stall-body',
  'reset',
  'rate-limited',
  'half-page',
  'no-date',
  'latency',
] as const;

type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  /**
   * - `status`: an error body with `status` (500)
   * - `html`: a proxy's page with `status` (502)
   * - `empty`: `status` (200) without a body
   * - `null-body`: `status` (200) and the JSON text `null`
   * - `wrong-shape`: 200, and JSON whose wrapped values are of the wrong kind
   * - `stall-headers`, `stall-body`: nothing, or the first half of the body, and then silence
   * - `reset`: the connection is torn down without an answer
   * - `rate-limited`: 429; `headers: false` leaves out its headers and body, as PagerDuty sometimes does
   * - `half-page`: the first page is fine, later ones (offset > 0) get `status` (500)
   * - `no-date`: a good answer without a Date header
   * - `latency`: a good answer after `ms`
   */
  readonly kind: FaultKind;
  readonly match?: { readonly method?: string; readonly pathPrefix?: string };
  /** How many requests it hits; default: all until it is cleared. */
  readonly times?: number;
  /** How many matching requests go through before the first hit. */
  readonly skip?: number;
  readonly status?: number;
  /** Error code of the body, for `status`. */
  readonly code?: number;
  readonly ms?: number;
  readonly headers?: boolean;
  /** Seconds in `ratelimit-reset`, for `rate-limited`. */
  readonly resetSeconds?: number;
  /** `ratelimit-limit`, for `rate-limited`. */
  readonly limit?: number;
  /** Carry the call out first: the incident exists, and the client cannot know it. */
  readonly after?: boolean;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly offset: number;
}

/** A fault that was added: how often it has hit, and how to take it back. */
export interface AddedFault {
  readonly hits: number;
  remove(): void;
}

interface Entry {
  readonly fault: Fault;
  skipped: number;
  hits: number;
}

/** What is to go wrong. The fault added first wins; a latency adds to whatever else goes wrong. */
export class Faults {
  readonly #entries = new Set<Entry>();

  add(fault: Fault): AddedFault {
    const entry: Entry = { fault, skipped: 0, hits: 0 };
    this.#entries.add(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        this.#entries.delete(entry);
      },
    };
  }

  clear(): void {
    this.#entries.clear();
  }

  /** The faults this request runs into, counted as hit. */
  take(request: Request): { readonly latencyMs: number; readonly fault: Fault | undefined } {
    let latencyMs = 0;
    let fault: Fault | undefined;
    for (const entry of this.#entries) {
      const isLatency = entry.fault.kind === 'latency';
      if ((!isLatency && fault !== undefined) || !isDue(entry, request)) continue;
      entry.hits += 1;
      if (isLatency) latencyMs += entry.fault.ms ?? 0;
      else fault = entry.fault;
    }
    return { latencyMs, fault };
  }
}

function isDue(entry: Entry, request: Request): boolean {
  const { match, kind, times, skip } = entry.fault;
  if (match?.method !== undefined && match.method.toUpperCase() !== request.method) return false;
  if (match?.pathPrefix !== undefined && !request.path.startsWith(match.pathPrefix)) return false;
  if (kind === 'half-page' && request.offset === 0) return false;
  if (times !== undefined && entry.hits >= times) return false;
  if (entry.skipped < (skip ?? 0)) {
    entry.skipped += 1;
    return false;
  }
  return true;
}
