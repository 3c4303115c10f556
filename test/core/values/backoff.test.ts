import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../src/core/values/backoff.ts';
import { fuzzing } from '../arbitrary-text.ts';

const BACKOFF = { firstMs: 1_000, maxMs: 60_000 };
const LATEST = 1 - Number.EPSILON;

describe('waiting before another attempt', () => {
  it.each([
    [1, 500, 1_000],
    [2, 1_000, 2_000],
    [3, 2_000, 4_000],
    [6, 16_000, 32_000],
    [7, 30_000, 60_000],
    [1_000_000, 30_000, 60_000],
  ])('before attempt %i lasts between %i and %i ms', (attempt, least, most) => {
    expect(backoffMs(BACKOFF, attempt, 0)).toBe(least);
    expect(backoffMs(BACKOFF, attempt, LATEST)).toBe(most);
  });

  it('is spread evenly in between', () => {
    expect(backoffMs(BACKOFF, 1, 0.5)).toBe(750);
  });

  it('stops doubling at the 31st attempt, so that it stays a number however high the cap is', () => {
    const uncapped = { firstMs: 1, maxMs: Number.MAX_VALUE };

    expect(backoffMs(uncapped, 31, 0)).toBe(2 ** 29);
    expect(backoffMs(uncapped, 32, 0)).toBe(2 ** 29);
  });

  it('is a whole number of milliseconds, never above the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1 }),
        fc.double({ min: 0, max: LATEST, noNaN: true }),
        (attempt, random) => {
          const waitMs = backoffMs(BACKOFF, attempt, random);

          expect(Number.isInteger(waitMs)).toBe(true);
          expect(waitMs).toBeGreaterThanOrEqual(500);
          expect(waitMs).toBeLessThanOrEqual(BACKOFF.maxMs);
        },
      ),
      fuzzing,
    );
  });
});
