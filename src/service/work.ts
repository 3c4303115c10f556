import type { RequestId } from '../core/access-request.ts';
import { messageOf } from '../core/values/cause.ts';
import { SECOND } from '../core/values/instant.ts';
import type { Claims } from '../ports/claims.ts';
import type { Tracing } from '../ports/tracing.ts';
import type { ObservedRequest } from '../ports/teleport.ts';
import type { Dependencies } from '../review/dependencies.ts';
import { createHiddenCheck } from '../review/find-hidden.ts';
import { createSweep } from '../review/sweep.ts';
import { createTakeOver } from '../review/with-claim.ts';
import { createSchedule, type Job } from '../schedule/cron.ts';
import { createWatcher } from '../watcher/watch-requests.ts';
import { createRequestQueue } from './request-queue.ts';

/** What is under way at shutdown may take this long; the rest is resumed by the next start. */
const DRAIN_DEADLINE_MS = 10 * SECOND;

export interface WorkOptions {
  readonly claims: Claims;
  /** Null where nobody is told. */
  readonly tracing: Tracing | null;
  readonly openHistory: Parameters<typeof createHiddenCheck>[0]['openHistory'];
  /** What else is done on schedule. */
  readonly jobs: readonly Job[];
  /** Ends the taking in; `stop` then waits. */
  readonly signal: AbortSignal;
}

/** Requests that are taken in and handled. */
export interface Work {
  /** Begins to watch, and resolves once what a crash left undone is handed on. */
  start(): Promise<void>;
  /** Looks for work that no event brings, now instead of on schedule, and waits until it is handled. */
  sweepNow(): Promise<void>;
  /** Looks at one request again now. Throws TeleportError. */
  look(id: RequestId): Promise<void>;
  /** Resolves when nothing is waiting or being handled. */
  idle(): Promise<void>;
  /** After the signal: lets what is under way finish; gives how many requests were left for the next start. */
  stop(): Promise<number>;
}

/** Everything that brings requests to be handled: the watch, the sweep under it, what a crash or another replica left, the schedule. */
export function createWork(dependencies: Dependencies, options: WorkOptions): Work {
  const { claims, tracing, openHistory, jobs, signal } = options;
  const { requests, reporter, clock, random } = dependencies;
  const queue = createRequestQueue(dependencies, claims, tracing);
  const handle = (observed: ObservedRequest): void => queue.push(observed);
  const isBusy = (id: RequestId): boolean => queue.isBusy(id);
  const watcher = createWatcher({ requests, clock, random, reporter, onObserved: handle });
  const sweep = createSweep({
    ...dependencies,
    listPending: (each) => watcher.list(each),
    isBusy,
    repeating: (id) => queue.repeating(id),
    handle,
  });
  const takeOver = createTakeOver({ ...dependencies, claims, isBusy, handle });
  const hidden = createHiddenCheck({ ...dependencies, openHistory });
  const findHidden = () =>
    hidden(signal).catch((error: unknown) => {
      if (!signal.aborted) reporter.sweepFailed({ cause: messageOf(error) });
    });
  const schedule = createSchedule([
    ...jobs,
    { name: 'sweep', expression: '0 * * * * *', run: () => sweep.sweep(signal) },
    { name: 'hidden', expression: '0 37 * * * *', run: findHidden },
    { name: 'take-over', expression: '*/3 * * * * *', run: () => takeOver(signal) },
    { name: 'resume', expression: '*/20 * * * * *', run: () => sweep.resume(signal) },
  ]);

  let watching = Promise.resolve();
  return {
    async start() {
      watching = watcher.run(signal, {
        onListed: (pending) => void sweep.lookBeside(pending, signal),
        onSettled: () => void sweep.sweep(signal),
      });
      await schedule.start();
      await sweep.resume(signal);
      void findHidden();
    },
    async sweepNow() {
      await sweep.sweep(signal);
      await queue.idle();
    },
    async look(id) {
      handle({ id, request: await requests.find(id, signal) });
    },
    idle: () => queue.idle(),
    async stop() {
      await Promise.all([watching, schedule.stop()]);
      return queue.drain(DRAIN_DEADLINE_MS);
    },
  };
}
