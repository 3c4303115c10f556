import { setTimeout as delay } from 'node:timers/promises';
import type { AccessRequest, RequestId } from '../core/access-request.ts';
import { backoffMs, type Backoff } from '../core/values/backoff.ts';
import { msBetween, SECOND } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { AccessRequestEvent, AccessRequests } from '../ports/teleport.ts';

/** A request as Teleport has it now; null when Teleport has it no more. */
export interface Sighting {
  readonly id: RequestId;
  readonly request: AccessRequest | null;
}

/** Where the watch stands. `following` is the only state in which nothing can be missed. */
export type WatchState =
  | { readonly state: 'connecting' }
  | { readonly state: 'listing' }
  | { readonly state: 'following'; readonly since: string }
  | { readonly state: 'waiting'; readonly cause: string };

export interface WatcherOptions {
  readonly requests: AccessRequests;
  readonly clock: Clock;
  readonly random: () => number;
  readonly reporter: Reporter;
  readonly onSighting: (sighting: Sighting) => void;
  readonly onState?: (state: WatchState) => void;
  /** Whenever a watch begins, after `onSighting` for each: all that is pending. What ended while nobody watched is not among it. */
  readonly onListed?: (pending: ReadonlySet<RequestId>) => void;
}

export interface Watcher {
  /** Runs until the signal aborts: connects, lists, follows, and begins again whenever the stream ends. */
  run(signal: AbortSignal): Promise<void>;
  /** Lists what is pending once more, as a safety net under the watch; gives the ids. */
  list(signal: AbortSignal): Promise<readonly AccessRequest[]>;
}

const RECONNECT: Backoff = { firstMs: SECOND / 4, maxMs: 10 * SECOND };
/** A watch that lived this long was healthy: the next reconnection starts over with short waits. */
const HEALTHY_AFTER_MS = 30 * SECOND;

/**
 * Sees every access request. Teleport's stream has no replay and no snapshot, so after INIT everything pending is listed, and
 * events that come in meanwhile are handed on after the listing and win over it: they are the newer.
 */
export function createWatcher(options: WatcherOptions): Watcher {
  const { requests, reporter, clock, onSighting } = options;
  const startedAt = Date.parse(clock.now());
  /** Ids seen on the stream while a listing is under way; what the listing says of them may be older. */
  const listings = new Set<Set<RequestId>>();
  const setState = options.onState ?? (() => undefined);

  async function list(signal: AbortSignal): Promise<readonly AccessRequest[]> {
    const touched = new Set<RequestId>();
    listings.add(touched);
    try {
      const pending = await requests.listPending(signal, (detail) => reporter.malformed({ detail }));
      return pending.filter(({ id }) => !touched.has(id));
    } finally {
      listings.delete(touched);
    }
  }

  /** Of news only: what is listed, or comes again with a review, was created at any time before. */
  function tellIfNew({ id, request }: Sighting): void {
    if (request?.state !== 'pending' || request.reviews.length > 0 || request.created === null) return;
    reporter.seen({ requestId: id, lagMs: Math.max(0, msBetween(request.created, clock.now())) });
  }

  async function follow(signal: AbortSignal): Promise<void> {
    const held: Sighting[] = [];
    const stream = new AbortController();
    const streamSignal = AbortSignal.any([signal, stream.signal]);
    let listing: Promise<void> | null = null;
    let listed = false;
    let failure: unknown = null;

    function sight(sighting: Sighting): void {
      for (const touched of listings) touched.add(sighting.id);
      if (listed) onSighting(sighting);
      else held.push(sighting);
      if (listed) tellIfNew(sighting);
    }

    async function listThenRelease(): Promise<void> {
      const pending = await list(streamSignal);
      for (const request of newestFirst(pending)) onSighting({ id: request.id, request });
      listed = true;
      const seen = new Set([...pending, ...held].map(({ id }) => id));
      for (const sighting of held.splice(0)) onSighting(sighting);
      setState({ state: 'following', since: clock.now() });
      options.onListed?.(seen);
      reporter.watchLive({ pending: pending.length, sinceStartMs: Date.parse(clock.now()) - startedAt });
    }

    try {
      for await (const event of requests.watch(streamSignal)) {
        if (event.kind === 'init') {
          setState({ state: 'listing' });
          listing = listThenRelease().catch((error: unknown) => {
            if (!streamSignal.aborted) failure = error;
            stream.abort();
          });
        } else receive(event, sight);
      }
    } finally {
      stream.abort();
      await listing;
      // Also without a listing these are news: a resolution is in no later listing.
      if (!signal.aborted) for (const sighting of held.splice(0)) onSighting(sighting);
    }
    if (failure !== null) throw failure as Error;
  }

  function receive(
    event: Exclude<AccessRequestEvent, { kind: 'init' }>,
    sight: (sighting: Sighting) => void,
  ) {
    switch (event.kind) {
      case 'put': {
        sight({ id: event.request.id, request: event.request });
        return;
      }
      case 'delete': {
        sight({ id: event.id, request: null });
        return;
      }
      case 'malformed': {
        reporter.malformed({ detail: event.detail });
        return;
      }
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!signal.aborted) {
      setState({ state: 'connecting' });
      const began = Date.parse(clock.now());
      const cause = await follow(signal).then(
        () => 'Teleport closed the stream',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      if (isAborted(signal)) return;
      attempt = Date.parse(clock.now()) - began > HEALTHY_AFTER_MS ? 1 : attempt + 1;
      const retryInMs = backoffMs(RECONNECT, attempt, options.random());
      setState({ state: 'waiting', cause });
      reporter.watchLost({ cause, retryInMs });
      await delay(retryInMs, undefined, { signal }).catch(() => undefined);
    }
  }

  return { run, list };
}

/** Read anew after an await: the compiler believes that the loop's condition still holds. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** After a start there may be more to be asked of PagerDuty than it answers in a minute: first for whom somebody is likely to wait. */
function newestFirst(pending: readonly AccessRequest[]): readonly AccessRequest[] {
  const createdAt = ({ created }: AccessRequest): number =>
    created === null ? -Infinity : Date.parse(created);
  return pending.toSorted((one, other) => {
    const [first, second] = [createdAt(other), createdAt(one)];
    return first === second ? 0 : first - second;
  });
}
