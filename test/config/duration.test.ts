import { describe, expect, it } from 'vitest';
import { duration } from '../../src/config/written-values.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/values/instant.ts';

describe('a duration', () => {
  it.each([
    ['0s', 0],
    ['250ms', 250],
    ['90s', 90 * SECOND],
    ['10m', 10 * MINUTE],
    ['8h', 8 * HOUR],
    ['2d', 48 * HOUR],
    ['1h30m', 90 * MINUTE],
    ['1m500ms', MINUTE + 500],
  ])('written %s is %d ms', (text, ms) => {
    expect(duration.parse(text)).toBe(ms);
  });

  it.each(['', '10', 'm', '10 m', '1.5h', '-5m', '5M', '10min', '10m!', ' 10m', '1h and 5m', '١٠m'])(
    'is not written `%s`',
    (text) => {
      expect(duration.safeParse(text).error?.issues).toEqual([
        expect.objectContaining({ message: 'is no duration: write for instance 90s, 10m or 1h30m' }),
      ]);
    },
  );

  it('is a text: a bare number has no unit', () => {
    expect(duration.safeParse(600).success).toBe(false);
  });
});
