import { describe, expect, it } from 'vitest';
import { setOverride } from '../../sim/pagerduty/administration.ts';
import { CallLog, type RecordedCall } from '../../sim/pagerduty/call-log.ts';
import { SimulatedClock } from '../../sim/pagerduty/clock.ts';
import { referenceWorld } from '../../sim/pagerduty/reference-world.ts';
import { buildAccount } from '../../sim/pagerduty/world.ts';
import { Truth } from './truth.ts';

const NOON = Date.parse('2026-03-03T12:00:00Z');

const A_READ: RecordedCall = {
  method: 'GET',
  path: '/abilities',
  query: {},
  at: new Date(NOON),
  from: null,
  keyKind: 'account-full',
  body: null,
  status: null,
  fault: null,
};

function aTruth() {
  let now = NOON;
  const clock = new SimulatedClock({ source: () => now });
  const account = buildAccount(referenceWorld(clock.now()), clock);
  const after = (seconds: number) => {
    now = NOON + seconds * 1_000;
    return new Date(now);
  };
  const calls = new CallLog();
  return { account, clock, calls, truth: new Truth(account, calls), after };
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

describe('whether PagerDuty answered, as the chaos run knows it', () => {
  const read = (calls: CallLog, outcome: Partial<RecordedCall>, call: Partial<RecordedCall> = {}) =>
    calls.start({ ...A_READ, ...call })(outcome);

  it.each<[string, Partial<RecordedCall>, number | null]>([
    ['well', { status: 200 }, 200],
    ['with an error of its own', { status: 500, fault: 'status' }, null],
    ['in a shape that is spoilt', { status: 200, fault: 'wrong-shape' }, 200],
    ['by half', { status: 200, fault: 'stall-body' }, null],
    ['not at all', { status: null, fault: 'stall-headers' }, null],
    ['that the key is none', { status: 401 }, 401],
    ['that the rate limit is used up', { status: 429, fault: 'rate-limited' }, 429],
  ])('tells from a cheap read that was answered %s', (_how, outcome, answer) => {
    const { calls, truth } = aTruth();
    read(calls, outcome);

    expect(truth.answersWithin('reads', Date.now(), 1_000)).toEqual([answer]);
  });

  it('goes by the time that is asked for, and by nothing that is asked otherwise', () => {
    const { calls, truth } = aTruth();
    const before = Date.now() - 1;
    read(calls, { status: 503 });
    read(calls, { status: 503 }, { path: '/oncalls' });
    read(calls, { status: 503 }, { method: 'POST', path: '/incidents', body: { details: 'Request R1' } });

    expect(truth.answersWithin('reads', before, 1_000)).toEqual([]);
    expect(truth.answersWithin('reads', Date.now() + 60_000, 1_000)).toEqual([]);
    expect(truth.answersWithin('reads', Date.now(), 1_000)).toEqual([null]);
    expect(truth.answersWithin({ pageOf: 'R1' }, Date.now(), 1_000)).toEqual([null]);
    expect(truth.answersWithin({ pageOf: 'R2' }, Date.now(), 1_000)).toEqual([]);
  });
});
