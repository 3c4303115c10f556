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
  });

  it.each<[string, Partial<Costs>, number]>([
    ['that has too many pages', { readsPerLook: 2 }, 30_000],
    ['whose limit is not enough', { onCalls: 60 }, 30_000],
    ['without freshness', { freshnessMs: 0 }, 30_000],
    ['with hardly any', { freshnessMs: 999 }, 30_000],
    ['of 30 pages', { readsPerLook: 30 }, (60_000 * 30) / 40.8],
    ['without a budget', { share: 0 }, Infinity],
  ])('keeps one %s watched only, for what that may cost', (_what, costs, everyMs) => {
    const pace = paceOf({ ...some, ...costs });

    expect(pace.keepsFresh).toBe(false);
    expect(pace.everyMs === Infinity ? everyMs : pace.everyMs).toBeCloseTo(everyMs);
    expect(pace.everyMs).toBe(everyMs === Infinity ? Infinity : pace.everyMs);
  });
});
