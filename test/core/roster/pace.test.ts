import { describe, expect, it } from 'vitest';
import { allowedPerMinute, paceOf, type Costs } from '../../../src/core/roster/pace.ts';

const some: Costs = { key: 960, share: 0.05, onCalls: null, readsPerLook: 1, freshnessMs: 2_000 };

describe('what is read ahead of need', () => {
  it('is 5 % of what the key may, most of it for rows', () => {
    expect(allowedPerMinute(some)).toEqual({ all: 48, rows: expect.closeTo(40.8) as number });
    expect(allowedPerMinute({ ...some, key: 480 }).all).toBe(24);
  });

  it('is never more than a third of what GET /oncalls may by itself', () => {
    expect(allowedPerMinute({ ...some, onCalls: 60 })).toEqual({ all: 48, rows: 20 });
  });

  it('keeps a small roster fresh, so that decisions take no read', () => {
    expect(paceOf(some)).toEqual({ everyMs: 1_600, keepsFresh: true });
    expect(paceOf({ ...some, freshnessMs: 10_000, readsPerLook: 5 })).toEqual({
      everyMs: 8_000,
      keepsFresh: true,
    });
    // Exactly what it may cost, and exactly the time that an answer needs.
    expect(paceOf({ ...some, onCalls: 112.5 }).keepsFresh).toBe(true);
    expect(paceOf({ ...some, key: 9_600, freshnessMs: 1_000 }).keepsFresh).toBe(true);
  });

  it.each<[string, Partial<Costs>, number]>([
    ['that has too many pages', { readsPerLook: 2 }, 30_000],
    ['whose limit is not enough', { onCalls: 60 }, 30_000],
    ['without freshness', { freshnessMs: 0 }, 30_000],
    ['with hardly any', { freshnessMs: 999, key: 9_600 }, 30_000],
    ['of 30 pages', { readsPerLook: 30 }, (60_000 * 30) / 40.8],
    ['without a budget', { share: 0 }, Infinity],
  ])('keeps one %s watched only, for what that may cost', (_what, costs, everyMs) => {
    expect(paceOf({ ...some, ...costs })).toEqual({
      everyMs: expect.closeTo(everyMs) as number,
      keepsFresh: false,
    });
  });
});
