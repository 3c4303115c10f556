import { describe, expect, it } from 'vitest';
import { isWithin, WEEKDAYS, type Weekday } from '../../../src/core/values/opening-hours.ts';
import { at } from '../../support/builders.ts';

/** 2 March 2026 is a Monday. */
const MARCH: Readonly<Record<Weekday, string>> = {
  mon: '2026-03-02',
  tue: '2026-03-03',
  wed: '2026-03-04',
  thu: '2026-03-05',
  fri: '2026-03-06',
  sat: '2026-03-07',
  sun: '2026-03-08',
};

function within(
  time: string,
  span: { readonly days: readonly Weekday[]; readonly from: number; readonly until: number },
  timeZone = 'UTC',
): boolean {
  return isWithin({ timeZone, spans: [span] }, at(time));
}

describe('opening hours of a day', () => {
  const nineToFive = { days: ['tue'] as const, from: 540, until: 1_020 };

  it.each([
    ['08:59:59.999', false],
    ['09:00:00', true],
    ['16:59:59.999', true],
    ['17:00:00', false],
  ])('from 09:00 to 17:00 at %s: %s', (time, open) => {
    expect(within(`2026-03-03T${time}Z`, nineToFive)).toBe(open);
  });

  it.each(WEEKDAYS)('are those of %s and of no other day', (day) => {
    expect(
      WEEKDAYS.filter((each) => within(`${MARCH[each]}T12:00:00Z`, { ...nineToFive, days: [day] })),
    ).toEqual([day]);
  });

  it('may last from midnight to midnight', () => {
    const allDay = { days: ['tue'] as const, from: 0, until: 1_440 };

    expect(within('2026-03-03T00:00:00Z', allDay)).toBe(true);
    expect(within('2026-03-03T23:59:59Z', allDay)).toBe(true);
    expect(within('2026-03-02T23:59:59Z', allDay)).toBe(false);
    expect(within('2026-03-04T00:00:00Z', allDay)).toBe(false);
  });
});

describe('opening hours over midnight', () => {
  const night = { days: ['mon'] as const, from: 1_320, until: 360 };

  it.each([
    ['2026-03-02T05:00:00Z', false],
    ['2026-03-02T21:59:59Z', false],
    ['2026-03-02T22:00:00Z', true],
    ['2026-03-03T00:00:00Z', true],
    ['2026-03-03T05:59:59Z', true],
    ['2026-03-03T06:00:00Z', false],
    ['2026-03-03T22:00:00Z', false],
  ])('from Monday 22:00 to 06:00 at %s: %s', (time, open) => {
    expect(within(time, night)).toBe(open);
  });

  it('run from Sunday into Monday', () => {
    expect(within('2026-03-09T03:00:00Z', { ...night, days: ['sun'] })).toBe(true);
    expect(within('2026-03-09T03:00:00Z', { ...night, days: ['mon'] })).toBe(false);
  });

  it('last a whole day where they end as they begin', () => {
    const tuesday = { days: ['tue'] as const, from: 540, until: 540 };

    expect(within('2026-03-03T08:59:00Z', tuesday)).toBe(false);
    expect(within('2026-03-03T09:00:00Z', tuesday)).toBe(true);
    expect(within('2026-03-04T08:59:00Z', tuesday)).toBe(true);
    expect(within('2026-03-04T09:00:00Z', tuesday)).toBe(false);
  });
});

describe('opening hours elsewhere', () => {
  const nineToFive = { days: ['mon'] as const, from: 540, until: 1_020 };

  it.each([
    ['in winter', '2026-03-23T08:00:00Z', '2026-03-23T07:59:00Z'],
    ['in summer', '2026-03-30T07:00:00Z', '2026-03-30T06:59:00Z'],
  ])('begin by the clocks on the wall, %s', (_when, open, closed) => {
    expect(within(open, nineToFive, 'Europe/Berlin')).toBe(true);
    expect(within(closed, nineToFive, 'Europe/Berlin')).toBe(false);
  });

  it('are those of the day that it is there', () => {
    const tuesday = { days: ['tue'] as const, from: 0, until: 60 };

    expect(within('2026-03-02T13:30:00Z', tuesday, 'Pacific/Apia')).toBe(false);
    expect(within('2026-03-02T11:30:00Z', tuesday, 'Pacific/Auckland')).toBe(true);
  });

  it('count by the half hour where offsets do', () => {
    const half = { days: ['mon'] as const, from: 330, until: 331 };

    expect(within('2026-03-02T00:00:00Z', half, 'Asia/Kolkata')).toBe(true);
  });
});

it('several spans are open in each of them, and none never', () => {
  const spans = [
    { days: ['mon', 'tue'] as const, from: 0, until: 60 },
    { days: ['wed'] as const, from: 60, until: 120 },
  ];
  const open = (time: string) => isWithin({ timeZone: 'UTC', spans }, at(time));

  expect(open('2026-03-03T00:30:00Z')).toBe(true);
  expect(open('2026-03-04T01:30:00Z')).toBe(true);
  expect(open('2026-03-04T00:30:00Z')).toBe(false);
  expect(isWithin({ timeZone: 'UTC', spans: [] }, at('2026-03-03T00:30:00Z'))).toBe(false);
});
