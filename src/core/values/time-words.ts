import { durationWords } from './words.ts';
import { epochMsOf, msBetween, type Instant } from './instant.ts';

/** One for each zone: making one takes far longer than asking it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

/** By the clocks of that time zone, which is named: `Tue 3 Mar 11:14 Europe/Berlin`. */
export function timeWords(at: Instant, timeZone = 'UTC'): string {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, weekday: 'short', day: 'numeric', month: 'short' },
      ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    });
  clocks.set(timeZone, clock);
  const parts = new Map(clock.formatToParts(epochMsOf(at)).map(({ type, value }) => [type, value]));
  const [weekday, day, month, hour, minute] = (['weekday', 'day', 'month', 'hour', 'minute'] as const).map(
    (part) => String(parts.get(part)),
  );
  return `${weekday} ${day} ${month} ${hour}:${minute} ${timeZone}`;
}

/** The same, and how long that is from now: `in 8 h`, `2 min ago`. */
export function whenWords(at: Instant, now: Instant, timeZone?: string): string {
  const ms = msBetween(now, at);
  const far = durationWords(Math.abs(ms));
  return `${timeWords(at, timeZone)}, ${ms < 0 ? `${far} ago` : `in ${far}`}`;
}
