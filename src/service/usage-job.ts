import type { Config } from '../config/load.ts';
import type { Job } from '../schedule/cron.ts';
import { followUsage, type Usage, type UsageOptions } from '../usage/follow-usage.ts';

type Parts = Omit<UsageOptions, 'slow' | 'settlesMs' | 'tells' | 'review'>;

/** It reads when it is time to, and writes what is due. */
const EVERY = '*/10 * * * * *';

/** None where what access is used for is not followed. */
export function usageJob(config: Pick<Config, 'usage'>, parts: Parts, signal: AbortSignal): readonly Job[] {
  const usage = usageOf(config, parts);
  return usage === null ? [] : [{ name: 'usage', expression: EVERY, run: () => usage.poll(signal) }];
}

/** Null where it is not followed. */
export function usageOf({ usage }: Pick<Config, 'usage'>, parts: Parts): Usage | null {
  if (usage === undefined) return null;
  return followUsage({
    ...parts,
    slow: usage.searches === 'auto' ? null : usage.searches === 'dear',
    settlesMs: usage.settles ?? null,
    tells: usage.note,
    review: usage.review?.service ?? null,
  });
}
