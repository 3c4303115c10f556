import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, plusMs, type Instant } from '../../../src/core/values/instant.ts';
import { onCallSince, spanOf, type OnCallRow, type Sighting } from '../../../src/core/on-call.ts';
import { requesterIsOnCall } from '../../../src/core/conditions/on-call-condition.ts';
import type { OnCallTargets } from '../../../src/core/rule.ts';
import {
  anOnCallRow,
  aRequest,
  aRule,
  aTargetFact,
  at,
  NOW,
  onCallWith,
  someFacts,
  someTargets,
  TAYLOR,
} from '../../support/builders.ts';

const end = '2026-03-08T00:00:00Z';
const other = { id: 'PSCHED2', summary: 'Search primary' };

function shift(fromMs: number, untilMs: number | null, overrides: Partial<OnCallRow> = {}): OnCallRow {
  return anOnCallRow({
    start: plusMs(NOW, fromMs),
    end: untilMs === null ? end : plusMs(NOW, untilMs),
    ...overrides,
  });
}

function onCall(targets: Partial<OnCallTargets>, ...rows: readonly OnCallRow[]) {
  const rule = aRule({ onCall: someTargets(targets) });
  return requesterIsOnCall({
    rule,
    request: aRequest(),
    facts: someFacts({ onCall: onCallWith(...rows) }),
    now: NOW,
  });
}

describe('being on call since', () => {
  const last = shift(-MINUTE, null);

  it('is the start of the row, or of the row before it without a gap', () => {
    expect(onCallSince(last, [last])).toBe(plusMs(NOW, -MINUTE));
    expect(onCallSince(last, [last, shift(-HOUR, -MINUTE)])).toBe(plusMs(NOW, -HOUR));
    expect(onCallSince(last, [shift(-2 * HOUR, -HOUR), last, shift(-HOUR, -MINUTE)])).toBe(
      plusMs(NOW, -2 * HOUR),
    );
  });

  it('is for ever where a row has no beginning', () => {
    expect(onCallSince(anOnCallRow({ start: null }), [])).toBeNull();
    expect(onCallSince(last, [last, anOnCallRow({ start: null, end: plusMs(NOW, -MINUTE) })])).toBeNull();
  });

  it.each<[string, OnCallRow]>([
    ['that ends earlier', shift(-HOUR, -MINUTE - 1)],
    ['that ends later', shift(-HOUR, -MINUTE + 1)],
    ['of somebody else', shift(-HOUR, -MINUTE, { user: TAYLOR })],
    ['at a further level', shift(-HOUR, -MINUTE, { escalation_level: 2 })],
    ['that took no time', shift(-MINUTE, -MINUTE)],
    ['that cannot be read', shift(-HOUR, -MINUTE, { start: 'soon' })],
  ])('is not moved back by a row %s', (_which, row) => {
    expect(onCallSince(last, [last, row])).toBe(plusMs(NOW, -MINUTE));
  });

  it('is moved back by a nearer level, and by another schedule unless only its own counts', () => {
    const direct = { ...last, schedule: null, escalation_level: 2 };
    const ownSchedule = true;

    expect(onCallSince(direct, [direct, shift(-HOUR, -MINUTE)])).toBe(plusMs(NOW, -HOUR));
    expect(onCallSince(last, [shift(-HOUR, -MINUTE, { schedule: other })])).toBe(plusMs(NOW, -HOUR));
    expect(onCallSince(direct, [shift(-HOUR, -MINUTE)], { ownSchedule })).toBe(plusMs(NOW, -MINUTE));
    expect(onCallSince(direct, [shift(-HOUR, -MINUTE, { schedule: null })], { ownSchedule })).toBe(
      plusMs(NOW, -HOUR),
    );
  });

  it('is the longest of the rows that lead up to it, in whatever order they come', () => {
    const [long, short] = [shift(-3 * HOUR, -MINUTE), shift(-HOUR, -MINUTE)];
    const ever = anOnCallRow({ start: null, end: plusMs(NOW, -MINUTE) });

    for (const rows of [
      [long, short],
      [short, long],
    ]) {
      expect(onCallSince(last, [last, ...rows])).toBe(plusMs(NOW, -3 * HOUR));
    }
    for (const rows of [
      [ever, short],
      [short, ever],
    ])
      expect(onCallSince(last, [last, ...rows])).toBeNull();
  });

  it('is not known of a row that cannot be read', () => {
    expect(onCallSince(anOnCallRow({ start: 'soon' }), [])).toBeNull();
    expect(spanOf(anOnCallRow({ end: 'later' }))).toBeNull();
  });
});

