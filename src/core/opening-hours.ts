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

const DAY_MINUTES = 24 * 60;

/** Whether the instant lies within the hours, by the clocks on the wall of that time zone, summer time included. */
export function isWithin({ timeZone, spans }: OpeningHours, at: Instant): boolean {
  const { day, minute } = wallClock(at, timeZone);
  const dayBefore = WEEKDAYS[(WEEKDAYS.indexOf(day) + 6) % 7] ?? day;
  return spans.some(({ days, from, until }) => {
    if (from < until) return days.includes(day) && from <= minute && minute < until;
    return (days.includes(day) && from <= minute) || (days.includes(dayBefore) && minute < until);
  });
}

function wallClock(at: Instant, timeZone: string): { readonly day: Weekday; readonly minute: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(epochMsOf(at));
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  const day = WEEKDAYS.find((name) => part('weekday').toLowerCase().startsWith(name)) ?? 'mon';
  return { day, minute: (Number(part('hour')) * 60 + Number(part('minute'))) % DAY_MINUTES };
}
