import { expect } from 'vitest';
import type { SeenRequest } from '../../src/core/access-request.ts';
import type { Instant } from '../../src/core/values/instant.ts';
import type { ObservedRequest } from '../../src/ports/teleport.ts';
import { createWatcher, type WatchState } from '../../src/watcher/watch-requests.ts';
import { NOW } from '../support/builders.ts';
import { RecordingReporter } from '../service/recording-reporter.ts';
import { FakeAccessRequests, type Stream } from './fake-access-requests.ts';

/** A watch under way, and everything that it is told and tells. */
export interface Watch extends AsyncDisposable {
  readonly teleport: FakeAccessRequests;
  readonly reports: RecordingReporter;
  /** As `id state`, `id gone`, in the order in which they were handed on. */
  readonly seen: readonly string[];
  readonly states: readonly WatchState[];
  /** This machine's time; stands still unless the test moves it. */
  readonly clock: { at: Instant };
  list(): Promise<readonly SeenRequest[]>;
  /** A new stream that has begun, with everything that was pending listed. */
  following(...pending: readonly SeenRequest[]): Promise<Stream>;
  /** Aborts it; resolves when it has ended. */
  stop(): Promise<void>;
}

/** Starts a watch that waits before a reconnection for the shortest time allowed. */
export function aWatch(): Watch {
  const teleport = new FakeAccessRequests();
  const reports = new RecordingReporter();
  const seen: string[] = [];
  const states: WatchState[] = [];
  const clock = { at: NOW };
  const stopped = new AbortController();
  const watcher = createWatcher({
    requests: teleport,
    clock: { now: () => clock.at },
    random: () => 0,
    reporter: reports.reporter,
    onObserved: (observed) => void seen.push(inWords(observed)),
    onState: (state) => void states.push(state),
  });
  const running = watcher.run(stopped.signal);
  async function stop(): Promise<void> {
    stopped.abort();
    await running;
  }
  return {
    teleport,
    reports,
    seen,
    states,
    clock,
    list: () => watcher.list(stopped.signal),
    async following(...pending) {
      const live = states.filter(({ state }) => state === 'following').length;
      const stream = await teleport.stream();
      stream.yields({ kind: 'init' });
      (await teleport.listing()).answers(pending);
      await expect.poll(() => states.filter(({ state }) => state === 'following').length).toBe(live + 1);
      return stream;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function inWords({ id, request }: ObservedRequest): string {
  return `${id} ${request?.state ?? 'gone'}`;
}
