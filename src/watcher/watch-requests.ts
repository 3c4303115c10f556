import { setTimeout as delay } from 'node:timers/promises';
import type { RequestId, SeenRequest } from '../core/access-request.ts';
import { backoffMs, type Backoff } from '../core/values/backoff.ts';
import { SECOND } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { AccessRequests, ObservedRequest } from '../ports/teleport.ts';
import { OneWatch } from './one-watch.ts';
import { messageOf } from '../core/values/cause.ts';

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
  readonly onObserved: (observed: ObservedRequest) => void;
  readonly onState?: (state: WatchState) => void;
}

/** What whoever runs it is told of listings. */
export interface ListingTold {
  /** Whenever a watch begins, after `onObserved` for each: all that is pending. What ended while nobody watched is not among it. */
  readonly onListed: (pending: ReadonlySet<RequestId>) => void;
  /** Some time after: another listing now shows what the first one was too early for. */
  readonly onSettled: () => void;
}

export interface Watcher {
  /** Runs until the signal aborts: connects, lists, follows, and begins again whenever the stream ends. */
  run(signal: AbortSignal, told?: ListingTold): Promise<void>;
  /** Lists what is pending once more, as a safety net under the watch; gives the ids. */
  list(signal: AbortSignal): Promise<readonly SeenRequest[]>;
}

const RECONNECT: Backoff = { firstMs: SECOND / 4, maxMs: 10 * SECOND };
/** A watch that lived this long was healthy: the next reconnection starts over with short waits. */
const HEALTHY_AFTER_MS = 30 * SECOND;
/** What was on its way when the next watch began, and is younger than what a listing shows, arrives meanwhile. */
const LEFT_AFTER_MS = 5 * SECOND;

/**
 * Sees every access request: one watch after another. Where the identity was renewed the next one begins before the last one is
 * left, so that nothing is missed and nothing is lost; where a watch ends by itself, the next one begins after a short wait.
 */
export function createWatcher(options: WatcherOptions): Watcher {
  const { requests, reporter, clock, onObserved } = options;
  const startedAt = Date.parse(clock.now());
  /** Ids seen on a stream while a listing is under way; what the listing says of them may be older. */
  const listings = new Set<Set<RequestId>>();
  let told: ListingTold | undefined;
  const setState = options.onState ?? (() => undefined);

  async function list(signal: AbortSignal): Promise<readonly SeenRequest[]> {
    const touched = new Set<RequestId>();
    listings.add(touched);
    try {
      const pending = await requests.listPending(signal, (detail) => reporter.malformed({ detail }));
      return pending.filter(({ id }) => !touched.has(id));
    } finally {
      listings.delete(touched);
    }
  }

  /** The first of a row, or one that takes over from another: then it is no news that the watch is live. */
  function begin(signal: AbortSignal, predecessor: OneWatch | null): OneWatch {
    const isFirst = predecessor === null;
    const watchOptions = {
      requests,
      clock,
      reporter,
      list,
      onObserved,
      onTold(id: RequestId) {
        for (const touched of listings) touched.add(id);
      },
      onListing() {
        if (isFirst) setState({ state: 'listing' });
      },
      onListed(pending: ReadonlySet<RequestId>, listed: number) {
        setState({ state: 'following', since: clock.now() });
        told?.onListed(pending);
        if (isFirst) {
          reporter.watchLive({ pending: listed, sinceStartMs: Date.parse(clock.now()) - startedAt });
        }
      },
      onSettled: () => told?.onSettled(),
    };
    return new OneWatch(watchOptions, signal, predecessor);
  }

  /** Ends, or throws, as the last of the watches does that take over from each other. */
  async function followOn(signal: AbortSignal): Promise<void> {
    let watch = begin(signal, null);
    for (;;) {
      await Promise.race([watch.ended, Promise.all([watch.live, watch.superseded])]);
      const next = await successorOf(watch, signal);
      if (next === null) {
        await watch.ended;
        return;
      }
      const { leave, over } = watch;
      void pause(LEFT_AFTER_MS, over).then(leave);
      watch = next;
    }
  }

  /** A live watch beside this one, however many tries it takes; null when this one ends meanwhile. */
  async function successorOf(watch: OneWatch, signal: AbortSignal): Promise<OneWatch | null> {
    const over = watch.ended.catch(() => undefined);
    for (let attempt = 1; !watch.over.aborted; attempt += 1) {
      const next = begin(signal, watch);
      const isLive = await Promise.race([
        next.live.then(() => true),
        next.ended.catch(() => undefined).then(() => false),
        over.then(() => false),
      ]);
      if (isLive) return next;
      next.leave();
      await pause(backoffMs(RECONNECT, attempt, options.random()), watch.over);
    }
    return null;
  }

  async function run(signal: AbortSignal, listingTold?: ListingTold): Promise<void> {
    told = listingTold;
    let attempt = 0;
    while (!signal.aborted) {
      setState({ state: 'connecting' });
      const began = Date.parse(clock.now());
      const cause = await followOn(signal).then(() => 'Teleport closed the stream', messageOf);
      if (isAborted(signal)) return;
      attempt = Date.parse(clock.now()) - began > HEALTHY_AFTER_MS ? 1 : attempt + 1;
      const retryInMs = backoffMs(RECONNECT, attempt, options.random());
      setState({ state: 'waiting', cause });
      reporter.watchLost({ cause, retryInMs });
      await pause(retryInMs, signal);
    }
  }

  return { run, list };
}

/** Read anew after an await: the compiler believes that the loop's condition still holds. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Shorter when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
