import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  joined,
  lengthOf,
  openStretches,
  whenSo,
  within,
  without,
  type Stretch,
} from '../../../src/core/forecast/stretch.ts';
import { DAY, HOUR, MINUTE, plusMs, type Instant } from '../../../src/core/values/instant.ts';
import { isWithin, WEEKDAYS } from '../../../src/core/values/opening-hours.ts';
import { at, NOW } from '../../support/builders.ts';
import { check, fuzzing } from '../arbitrary-text.ts';

const minute = (minutes: number): Instant => plusMs(NOW, minutes * MINUTE);
const stretch = (from: number, until: number): Stretch => ({ from: minute(from), until: minute(until) });
const bound = fc.integer({ min: 0, max: 40 });
const stretches = fc.array(
  fc.tuple(bound, bound).map(([from, until]) => stretch(from, until)),
  { maxLength: 6 },
);
const MINUTES = Array.from({ length: 42 }, (_, index) => minute(index));

function covers(some: readonly Stretch[], instant: Instant): boolean {
  return some.some(({ from, until }) => from <= instant && instant < until);
}

describe('stretches of time', () => {
  it('are joined to the fewest that say the same, in order', () => {
    check(stretches, (some) => {
      const whole = joined(some);

      expect(MINUTES.map((each) => covers(whole, each))).toEqual(MINUTES.map((each) => covers(some, each)));
      expect(whole.every(({ from, until }) => from < until)).toBe(true);
      expect(whole.every(({ from }, index) => index === 0 || (whole[index - 1]?.until ?? '') < from)).toBe(
        true,
      );
      expect(lengthOf(some)).toBe(MINUTES.filter((each) => covers(some, each)).length * MINUTE);
    });
  });

  it('are taken out of each other and cut by each other minute for minute', () => {
    check(fc.tuple(stretches, stretches), ([some, others]) => {
      const left = without(some, others);
      const common = within(some, others);

      for (const each of MINUTES) {
        expect(covers(left, each)).toBe(covers(some, each) && !covers(others, each));
        expect(covers(common, each)).toBe(covers(some, each) && covers(others, each));
      }
      expect([joined(left), joined(common)]).toEqual([left, common]);
    });
  });

  it('are found where something holds, from its changes within the window alone', () => {
    const so = [stretch(3, 5), stretch(9, 30)];
    const changes = [30, 5, 0, 3, 9, 9, 12, 40].map(minute);

    expect(whenSo(stretch(4, 20), changes, (each) => covers(so, each))).toEqual([
      stretch(4, 5),
      stretch(9, 20),
    ]);
  });
});

describe('the hours in which a rule is open', () => {
  const zones = ['Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/New_York', 'Etc/UTC'];
  const minuteOfDay = fc.integer({ min: 0, max: 24 * 60 - 1 });
  const hours = fc.record({
    timeZone: fc.constantFrom(...zones),
    spans: fc.array(
      fc.record({
        days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
        from: minuteOfDay,
        until: minuteOfDay,
      }),
      { maxLength: 2 },
    ),
  });
  /** Summer time begins or ends in three of the zones within a week of each. */
  const starts = fc.constantFrom(...['2026-03-06', '2026-03-27', '2026-04-03', '2026-10-23', '2026-10-30']);

  it('are those that a decision would find, minute for minute and over changes to summer time', () => {
    const looks = fc.array(fc.integer({ min: 0, max: 4 * 24 * 60 - 1 }), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(hours, starts, looks, (open, day, minutes) => {
        const from = at(`${day}T07:07:00Z`);
        const found = openStretches(open, { from, until: plusMs(from, 4 * DAY) });

        for (const each of minutes.map((index) => plusMs(from, index * MINUTE)))
          expect(covers(found, each)).toBe(isWithin(open, each));
      }),
      { ...fuzzing, numRuns: Math.ceil(fuzzing.numRuns / 10) },
    );
  });

  it('are cut off at the window, and all of it without any hours', () => {
    const window = { from: at('2026-03-03T08:59:30Z'), until: at('2026-03-03T10:00:30Z') };
    const open = { timeZone: 'Etc/UTC', spans: [{ days: WEEKDAYS, from: 10 * 60, until: 11 * 60 + 20 }] };

    expect(openStretches(null, window)).toEqual([window]);
    expect(openStretches(open, window)).toEqual([{ from: at('2026-03-03T10:00:00Z'), until: window.until }]);
    expect(lengthOf(openStretches({ ...open, timeZone: 'Asia/Kathmandu' }, window))).toBe(0);
    expect(lengthOf(openStretches(open, { ...window, until: plusMs(window.from, DAY) }))).toBe(
      HOUR + 20 * MINUTE,
    );
  });
});
