import { AsyncLocalStorage } from 'node:async_hooks';
import { epochMsOf, instantOf, parseInstant, type Instant } from '../../core/values/instant.ts';

/*
 * The time zone that a reader has chosen, by `?tz=Europe/Berlin`: links and forms carry it on, so that nothing is kept of anybody. It goes
 * beside the request, since every moment on every page depends on it.
 */

const zones = new AsyncLocalStorage<string>();
const clocks = new Map<string, Intl.DateTimeFormat>();
/** As many as the world has, so that nobody fills the memory. */
const MOST_ZONES = 600;

/** Everything that follows is by this zone; by UTC where there is no such zone. */
export function inZone(asked: unknown, next: () => void): void {
  zones.run(typeof asked === 'string' ? (zoneNamed(asked) ?? 'UTC') : 'UTC', next);
}

export function readerZone(): string {
  return zones.getStore() ?? 'UTC';
}

/** `2026-03-03 02:14:07` by the clocks of the reader. */
export function localText(at: string): string {
  const zone = readerZone();
  const instant = zone === 'UTC' ? null : parseInstant(at);
  return instant === null ? at.slice(0, 19).replace('T', ' ') : wallClock(epochMsOf(instant), zone);
}

/** What clocks of the reader show, `2026-03-03T02:14`, as an instant: the first of two, where they are put back; null for what none shows. */
export function instantShown(local: string): Instant | null {
  const asUtc = parseInstant(`${local}:00Z`);
  const zone = readerZone();
  if (asUtc === null || zone === 'UTC') return asUtc;
  const ms = epochMsOf(asUtc);
  const offsets = [-24, 24].map((hours) => offsetMs(ms + hours * 3_600_000, zone));
  const fits = offsets.map((offset) => ms - offset).filter((each) => offsetMs(each, zone) === ms - each);
  return fits.length === 0 ? null : instantOf(Math.min(...fits));
}

function offsetMs(ms: number, zone: string): number {
  return Date.parse(`${wallClock(ms, zone).replace(' ', 'T')}Z`) - Math.floor(ms / 1_000) * 1_000;
}

function wallClock(ms: number, zone: string): string {
  const parts = new Map(
    clockOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}`;
}

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  if (clocks.size < MOST_ZONES) clocks.set(zone, clock);
  return clock;
}

/** By the name that everybody else writes; null where there is no such zone. */
function zoneNamed(asked: string): string | null {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: asked.trim() }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
