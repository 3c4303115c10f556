import { forecast, type Ahead, type RuleAhead } from '../core/forecast/forecast.ts';
import { DAY, plusMs, SECOND } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';
import { readAhead, type Foresight } from '../review/facts/read-ahead.ts';
import { messageOf } from '../core/values/cause.ts';

/** What is to come, as it was last read. */
export interface LookedAhead {
  readonly ahead: Ahead;
  readonly rules: readonly RuleAhead[];
}

export interface KeptForecast {
  /** Null until it was read for the first time. */
  latest(): LookedAhead | null;
  /** Why the last reading failed; null where it did not. */
  problem(): string | null;
  /** Reads it anew; a failure leaves what was read before. Never throws. */
  refresh(signal: AbortSignal): Promise<void>;
}

const DAYS_AHEAD = 14;
const DEADLINE_MS = 120 * SECOND;

/** Keeps a forecast of the days to come for pages and metrics; it costs a few reads each time, behind all others. */
export function keepForecast(foresight: () => Foresight, clock: Clock): KeptForecast {
  let latest: LookedAhead | null = null;
  let problem: string | null = null;
  let reading: Promise<void> | null = null;

  async function read(signal: AbortSignal): Promise<void> {
    const from = clock.now();
    const window = { from, until: plusMs(from, DAYS_AHEAD * DAY) };
    const within = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
    try {
      const ahead = await readAhead(foresight(), window, within);
      latest = { ahead, rules: forecast(ahead) };
      problem = null;
    } catch (error) {
      problem = messageOf(error);
    }
  }

  return {
    latest: () => latest,
    problem: () => problem,
    async refresh(signal) {
      reading ??= read(signal).finally(() => (reading = null));
      await reading;
    },
  };
}
