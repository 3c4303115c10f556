import { status } from '@grpc/grpc-js';
import { StatusError } from './errors.ts';
import type { WireMessage, WireWatchKind } from './wire-types.ts';

/** What happened to one resource. */
export interface ResourceEvent {
  readonly type: 'PUT' | 'DELETE';
  readonly kind: string;
  readonly name: string;
  /** The values filters look at, e.g. `state` of an access request; a DELETE knows none. */
  readonly filterable: Readonly<Record<string, string>>;
  /** The member of `proto.Event` which carries the resource. */
  readonly member: WireMessage;
}

/** The stream of one watcher. */
export interface WatchSink {
  /** Sends one `proto.Event`; false when the reader is behind, until `drained`. */
  write(event: WireMessage): boolean;
  end(): void;
  fail(error: StatusError): void;
}

export interface Watcher {
  readonly user: string;
  readonly kinds: readonly WireWatchKind[];
  /** Whether INIT has been sent. */
  readonly initialized: boolean;
}

export interface WatchFanoutOptions {
  /** Events a slow reader may lag behind before its grace begins; Teleport: 1024. */
  readonly bufferedEvents?: number;
  /** How long it may stay that far behind, in milliseconds; Teleport: 59 s. */
  readonly lagGraceMs?: number;
}

const OPERATION = { INIT: 0, PUT: 1, DELETE: 2 } as const;

/** Texts which Teleport's event system sends as plain errors, so with code UNKNOWN. */
export const FANOUT_RESET = new StatusError(status.UNKNOWN, 'event fanout system reset');
const FANOUT_LAGGING = new StatusError(status.UNKNOWN, 'event fanout cursor exceeded grace period');

/**
 * Sends every event to every watcher whose kinds and filters match: one INIT first, then only what happens after it.
 * The knobs bring about what a client meets on a bad day.
 */
export class WatchFanout {
  readonly #subscriptions = new Set<Subscription>();
  readonly #options: Required<WatchFanoutOptions>;
  #initHeld = false;
  #eventsHeld: ResourceEvent[] | undefined;
  #copies = 1;
  #replay = { ms: 0, lateMs: 0 };
  #recent: { readonly at: number; readonly event: ResourceEvent }[] = [];

  constructor({ bufferedEvents = 1024, lagGraceMs = 59_000 }: WatchFanoutOptions = {}) {
    this.#options = { bufferedEvents, lagGraceMs };
  }

