import { describe, expect, it } from 'vitest';
import { setOverride } from '../sim/pagerduty/administration.ts';
import { CallLog, type RecordedCall } from '../sim/pagerduty/call-log.ts';
import { SimulatedClock } from '../sim/pagerduty/clock.ts';
import { referenceWorld } from '../sim/pagerduty/reference-world.ts';
import { buildAccount } from '../sim/pagerduty/world.ts';
import { Truth } from './truth.ts';

const NOON = Date.parse('2026-03-03T12:00:00Z');

const A_READ: RecordedCall = {
  method: 'GET',
  path: '/oncalls',
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
  const ABOUT_TAYLOR = { path: '/oncalls', about: 'PTAY2RE' } as const;
  const read = (calls: CallLog, users: readonly string[], outcome: Partial<RecordedCall>) => {
    const query = { 'user_ids[]': users };
    calls.start({ ...A_READ, path: '/oncalls', query })(outcome);
  };

  it.each([
    ['well', { status: 200 }, false],
    ['with an error', { status: 500, fault: 'status' }, true],
    ['in a shape that is spoilt', { status: 200, fault: 'wrong-shape' }, true],
    ['not at all', { status: null, fault: 'stall-headers' }, true],
    ['that the key is none', { status: 401 }, true],
  ])('tells from a read that was answered %s', (_how, outcome, silent) => {
    const { calls, truth } = aTruth();
    read(calls, ['PSAM1RE', 'PTAY2RE'], outcome);

    expect(truth.wasSilent(ABOUT_TAYLOR, Date.now())).toBe(silent);
  });

  it('goes by the last read before that time, and by none that is long ago', () => {
    const { calls, truth } = aTruth();
    const before = Date.now() - 1;
    read(calls, ['PTAY2RE'], { status: 500, fault: 'status' });

    expect(truth.wasSilent(ABOUT_TAYLOR, before)).toBe(false);
    expect(truth.wasSilent(ABOUT_TAYLOR, Date.now() + 60_000)).toBe(false);
    read(calls, ['PTAY2RE'], { status: 200 });
    expect(truth.wasSilent(ABOUT_TAYLOR, Date.now())).toBe(false);
  });

  it('takes the silence about others for one about everybody, until there is an answer', () => {
    const { calls, truth } = aTruth();
    read(calls, ['PTAY2RE'], { status: 200 });
    read(calls, ['PSAM1RE'], { status: 503, fault: 'status' });
    expect(truth.wasSilent(ABOUT_TAYLOR, Date.now())).toBe(true);

    read(calls, ['PSAM1RE'], { status: 200 });
    expect(truth.wasSilent(ABOUT_TAYLOR, Date.now())).toBe(false);
  });

  it('keeps people, addresses and services apart', () => {
    const { calls, truth } = aTruth();
    calls.start({ ...A_READ, path: '/users', query: { query: ['sre-2@example.com'] } })({ status: 503 });

    expect(truth.wasSilent({ path: '/users', about: 'sre-2@example.com' }, Date.now())).toBe(true);
    expect(truth.wasSilent({ path: '/services', about: 'Payments API' }, Date.now())).toBe(false);
    expect(truth.wasSilent(ABOUT_TAYLOR, Date.now())).toBe(false);
  });
});