describe('who has just put themselves on call', () => {
  const young = { minShiftAgeMs: 10 * MINUTE };
  const seen = ({ user, schedule, start }: OnCallRow, since: Instant): Sighting => ({
    ...{
      target: aTargetFact(),
      user,
      level: 1,
      schedule,
      start,
      end,
      firstSeen: since,
      since,
      by: 'sighting',
    },
  });
  const seenAs = (row: OnCallRow, sighting: Sighting, minShiftAgeMs: number) =>
    requesterIsOnCall({
      rule: aRule({ onCall: someTargets({ minShiftAgeMs }) }),
      request: aRequest(),
      facts: someFacts({ onCall: { state: 'known', at: NOW, rows: [row], sightings: [sighting] } }),
      now: NOW,
    });

  it('does not count until the shift is as old as the rule asks for', () => {
    expect(onCall(young, shift(-10 * MINUTE, null)).condition.answer).toBe('met');
    expect(onCall(young, shift(-10 * MINUTE + 1, null))).toMatchObject({
      condition: {
        answer: 'not-met',
        detail:
          'Sam One (by trait `email`) is not on call for service Payments API at 2026-03-03T02:14:07.000Z (service Payments API: on call only since 2026-03-03T02:04:07.001Z, the rule asks for 10 min)',
      },
      proof: null,
    });
  });

  it('counts when the shift follows on another', () => {
    expect(onCall(young, shift(-MINUTE, null), shift(-HOUR, -MINUTE)).condition.answer).toBe('met');
  });

  it.each([
    ['is as old as it was seen under its target', aTargetFact(), 'not-met'],
    ['is not told by what was seen under another', { kind: 'service', id: 'PELSE' }, 'met'],
    ['is not told by one of another kind', { kind: 'escalation policy', id: aTargetFact().id }, 'met'],
  ] as const)('%s, whatever its row says', (_what, target, answer) => {
    const row = shift(-2 * HOUR, null);
    const sighting = { ...seen(row, plusMs(NOW, -MINUTE)), target };

    expect(seenAs(row, sighting, young.minShiftAgeMs).condition.answer).toBe(answer);
  });

  it('is of no age where others under the target were seen and this row was not', () => {
    const row = shift(-2 * HOUR, null);
    const sighting = { ...seen(row, plusMs(NOW, -HOUR)), user: TAYLOR, by: 'row' } as const;
    const asked = (minShiftAgeMs: number) => seenAs(row, sighting, minShiftAgeMs);

    expect(asked(1).condition).toMatchObject({ answer: 'not-met' });
    expect(asked(1).condition.detail).toContain('nobody can say since when this row is there');
    expect(asked(0).condition.answer).toBe('met');
    expect(asked(0).proof).not.toHaveProperty('age');
  });

  it('counts where the rule asks for no age, though PagerDuty’s clock was set back since its shift was first seen', () => {
    const row = shift(-MINUTE, null);
    const asked = (ms: number) => seenAs(row, seen(row, plusMs(NOW, 26_000)), ms).condition.answer;

    expect([asked(0), asked(1)]).toEqual(['met', 'not-met']);
  });

  it('counts when on call for ever, or where the rule asks for no age', () => {
    const row = anOnCallRow({ schedule: null, start: null, end: null });

    expect(onCall({ ...young, permanent: true }, row).condition.answer).toBe('met');
    expect(onCall({ minShiftAgeMs: 0 }, shift(0, null)).condition.answer).toBe('met');
  });
});

describe('whose shift has just ended', () => {
  const grace = { graceAfterShiftMs: 15 * MINUTE };

  it('counts for as long as the rule says, and it is said', () => {
    expect(onCall(grace, shift(-HOUR, -15 * MINUTE + 1)).condition).toMatchObject({
      answer: 'met',
      detail:
        'Sam One (by trait `email`) is on call for service Payments API (schedule Payments primary, policy Payments, level 1, until 2026-03-03T01:59:07.001Z), counted by the grace after the shift',
    });
    expect(onCall(grace, shift(-HOUR, 0)).condition.detail).toContain('by the grace after the shift');
    expect(onCall(grace, shift(-HOUR, 1)).condition.detail).not.toContain('grace');
    expect(onCall(grace, shift(-HOUR, -15 * MINUTE)).condition.answer).toBe('not-met');
    expect(onCall({}, shift(-HOUR, 0)).condition.answer).toBe('not-met');
  });

  it('is not on call any longer by waiting: the shift is as old as it was at its end', () => {
    const both = { ...grace, minShiftAgeMs: 5 * MINUTE };

    expect(onCall(both, shift(-11 * MINUTE, -10 * MINUTE)).condition.answer).toBe('not-met');
    expect(onCall(both, shift(-15 * MINUTE, -10 * MINUTE)).condition.answer).toBe('met');
  });

  it('does not count before the shift, however long the grace is', () => {
    expect(onCall(grace, shift(1, null)).condition.answer).toBe('not-met');
  });
});

