import { createTask, type Logger, type ScheduledTask } from 'node-cron';

export interface Job {
  readonly name: string;
  /** Cron expression with seconds, for instance `*\/30 * * * * *`. */
  readonly expression: string;
  /** Must not throw: it reports its own failures. */
  readonly run: () => Promise<void>;
}

export interface Schedule {
  start(): Promise<void>;
  /** No further runs; those under way are awaited. */
  stop(): Promise<void>;
}

/**
 * node-cron would write coloured text to stderr, between the JSON lines of our log, whenever a run is left out. That is no
 * news: the next run makes up for it.
 */
const SILENT: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Periodic jobs. A job that is still running when its next time comes is not started a second time. */
export function createSchedule(jobs: readonly Job[]): Schedule {
  const underWay = new Set<Promise<void>>();
  const tasks: ScheduledTask[] = jobs.map(({ name, expression, run }) =>
    createTask(
      expression,
      async () => {
        const running = run();
        underWay.add(running);
        await running.finally(() => underWay.delete(running));
      },
      { name, noOverlap: true, timezone: 'UTC', logger: SILENT },
    ),
  );
  return {
    async start() {
      for (const task of tasks) await task.start();
    },
    async stop() {
      for (const task of tasks) await task.destroy();
      await Promise.allSettled(underWay);
    },
  };
}

function ignore(): void {
  // See above.
}
