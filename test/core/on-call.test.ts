import { describe, expect, it } from 'vitest';
import { covers, isPermanent } from '../../src/core/on-call.ts';
import { anOnCallRow, at, NOW, PAYMENTS_PRIMARY } from '../support/builders.ts';

describe('a row covers the instant', () => {
  it.each([
    ['it starts', '2026-03-03T02:14:07Z', '2026-03-08T00:00:00Z'],
    ['after which it ends by a millisecond', '2026-03-01T00:00:00Z', '2026-03-03T02:14:07.001Z'],
    ['inside of a span told in other offsets', '2026-03-03T03:14:07+01:00', '2026-03-02T21:14:08-05:00'],
    ['if it never ends', '2026-03-01T00:00:00Z', null],
    ['if it never began', null, '2026-03-08T00:00:00Z'],
    ['whatever it is, if it is for ever', null, null],
  ])('%s', (_when, start, end) => {
    expect(covers(anOnCallRow({ start, end }), NOW)).toBe(true);
  });

  it.each([
    ['at which it ends', '2026-03-01T00:00:00Z', '2026-03-03T02:14:07Z'],
    ['a millisecond before it starts', '2026-03-03T02:14:07.001Z', '2026-03-08T00:00:00Z'],
    ['after its end, though it never began', null, '2026-03-03T02:14:06Z'],
    ['before its start, though it never ends', '2026-03-03T02:14:08Z', null],
    ['when its start cannot be read', 'soon', '2026-03-08T00:00:00Z'],
    ['when its end cannot be read', '2026-03-01T00:00:00Z', 'later'],
    ['when it ends before it starts', '2026-03-08T00:00:00Z', '2026-03-01T00:00:00Z'],
    ['when it takes no time at all', '2026-03-03T02:14:07Z', '2026-03-03T02:14:07Z'],
  ])('but not %s', (_when, start, end) => {
    expect(covers(anOnCallRow({ start, end }), NOW)).toBe(false);
  });

  it.each([
    ['when its start is prose', 'shift 1', '2026-03-08T00:00:00Z'],
    ['when it starts in eight thousand years', '+010000-01-01T00:00:00Z', null],
  ])('but not %s', (_when, start, end) => {
    expect(covers(anOnCallRow({ start, end }), NOW)).toBe(false);
  });

  it('so that at a hand-off exactly one of two is on call', () => {
    const handOff = at('2026-03-08T00:00:00Z');
    const before = anOnCallRow({ end: '2026-03-08T00:00:00Z' });
    const after = anOnCallRow({ start: '2026-03-08T00:00:00Z', end: '2026-03-15T00:00:00Z' });

    expect([before, after].map((row) => covers(row, handOff))).toEqual([false, true]);
  });
});

describe('a row is permanent', () => {
  it.each([
    ['without schedule and times', null, null, true],
    ['without a schedule', null, '2026-03-01T00:00:00Z', true],
    ['without a start', PAYMENTS_PRIMARY, null, true],
    ['not with a schedule and a start', PAYMENTS_PRIMARY, '2026-03-01T00:00:00Z', false],
  ])('%s', (_how, schedule, start, permanent) => {
    expect(isPermanent(anOnCallRow({ schedule, start }))).toBe(permanent);
  });
});