  get watchers(): readonly Watcher[] {
    return [...this.#subscriptions];
  }

  /** Begins a watch; `kinds` are those the server confirmed. The caller reports `drained` and calls `close`. */
  subscribe(user: string, kinds: readonly WireWatchKind[], sink: WatchSink): Subscription {
    const subscription = new Subscription({ user, kinds, sink, ...this.#options }, () =>
      this.#subscriptions.delete(subscription),
    );
    this.#subscriptions.add(subscription);
    if (!this.#initHeld) this.#initialize(subscription);
    return subscription;
  }

  publish(event: ResourceEvent): void {
    if (this.#eventsHeld !== undefined) {
      this.#eventsHeld.push(event);
      return;
    }
    const at = performance.now();
    this.#recent = [...this.#recent.filter((recent) => recent.at > at - this.#replay.ms), { at, event }];
    for (const subscription of this.#subscriptions) {
      for (let copy = 0; copy < this.#copies; copy += 1) subscription.offer(event);
    }
  }

  /** Knob: watches opened from now on get no INIT until `releaseInit`. */
  holdInit(): void {
    this.#initHeld = true;
  }

  releaseInit(): void {
    this.#initHeld = false;
    for (const subscription of this.#subscriptions) this.#initialize(subscription);
  }

  /**
   * Knob: what was written up to `ms` before a watch began arrives after its INIT, `lateMs` later, and what is written meanwhile
   * after that: as from a backend that is polled.
   */
  replayRecent(ms: number, { lateMs = 0 }: { readonly lateMs?: number } = {}): void {
    this.#replay = { ms, lateMs };
  }

  #initialize(subscription: Subscription): void {
    if (subscription.initialized) return;
    const since = performance.now() - this.#replay.ms;
    subscription.initialize(
      this.#recent.filter(({ at }) => at > since).map(({ event }) => event),
      this.#replay.lateMs,
    );
  }

  /** Knob: keeps events back until `releaseEvents`, which sends them in order. */
  holdEvents(): void {
    this.#eventsHeld ??= [];
  }

  releaseEvents(): void {
    const held = this.#eventsHeld ?? [];
    this.#eventsHeld = undefined;
    for (const event of held) this.publish(event);
  }

  /** Knob: drops the events kept back, as a stream does which was cut before they went out. */
  dropHeldEvents(): void {
    this.#eventsHeld = undefined;
  }

  /** Knob: sends every event this many times. */
  repeatEvents(copies: number): void {
    this.#copies = copies;
  }

  /** Knob: sends an arbitrary `proto.Event` to all watchers, whatever they asked for. */
  sendRaw(event: WireMessage): void {
    for (const subscription of this.#subscriptions) subscription.send(event);
  }

  /** Knob: ends all watches, with a status or, without one, with a clean end of stream. */
  cutAll(error?: StatusError): void {
    for (const subscription of this.#subscriptions) subscription.cut(error);
  }
}

interface SubscriptionOptions extends Required<WatchFanoutOptions> {
  readonly user: string;
  readonly kinds: readonly WireWatchKind[];
  readonly sink: WatchSink;
}

/** One watcher: its filters, its INIT, and the events its reader has not taken yet. */
export class Subscription implements Watcher {
  readonly user: string;
  readonly kinds: readonly WireWatchKind[];
  readonly #options: SubscriptionOptions;
  readonly #onClose: () => void;
  readonly #backlog: WireMessage[] = [];
  #initialized = false;
  #readerIsBehind = false;
  #graceTimer: NodeJS.Timeout | undefined;
  /** What waits for the poll that brings it. */
  #unpolled: ResourceEvent[] | null = null;
  #pollTimer: NodeJS.Timeout | undefined;

  constructor(options: SubscriptionOptions, onClose: () => void) {
    this.user = options.user;
    this.kinds = options.kinds;
    this.#options = options;
    this.#onClose = onClose;
  }

  get initialized(): boolean {
    return this.#initialized;
  }

  /** `earlier` follows INIT so many milliseconds later; 0 is at once. */
  initialize(earlier: readonly ResourceEvent[], lateMs: number): void {
    this.#initialized = true;
    this.send({
      Type: OPERATION.INIT,
      WatchStatus: { Kind: 'watch_status', Version: 'v1', Spec: { Kinds: this.kinds } },
    });
    if (lateMs > 0) {
      this.#unpolled = [...earlier];
      this.#pollTimer = setTimeout(() => this.#poll(), lateMs).unref();
    } else for (const event of earlier) this.offer(event);
  }

  /** Teleport: nothing precedes INIT. */
  offer(event: ResourceEvent): void {
    if (!this.#initialized || !this.kinds.some((kind) => matches(kind, event))) return;
    if (this.#unpolled !== null) this.#unpolled.push(event);
    else this.send({ Type: OPERATION[event.type], ...event.member });
  }

  send(event: WireMessage): void {
    if (this.#readerIsBehind) {
      this.#backlog.push(event);
      this.#watchLag();
    } else {
      this.#readerIsBehind = !this.#options.sink.write(event);
    }
  }

  /** The reader has caught up with what was written. */
  drained(): void {
    this.#readerIsBehind = false;
    while (!this.#readerIsBehind && this.#backlog.length > 0) {
      const event = this.#backlog.shift();
      if (event !== undefined) this.#readerIsBehind = !this.#options.sink.write(event);
    }
    if (this.#backlog.length <= this.#options.bufferedEvents) this.#stopTimer();
  }

  cut(error?: StatusError): void {
    this.close();
    if (error === undefined) this.#options.sink.end();
    else this.#options.sink.fail(error);
  }

  close(): void {
    clearTimeout(this.#pollTimer);
    this.#stopTimer();
    this.#onClose();
  }

  #poll(): void {
    const events = this.#unpolled ?? [];
    this.#unpolled = null;
    for (const event of events) this.offer(event);
  }

  #watchLag(): void {
    if (this.#backlog.length <= this.#options.bufferedEvents) return;
    this.#graceTimer ??= setTimeout(() => this.cut(FANOUT_LAGGING), this.#options.lagGraceMs).unref();
  }

  #stopTimer(): void {
    clearTimeout(this.#graceTimer);
    this.#graceTimer = undefined;
  }
}

/** Teleport: filters apply to PUT only; a DELETE carries nothing they could look at. */
function matches(wanted: WireWatchKind, event: ResourceEvent): boolean {
  if (wanted.Kind !== event.kind) return false;
  if (wanted.Name !== '' && wanted.Name !== event.name) return false;
  return (
    event.type === 'DELETE' ||
    Object.entries(wanted.Filter).every(([key, value]) => event.filterable[key] === value)
  );
}
