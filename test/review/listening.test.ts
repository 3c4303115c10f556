import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SECOND } from '../../src/core/values/instant.ts';
import type { Felt } from '../../src/ports/pagerduty.ts';
import { createListening } from '../../src/review/facts/listening.ts';
import { aCause, NOW, someFacts } from '../support/builders.ts';

const signal = new AbortController().signal;

describe('PagerDuty’s silence', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it.each(['reads', 'pages'] as const)(
    'is over once nobody could ask for long, for reasons of our own: %s',
    async (which) => {
      let felt: Felt = { state: 'not-asked' };
      const pulse = { feel: () => Promise.resolve(felt) };
      const listening = createListening({ pulse, clock: { now: () => NOW } });
      const silence = async () => {
        const facts = Promise.resolve(someFacts({ onCall: { state: 'unknown', cause: aCause() } }));
        return (await listening.during('request-1', facts, signal)).silence?.[which];
      };
      await silence();
      for (let looks = 0; looks < 3; looks += 1) {
        const look = { begunMs: performance.now(), endedMs: performance.now() };
        felt = { state: 'silent', ...look, cause: aCause() };
        listening.pageTried('request-1', look, aCause());
        await silence();
        vi.advanceTimersByTime(20 * SECOND);
      }
      felt = { state: 'not-asked' };

      expect(await silence()).toMatchObject({ state: 'silent', forMs: 40 * SECOND, times: 3 });
      vi.advanceTimersByTime(75 * SECOND);
      expect(await silence()).toEqual({ state: 'not-asked' });
    },
  );
});
