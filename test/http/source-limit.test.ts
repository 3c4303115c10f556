import { describe, expect, it } from 'vitest';
import { instantOf, SECOND } from '../../src/core/values/instant.ts';
import { createSourceLimit } from '../../src/http/pagerduty-webhook.ts';

function limitOf(options: { readonly sources?: number } = {}) {
  let nowMs = 0;
  const clock = { now: () => instantOf(nowMs) };
  const limit = createSourceLimit({ clock, burst: 3, perSecond: 1, sources: 100, ...options });
  return { limit, passMs: (ms: number) => (nowMs += ms) };
}

describe('the limit of a source', () => {
  it('lets a burst through and then what is refilled', () => {
    const { limit, passMs } = limitOf();

    const burst = [1, 2, 3, 4].map(() => limit.take('::1', 1));
    passMs(SECOND);
    const refilled = [1, 2].map(() => limit.take('::1', 1));

    expect(burst).toEqual([true, true, true, false]);
    expect(refilled).toEqual([true, false]);
  });

  it('takes nothing for what it refuses', () => {
    const { limit } = limitOf();

    expect([limit.take('::1', 2), limit.take('::1', 2), limit.take('::1', 1)]).toEqual([true, false, true]);
  });

  it('is the source’s own', () => {
    const { limit } = limitOf();
    limit.take('::1', 3);

    expect(limit.take('192.0.2.1', 3)).toBe(true);
  });

  it('gives nothing for a clock that was set back', () => {
    const { limit, passMs } = limitOf();
    limit.take('::1', 3);
    passMs(-60 * SECOND);

    expect(limit.take('::1', 1)).toBe(false);
  });

  it('is forgotten for the source that was idle longest when there are too many', () => {
    const { limit } = limitOf({ sources: 2 });
    for (const source of ['first', 'second', 'third']) limit.take(source, 3);

    expect([limit.take('third', 1), limit.take('first', 1)]).toEqual([false, true]);
  });
});
