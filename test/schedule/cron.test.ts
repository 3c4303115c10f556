import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MINUTE, SECOND } from '../../src/core/values/instant.ts';
import { createSchedule, type Job, type Schedule } from '../../src/schedule/cron.ts';

/** A job that counts its runs; each goes on until the test finishes it. */
function aJob(expression: string) {
  const runs: { readonly at: string; readonly finish: () => void }[] = [];
  const job: Job = {
    name: 'job',
    expression,
    run() {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      runs.push({ at: new Date().toISOString(), finish: () => resolve(undefined) });
      return promise;
    },
  };
  return { job, runs };
}

describe('the schedule', () => {
  const schedules: Schedule[] = [];
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-03-03T02:14:07.300Z') });
  });
  afterEach(async () => {
    await Promise.all(schedules.splice(0).map((schedule) => schedule.stop()));
    vi.useRealTimers();
  });

  async function started(...jobs: readonly Job[]): Promise<Schedule> {
    const schedule = createSchedule(jobs);
    schedules.push(schedule);
    await schedule.start();
    return schedule;
  }

  it('runs each job at its own times, from the next one on', async () => {
    const [minutely, often] = [aJob('0 * * * * *'), aJob('*/20 * * * * *')];
    await started(minutely.job, often.job);

    for (let second = 0; second < 120; second += 1) {
      await vi.advanceTimersByTimeAsync(SECOND);
      for (const { finish } of [...minutely.runs, ...often.runs]) finish();
    }

    expect(minutely.runs.map(({ at }) => at.slice(11, 19))).toEqual(['02:15:00', '02:16:00']);
    expect(often.runs.map(({ at }) => at.slice(11, 19))).toEqual([
      '02:14:20',
      '02:14:40',
      '02:15:00',
      '02:15:20',
      '02:15:40',
      '02:16:00',
    ]);
  });

  it('does not begin a job that is still under way, and begins it again when it is done', async () => {
    const { job, runs } = aJob('*/20 * * * * *');
    await started(job);

    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(runs).toHaveLength(1);
    runs[0]?.finish();
    await vi.advanceTimersByTimeAsync(20 * SECOND);

    expect(runs).toHaveLength(2);
    runs[1]?.finish();
  });

  it('writes no lines of its own between those of the log', async () => {
    const written = (['debug', 'info', 'log', 'warn', 'error'] as const).map((method) =>
      vi.spyOn(console, method).mockReturnValue(),
    );
    const { job, runs } = aJob('*/20 * * * * *');
    await started(job);

    await vi.advanceTimersByTimeAsync(MINUTE);
    vi.setSystemTime(Date.now() + 10 * MINUTE);
    await vi.advanceTimersByTimeAsync(MINUTE);
    runs[0]?.finish();

    expect(written.flatMap(({ mock }) => mock.calls)).toEqual([]);
    for (const spy of written) spy.mockRestore();
  });

  it('runs nothing before it is started', async () => {
    const { job, runs } = aJob('* * * * * *');
    schedules.push(createSchedule([job]));

    await vi.advanceTimersByTimeAsync(MINUTE);

    expect(runs).toEqual([]);
  });

  it('stops once what is under way is done, and runs nothing more', async () => {
    const { job, runs } = aJob('*/20 * * * * *');
    const schedule = await started(job);
    await vi.advanceTimersByTimeAsync(20 * SECOND);

    const order: string[] = [];
    const stopping = schedule.stop().then(() => order.push('stopped'));
    await vi.advanceTimersByTimeAsync(MINUTE);
    order.push('finished');
    runs[0]?.finish();
    await stopping;
    await vi.advanceTimersByTimeAsync(MINUTE);

    expect(order).toEqual(['finished', 'stopped']);
    expect(runs).toHaveLength(1);
  });

  it('leaves no timer behind', async () => {
    const schedule = await started(aJob('* * * * * *').job, aJob('0 0 * * * *').job);

    await schedule.stop();

    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses an expression that is none', () => {
    expect(() => createSchedule([aJob('every minute').job])).toThrow();
  });
});
