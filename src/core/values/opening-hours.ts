import { epochMsOf, type Instant } from './instant.ts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Weekly hours in a time zone. A span that ends at or before its start runs into the next day. */
export interface OpeningHours {
  /** IANA name, for instance `Europe/Berlin`. */
  readonly timeZone: string;
  readonly spans: readonly {
    readonly days: readonly Weekday[];
    /** Minutes after midnight; `until` is not part of the span. */
    readonly from: number;
    readonly until: number;
  }[];
}

/** Whether the instant lies within the hours, by the clocks on the wall of that time zone, summer time included. */
export function isWithin({ timeZone, spans }: OpeningHours, at: Instant): boolean {
  return holdsAt(spans, wallClock(at, timeZone));
}

/** The same by what the clocks show. */
export function holdsAt(
  spans: OpeningHours['spans'],
  { day, minute }: ReturnType<typeof wallClock>,
): boolean {
  const dayBefore = (day + 6) % 7;
  return spans.some(({ days, from, until }) => {
    const isOn = (index: number) => days.some((name) => WEEKDAYS.indexOf(name) === index);
    if (from < until) return isOn(day) && from <= minute && minute < until;
    return (isOn(day) && from <= minute) || (isOn(dayBefore) && minute < until);
  });
}

/** The weekday by its place in the week, and minutes after midnight. */
function wallClock(at: Instant, timeZone: string): { readonly day: number; readonly minute: number } {
  // For instance `Tue 02:14`.
  const text = clockOf(timeZone).format(epochMsOf(at));
  const day = WEEKDAYS.findIndex((name) => text.toLowerCase().startsWith(name));
  return { day, minute: Number(text.slice(-5, -3)) * 60 + Number(text.slice(-2)) };
}

/** One for each zone that rules name: making one takes far longer than asking it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  clocks.set(timeZone, clock);
  return clock;
}
