import { describe, expect, it } from 'vitest';
import { hasLasted, lacksMs, lastingOf, longer } from '../../src/core/silence.ts';
import { aLasting, NOW } from '../support/builders.ts';

const GAP_MS = 100;
const begun = () => longer(null, { begunMs: 1_000, endedMs: 1_050.4 }, NOW, GAP_MS);

describe('what is found again and again', () => {
  it('has lasted from the first question to the last answer', () => {
    const first = begun();
    const second = longer(first, { begunMs: 1_150.4, endedMs: 1_200.4 }, NOW, GAP_MS);

    expect(lastingOf(first)).toEqual({ since: NOW, forMs: 50, times: 1 });
    expect(lastingOf(second)).toEqual({ since: NOW, forMs: 200, times: 2 });
  });

  it('begins anew after a gap in asking: nobody knows what was in between', () => {
    const late = longer(begun(), { begunMs: 1_150.5, endedMs: 1_160 }, NOW, GAP_MS);

    expect(late).toEqual({ since: NOW, begunMs: 1_150.5, endedMs: 1_160, times: 1 });
  });

  it.each([
    [120_000, 3, true, 0],
    [119_999, 3, false, 1_000],
    [60_000, 9, false, 60_000],
    [120_000, 2, false, 1_000],
  ])('for %d ms by %d questions proves two minutes: %s, and lacks %d ms', (forMs, times, proven, lacking) => {
    expect(hasLasted(aLasting({ forMs, times }), 120_000)).toBe(proven);
    expect(lacksMs(aLasting({ forMs, times }), 120_000)).toBe(lacking);
  });
});
