import type { Reporter } from '../../src/ports/reporter.ts';

type EventName = keyof Reporter;
type EventOf<Name extends EventName> = Parameters<Reporter[Name]>[0];

interface Waiter {
  readonly name: EventName;
  readonly matches: (event: never) => boolean;
  readonly resolve: (event: never) => void;
}

/** Everything the service reports, kept; tests await the event they need instead of sleeping. */
export class RecordingReporter {
  readonly events: { readonly name: EventName; readonly event: unknown }[] = [];
  readonly reporter: Reporter;
  #waiters: Waiter[] = [];

  constructor() {
    this.reporter = new Proxy({} as Reporter, {
      get: (_target, name) => (event: unknown) => this.#record(name as EventName, event),
    });
  }

  of<Name extends EventName>(name: Name): readonly EventOf<Name>[] {
    return this.events.filter((each) => each.name === name).map(({ event }) => event as EventOf<Name>);
  }

  /** The first event of this name, past or to come, that matches. */
  when<Name extends EventName>(
    name: Name,
    matches: (event: EventOf<Name>) => boolean = () => true,
    deadlineMs = 10_000,
  ): Promise<EventOf<Name>> {
    const past = this.of(name).find(matches);
    if (past !== undefined) return Promise.resolve(past);
    const { promise, resolve, reject } = Promise.withResolvers<EventOf<Name>>();
    const deadline = setTimeout(() => {
      const seen = this.events
        .map((each) => `${each.name} ${JSON.stringify(each.event).slice(0, 300)}`)
        .join('\n');
      reject(new Error(`no ${name} within ${deadlineMs} ms; seen:\n${seen}`));
    }, deadlineMs);
    this.#waiters.push({
      name,
      matches,
      resolve: (event: EventOf<Name>) => {
        clearTimeout(deadline);
        resolve(event);
      },
    });
    return promise;
  }

  #record(name: EventName, event: unknown): void {
    this.events.push({ name, event });
    const woken = this.#waiters.filter((waiter) => waiter.name === name && waiter.matches(event as never));
    this.#waiters = this.#waiters.filter((waiter) => !woken.includes(waiter));
    for (const { resolve } of woken) resolve(event as never);
  }
}
