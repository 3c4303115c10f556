import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  epochMsOf,
  HOUR,
  instantOf,
  MINUTE,
  msBetween,
  parseInstant,
  plusMs,
  SECOND,
} from '../../../src/core/values/instant.ts';
import { at, NOW } from '../../support/builders.ts';
import { fuzzing } from '../arbitrary-text.ts';

const YEAR_0 = Date.UTC(-1, 12, 1);
const YEAR_10000 = Date.UTC(10_000, 0, 1);

describe('an instant', () => {
  it.each([
    ['2026-03-03T02:14:07Z', '2026-03-03T02:14:07.000Z'],
    ['2026-03-03T02:14:07.123456Z', '2026-03-03T02:14:07.123Z'],
    ['2026-03-02T21:14:07-05:00', '2026-03-03T02:14:07.000Z'],
    ['2026-03-03T07:44:07+05:30', '2026-03-03T02:14:07.000Z'],
    ['2026-03-03T07:44:07+0530', '2026-03-03T02:14:07.000Z'],
    ['2026-03-03T02:14Z', '2026-03-03T02:14:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('is read from `%s` as UTC', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each(['', 'now', 'null', '2026-13-01T00:00:00Z', '2026-03-03T25:00:00Z', '+275761-01-01T00:00:00Z'])(
    'is not read from `%s`',
    (text) => {
      expect(parseInstant(text)).toBeNull();
    },
  );

  // Date.parse would read them: local times, prose, and years that do not order as text.
  it.each([
    '2026-03-03T02:14:07',
    '2026-03-03',
    '2026',
    'Mar 3 2026',
    'level 1',
    '+010000-01-01T00:00:00Z',
    '-000001-01-01T00:00:00Z',
    'at 2026-03-03T02:14:07Z',
    '2026-03-03T02:14:07Z or so',
    '2026-02-31T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
  ])('is not read from `%s`, which has no offset, is no ISO 8601, or is not of our era', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  it('orders as text as it does in time, and comes back from milliseconds unchanged', () => {
    const epochMs = fc.integer({ min: YEAR_0, max: YEAR_10000 - 1 });
    fc.assert(
      fc.property(epochMs, epochMs, (one, other) => {
        expect(instantOf(one) < instantOf(other)).toBe(one < other);
        expect(epochMsOf(instantOf(one))).toBe(one);
        expect(parseInstant(instantOf(one))).toBe(instantOf(one));
      }),
      fuzzing,
    );
  });

  it('cannot be further away than a date can say', () => {
    expect(() => instantOf(8.64e15 + 1)).toThrow(RangeError);
  });

  it('is moved by milliseconds, and apart from another by them', () => {
    const later = plusMs(NOW, HOUR + MINUTE + SECOND + 1);

    expect(later).toBe('2026-03-03T03:15:08.001Z');
    expect(msBetween(NOW, later)).toBe(3_661_001);
    expect(msBetween(later, NOW)).toBe(-3_661_001);
    expect(plusMs(later, -3_661_001)).toBe(NOW);
  });
});

describe('the unit', () => {
  it.each([
    ['second', SECOND, 1_000],
    ['minute', MINUTE, 60_000],
    ['hour', HOUR, 3_600_000],
  ])('%s is told in milliseconds', (_unit, inMs, ms) => {
    expect(inMs).toBe(ms);
  });
});

it('the instants of tests refuse what is not a time', () => {
  expect(() => at('tomorrow')).toThrow('`tomorrow` is not a time');
});
