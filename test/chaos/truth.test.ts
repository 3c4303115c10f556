import { describe, expect, it } from 'vitest';
import { setOverride } from '../sim/pagerduty/administration.ts';
import { SimulatedClock } from '../sim/pagerduty/clock.ts';
import { referenceWorld } from '../sim/pagerduty/reference-world.ts';
import { buildAccount } from '../sim/pagerduty/world.ts';
import { Truth } from './truth.ts';

const NOON = Date.parse('2026-03-03T12:00:00Z');

function aTruth() {
  let now = NOON;
  const clock = new SimulatedClock({ source: () => now });
  const account = buildAccount(referenceWorld(clock.now()), clock);
  const after = (seconds: number) => {
    now = NOON + seconds * 1_000;
    return new Date(now);
  };
  return { account, clock, truth: new Truth(account), after };
}

const isOnCall = (truth: Truth, user: string, at: Date) => truth.wasOnCall(user, ['PPOLCY1'], at);

describe('who was on call, as the chaos run knows it', () => {
  it('follows the schedule', () => {
    const { truth, after } = aTruth();

    expect(isOnCall(truth, 'PSAM1RE', after(10))).toBe(true);
    expect(isOnCall(truth, 'PTAY2RE', after(10))).toBe(false);
  });

  it('does not count higher levels, direct targets, or other policies', () => {
    const { truth, after } = aTruth();

    expect(isOnCall(truth, 'PROB3RE', after(10))).toBe(false);
    expect(isOnCall(truth, 'PMAN5GR', after(10))).toBe(false);
    expect(truth.wasOnCall('PSAM1RE', ['POTHER1'], after(10))).toBe(false);
  });

  it('keeps what was so before a change, and forgets nothing after it', () => {
    const { account, truth, after } = aTruth();
    const [start, end] = [after(60), new Date(NOON + 120_000)];
    truth.change(() => setOverride(account, { scheduleId: 'PSCHED1', userId: 'PTAY2RE', start, end }));
    after(180);

    const seen = [30, 90, 150].map((second) => new Date(NOON + second * 1_000));
    expect(seen.map((at) => isOnCall(truth, 'PTAY2RE', at))).toEqual([false, true, false]);
    expect(seen.map((at) => isOnCall(truth, 'PSAM1RE', at))).toEqual([true, false, true]);
  });

  it('tells all through a second from a part of it', () => {
    const { account, truth, after } = aTruth();
    const [start, end] = [new Date(NOON + 60_000), new Date(NOON + 120_000)];
    truth.change(() => setOverride(account, { scheduleId: 'PSCHED1', userId: 'PTAY2RE', start, end }));
    after(180);

    const throughout = (second: number) =>
      truth.wasOnCallThroughout('PTAY2RE', ['PPOLCY1'], new Date(NOON + second * 1_000));
    expect([59.5, 60, 118, 119.5].map(throughout)).toEqual([false, true, true, false]);
    expect(isOnCall(truth, 'PTAY2RE', new Date(NOON + 59_500))).toBe(true);
  });

  it('knows nothing of a time that PagerDuty’s clock never showed', () => {
    const { clock, truth, after } = aTruth();
    after(30);
    truth.change(() => clock.setOffset(600_000));
    after(60);

    expect(isOnCall(truth, 'PSAM1RE', new Date(NOON + 300_000))).toBe(false);
    expect(isOnCall(truth, 'PSAM1RE', new Date(NOON + 645_000))).toBe(true);
  });
});