describe('being on call does not count', () => {
  const facts = (targets: Parameters<typeof someFacts>[0]) => ({
    rule: aRule(),
    request: aRequest(),
    facts: someFacts(targets),
    now: NOW,
  });

  it('for a disabled service, which pages nobody', () => {
    expect(
      requesterIsOnCall(facts({ targets: [aTargetFact({ disabled: true })] })).condition.detail,
    ).toContain('service Payments API: the service is disabled');
  });

  it('at a level that is no number', () => {
    expect(onCall({}, anOnCallRow({ escalation_level: Number.NaN })).condition.answer).toBe('not-met');
  });

  it('for a service by a row that belongs to no policy', () => {
    expect(onCall({}, anOnCallRow({ escalation_policy: null })).condition.answer).toBe('not-met');
  });

  it('by this machine’s time, where PagerDuty’s is another', () => {
    const row = shift(-HOUR, MINUTE);
    const later = { state: 'known', at: at('2026-03-03T03:14:07Z'), rows: [row] } as const;

    expect(requesterIsOnCall(facts({ onCall: later })).condition.answer).toBe('not-met');
  });
});

it('a shift of a schedule that no policy uses counts for the schedule, and the row is told without a policy', () => {
  const schedule = aTargetFact({ kind: 'schedule', asked: 'Primary', id: 'PSCHED1', name: 'Primary' });
  const rule = aRule({ onCall: someTargets({ services: [], schedules: ['Primary'] }) });
  const row = anOnCallRow({ escalation_policy: null });

  expect(
    requesterIsOnCall({
      rule,
      request: aRequest(),
      facts: someFacts({ targets: [schedule], onCall: onCallWith(row) }),
      now: NOW,
    }).condition.detail,
  ).toContain('(schedule Payments primary, no policy, level 1');
});

describe('an age for a target', () => {
  const us = shift(-MINUTE, null, { schedule: { id: 'PSCHED9', summary: 'Payments US' } });
  const search = { id: 'PPOLCY9', summary: 'Search', services: [{ id: 'PSERVC9', summary: 'Search API' }] };

  it('goes on over a hand-over to another schedule of the same target, and is marked as told by the row alone', () => {
    const { condition, proof } = onCall({}, us, shift(-8 * HOUR, -MINUTE));

    expect(condition.answer).toBe('met');
    expect(proof?.age).toEqual({ since: plusMs(NOW, -8 * HOUR), by: 'row' });
    expect(onCall({ minShiftAgeMs: 0 }, us).proof).not.toHaveProperty('age');
  });

  it.each<[string, OnCallRow]>([
    ['a gap', shift(-8 * HOUR, -2 * MINUTE)],
    ['a rota of another target', shift(-8 * HOUR, -MINUTE, { escalation_policy: search })],
    ['a further level', shift(-8 * HOUR, -MINUTE, { escalation_level: 2 })],
  ])('does not go on from %s', (_what, before) => {
    expect(onCall({}, us, before).condition.answer).toBe('not-met');
  });

  it('is what it was for decisions of earlier versions: by the schedule, whatever the target', () => {
    const before = someTargets();
    delete (before as { ageUnder?: unknown }).ageUnder;
    const asked = (...rows: readonly OnCallRow[]) =>
      requesterIsOnCall({
        rule: aRule({ onCall: before }),
        request: aRequest(),
        facts: someFacts({ onCall: onCallWith(...rows) }),
        now: NOW,
      });

    expect(asked(us, shift(-8 * HOUR, -MINUTE)).condition.answer).toBe('not-met');
    const { condition, proof } = asked(
      shift(-MINUTE, null),
      shift(-8 * HOUR, -MINUTE, { escalation_policy: search }),
    );
    expect(condition.answer).toBe('met');
    expect(proof).not.toHaveProperty('age');
  });
});
