import { setTimeout as delay } from 'node:timers/promises';
import { isWhole, type RequestId, type SeenRequest } from '../core/access-request.ts';
import { msBetween, SECOND } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { AccessRequestEvent, AccessRequests, ObservedRequest } from '../ports/teleport.ts';

export interface OneWatchOptions {
  readonly requests: AccessRequests;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** What is pending, without what any stream has told of since the question was put. */
  readonly list: (signal: AbortSignal) => Promise<readonly SeenRequest[]>;
  /** For each request, also of one that is left out because a newer watch told of it before. */
  readonly onTold: (id: RequestId) => void;
  readonly onObserved: (observed: ObservedRequest) => void;
  readonly onListing: () => void;
  /** After `onObserved` for each. */
  readonly onListed: (seen: ReadonlySet<RequestId>, pending: number) => void;
  /** Long enough after the listing for another one to show what this one could not. */
  readonly onSettled: () => void;
}

/** Teleport answers listings from caches, which may be behind for so long after an auth server has started. */
const SETTLED_AFTER_MS = 16 * SECOND;

/**
 * One stream: its INIT, the listing, and what it tells from then on, until it ends, fails, or is left. Teleport's stream has no
 * replay and no snapshot, so after INIT everything pending is listed, and events that come in meanwhile are handed on after the
 * listing and win over it: they are the newer.
 */
export class OneWatch {
  /** Resolves once everything pending was handed on; never where it ends before. */
  readonly live: Promise<void>;
  /** Resolves when the next watch would run as a renewed identity. */
  readonly superseded: Promise<void>;
  /** Rejects with why it failed. */
  readonly ended: Promise<void>;
  /** Aborts when it has ended. */
  readonly over: AbortSignal;
  readonly #options: OneWatchOptions;
  readonly #left = new AbortController();
  /** Of what it has told; null unless there is an older watch that may tell of it later. */
  #told: Set<RequestId> | null = null;
  readonly #held: ObservedRequest[] = [];
  readonly #live = Promise.withResolvers<undefined>();
  #listed = false;
  #newer: OneWatch | null = null;

  constructor(options: OneWatchOptions, signal: AbortSignal, predecessor: OneWatch | null) {
    this.#options = options;
    const superseded = Promise.withResolvers<undefined>();
    const over = new AbortController();
    this.live = this.#live.promise;
    this.superseded = superseded.promise;
    this.over = over.signal;
    if (predecessor !== null) this.#takeOverFrom(predecessor);
    this.ended = this.#follow(signal, () => superseded.resolve(undefined)).finally(() => {
      this.#told = null;
      over.abort();
    });
    this.ended.catch(() => undefined);
  }

  readonly leave = (): void => this.#left.abort();

  #takeOverFrom(predecessor: OneWatch): void {
    this.#told = new Set();
    predecessor.#newer = this;
    predecessor.over.addEventListener('abort', () => (this.#told = null));
  }

  async #follow(signal: AbortSignal, onSuperseded: () => void): Promise<void> {
    const stream = new AbortController();
    const streamSignal = AbortSignal.any([signal, this.#left.signal, stream.signal]);
    let listing: Promise<void> | null = null;
    let failure: unknown = null;
    try {
      for await (const event of this.#options.requests.watch(streamSignal, onSuperseded)) {
        if (event.kind === 'init') {
          this.#options.onListing();
          listing = this.#listThenRelease(streamSignal).catch((error: unknown) => {
            if (!streamSignal.aborted) failure = error;
            stream.abort();
          });
        } else this.#receive(event);
      }
    } finally {
      stream.abort();
      await listing;
      // Also without a listing these are news: a resolution is in no later listing.
      if (!signal.aborted) this.#release();
    }
    if (failure !== null) throw failure as Error;
  }

  async #listThenRelease(signal: AbortSignal): Promise<void> {
    const { list, onObserved, onListed } = this.#options;
    const pending = await list(signal);
    for (const request of newestFirst(pending)) onObserved({ id: request.id, request, listed: true });
    this.#listed = true;
    const seen = new Set([...pending, ...this.#held].map(({ id }) => id));
    this.#release();
    onListed(seen, pending.length);
    this.#live.resolve(undefined);
    void delay(SETTLED_AFTER_MS, undefined, { signal, ref: false }).then(
      this.#options.onSettled,
      () => undefined,
    );
  }

  #receive(event: Exclude<AccessRequestEvent, { kind: 'init' }>): void {
    switch (event.kind) {
      case 'put': {
        this.#observe({ id: event.request.id, request: event.request });
        return;
      }
      case 'delete': {
        this.#observe({ id: event.id, request: null });
        return;
      }
      case 'malformed': {
        this.#options.reporter.malformed({ detail: event.detail });
        return;
      }
    }
  }

  #observe(observed: ObservedRequest): void {
    this.#told?.add(observed.id);
    this.#options.onTold(observed.id);
    if (this.#newer !== null && this.#newer.#hasTold(observed.id)) return;
    if (!this.#listed) {
      this.#held.push(observed);
      return;
    }
    this.#options.onObserved(observed);
    this.#tellIfNew(observed);
  }

  #hasTold(id: RequestId): boolean {
    return this.#told?.has(id) === true;
  }

  #release(): void {
    for (const observed of this.#held.splice(0)) this.#options.onObserved(observed);
  }

  /** Of news only: what is listed, or comes again with a review, was created at any time before. */
  #tellIfNew({ id, request }: ObservedRequest): void {
    if (request === null || !isWhole(request)) return;
    if (request.state !== 'pending' || request.reviews.length > 0 || request.created === null) return;
    const { clock, reporter } = this.#options;
    reporter.seen({ requestId: id, lagMs: Math.max(0, msBetween(request.created, clock.now())) });
  }
}

/** After a start there may be more to be asked of PagerDuty than it answers in a minute: first for whom somebody is likely to wait. */
function newestFirst(pending: readonly SeenRequest[]): readonly SeenRequest[] {
  const createdAt = ({ created }: SeenRequest): number =>
    created === null ? -Infinity : Date.parse(created);
  return pending.toSorted((one, other) => {
    const [first, second] = [createdAt(other), createdAt(one)];
    return first === second ? 0 : first - second;
  });
}
