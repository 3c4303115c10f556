import {
  PagerDutyError,
  type Ask,
  type Priority,
  type Incident,
  type Incidents,
} from '../ports/pagerduty.ts';
import { SECOND } from '../core/values/instant.ts';
import type { TeleportUser } from '../core/identity.ts';
import { remember } from '../core/values/remember.ts';
import { TeleportError, type LoginState, type TeleportUsers } from '../ports/teleport.ts';

/** The smaller the more urgent. */
const URGENCY: Readonly<Record<Priority, number>> = {
  ...{ decision: 0, person: 1, page: 2, 'follow-up': 3, background: 4 },
};
/** So many reads of one thing may be under way; whoever comes then waits for the next one, together with all others. */
const MOST_UNDER_WAY = 2;

interface Reading<T> {
  readonly answer: Promise<T>;
  /** By a clock that never goes back; Infinity until it is sent. */
  askedMs: number;
  ask: Ask;
  readonly send: () => void;
}

export interface Taken<T> {
  readonly value: T;
  /** When it was asked for, by `performance.now()`: it cannot be older. */
  readonly askedMs: number;
}

/**
 * One thing that is read again and again, for whoever asks. What was asked for no longer ago than the asker allows is given again,
 * there or under way; else it is read, once for all who wait. Nobody waits for a read that is less urgent than their own. A failure is
 * thrown to all who wait, and never kept.
 */
export class SharedReading<T> {
  readonly #read: (ask: Ask) => Promise<T>;
  readonly #stop: AbortSignal;
  readonly #overdue: () => Error;
  #last: Taken<T> | null;
  #underWay: Reading<T>[] = [];

  /**
   * `stop` ends what is under way; an asker whose own time is over only stops waiting, by the error `overdue`. `last` is what is at hand
   * already.
   */
  constructor(
    read: (ask: Ask) => Promise<T>,
    stop: AbortSignal,
    { last = null, overdue = overdueAtPagerDuty }: { last?: Taken<T> | null; overdue?: () => Error } = {},
  ) {
    this.#read = read;
    this.#stop = stop;
    this.#last = last;
    this.#overdue = overdue;
  }

  /** The last answer, however old it is. */
  get last(): Taken<T> | null {
    return this.#last;
  }

  /** Puts an answer at hand that was read in another way. */
  learn(taken: Taken<T>): void {
    if (this.#last === null || this.#last.askedMs < taken.askedMs) this.#last = taken;
  }

  /** Throws what the read throws, and `overdue` where the asker's time is over first. */
  async take(maxAgeMs: number, ask: Ask): Promise<T> {
    const oldest = performance.now() - maxAgeMs;
    if (this.#last !== null && this.#last.askedMs >= oldest) return this.#last.value;
    const mayJoin = ({ askedMs, ask: { priority } }: Reading<T>): boolean =>
      askedMs >= oldest && (askedMs === Infinity || urgencyOf(priority) <= urgencyOf(ask.priority));
    const reading = this.#underWay.find(mayJoin) ?? this.#begin(ask);
    if (reading.askedMs === Infinity && urgencyOf(ask.priority) < urgencyOf(reading.ask.priority))
      reading.ask = ask;
    return await unlessAborted(reading.answer, ask.signal, this.#overdue);
  }

  #begin(ask: Ask): Reading<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const send = (): void => {
      if (reading.askedMs !== Infinity) return;
      reading.askedMs = performance.now();
      this.#read({ ...reading.ask, signal: this.#stop }).then(
        (value) => {
          this.learn({ value, askedMs: reading.askedMs });
          this.#end(reading);
          resolve(value);
        },
        (error: unknown) => {
          this.#end(reading);
          reject(error);
        },
      );
    };
    const reading: Reading<T> = { answer: promise, askedMs: Infinity, ask, send };
    // Whoever waits is told; else nobody needs it.
    promise.catch(() => undefined);
    // One turn later, so that whoever asks at this very moment goes along.
    if (this.#underWay.push(reading) <= MOST_UNDER_WAY) setImmediate(send);
    return reading;
  }

  #end(reading: Reading<T>): void {
    this.#underWay = this.#underWay.filter((each) => each !== reading);
    const next = this.#underWay[MOST_UNDER_WAY - 1];
    if (next?.askedMs === Infinity) next.send();
  }
}

