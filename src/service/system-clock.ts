import { instantOf } from '../core/values/instant.ts';
import type { Clock } from '../ports/clock.ts';

/** The machine's clock. The words for a millisecond are made once: under load it is asked for dozens of times. */
export const systemClock: Clock = createSystemClock();

function createSystemClock(): Clock {
  let [ms, instant] = [0, instantOf(0)];
  return {
    now() {
      const nowMs = Date.now();
      if (nowMs !== ms) [ms, instant] = [nowMs, instantOf(nowMs)];
      return instant;
    },
  };
}