function urgencyOf(priority: Priority = 'decision'): number {
  return URGENCY[priority];
}

function overdueAtPagerDuty(): PagerDutyError {
  const problem = "could not read from PagerDuty: the asker's time was over before the answer was there";
  return new PagerDutyError('timeout', problem, { transient: true });
}

async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal, overdue: () => Error): Promise<T> {
  const over = Promise.withResolvers<never>();
  const onAbort = (): void => over.reject(overdue());
  signal.addEventListener('abort', onAbort);
  try {
    if (signal.aborted) onAbort();
    return await Promise.race([answer, over.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What the search for incidents takes in one call. */
const MOST_SERVICES = 100;

interface Search {
  readonly services: ReadonlySet<string>;
  readonly open: readonly Incident[];
}

/** Incidents whose searches by service share calls: what is asked for while others are under way goes out together. */
export function shareSearches(
  incidents: Incidents,
  { freshMs, stop }: { readonly freshMs: number; readonly stop: AbortSignal },
): Incidents {
  /** The services that were asked about, and when, by a clock that never goes back. */
  const asked = new Map<string, number>();
  const search = new SharedReading<Search>(async (ask) => {
    const since = performance.now() - Math.max(freshMs, SECOND);
    for (const [id, askedMs] of asked) if (askedMs < since) asked.delete(id);
    // The last ones, so that whoever asks now is among them.
    const services = [...asked.keys()].slice(-MOST_SERVICES);
    return { services: new Set(services), open: await incidents.openOn(services, ask) };
  }, stop);

  async function openOn(serviceIds: readonly string[], ask: Ask): Promise<readonly Incident[]> {
    for (const id of serviceIds) {
      asked.delete(id);
      asked.set(id, performance.now());
    }
    const isAmong = ({ services }: Search): boolean => serviceIds.every((id) => services.has(id));
    const shared = await search.take(freshMs, ask);
    const found = isAmong(shared) ? shared : await search.take(0, ask);
    if (!isAmong(found)) return await incidents.openOn(serviceIds, ask);
    return found.open.filter(({ service }) => serviceIds.includes(service.id));
  }

  return { ...incidents, openOn };
}

/** So many are remembered, of those who asked last. */
const MOST_USERS = 1_000;

/** Users whose records, and login states, are read once for all requests of theirs that are decided in the same moment. */
export function shareUsers(
  users: TeleportUsers,
  { freshMs, stop }: { readonly freshMs: number; readonly stop: AbortSignal },
): TeleportUsers {
  const maxAgeMs = Math.min(freshMs, SECOND);
  const records = new Map<string, SharedReading<TeleportUser>>();
  const logins = new Map<string, SharedReading<LoginState | null>>();

  function shared<T>(
    known: Map<string, SharedReading<T>>,
    name: string,
    read: (name: string, signal: AbortSignal) => Promise<T>,
  ): (signal: AbortSignal) => Promise<T> {
    const reading =
      known.get(name) ??
      new SharedReading((ask) => read(name, ask.signal), stop, { overdue: () => overdue(name) });
    remember(known, name, reading, MOST_USERS);
    return (signal) => reading.take(maxAgeMs, { signal });
  }

  return {
    ...users,
    search: (matches, signal) => users.search(matches, signal),
    user: (name, signal) => shared(records, name, (...asked) => users.user(...asked))(signal),
    loginState: (name, signal) => shared(logins, name, (...asked) => users.loginState(...asked))(signal),
  };
}

function overdue(name: string): TeleportError {
  const problem = `could not read the user \`${name}\`: the asker's time was over before the answer was there`;
  return new TeleportError('timeout', problem, { transient: true });
}
