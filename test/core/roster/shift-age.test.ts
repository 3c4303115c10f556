import { describe, expect, it } from 'vitest';
import { shiftAge } from '../../../src/core/roster/shift-age.ts';
import type { OnCallRow, Sighting } from '../../../src/core/on-call.ts';
import { HOUR, MINUTE, plusMs, type Instant } from '../../../src/core/values/instant.ts';
import { anOnCallRow, NOW, TAYLOR } from '../../support/builders.ts';

const at = (ms: number) => plusMs(NOW, ms);

function shift(fromMs: number, untilMs: number, more: Partial<OnCallRow> = {}): OnCallRow {
  return anOnCallRow({ start: at(fromMs), end: at(untilMs), ...more });
}

function seen(row: OnCallRow, since: Instant | null, by: Sighting['by'] = 'sighting'): Sighting {
  const { user, escalation_level: level, schedule, start, end } = row;
  return {
    target: { kind: 'service', id: 'PSERVC1' },
    user,
    level,
    schedule,
    start,
    end,
    firstSeen: NOW,
    since,
    by,
  };
}

describe('the age of a shift', () => {
  const now = shift(-MINUTE, HOUR);
  const before = shift(-HOUR, -MINUTE);
  const first = shift(-2 * HOUR, -HOUR);

  it('is what its sighting says, before what PagerDuty says', () => {
    expect(shiftAge(now, [now], [])).toEqual({ since: at(-MINUTE), by: 'row' });
    expect(shiftAge(now, [now], [seen(now, NOW)])).toEqual({ since: NOW, by: 'sighting' });
    expect(shiftAge(now, [now], [seen(now, at(-HOUR))])).toEqual({ since: at(-HOUR), by: 'sighting' });
    expect(shiftAge(now, [now], [seen(now, null, 'row')])).toEqual({ since: null, by: 'row' });
    expect(shiftAge({ ...now, start: 'soon' }, [], [])).toEqual({ since: null, by: 'row' });
    const direct = { ...now, schedule: null };
    expect(shiftAge(direct, [direct], [seen(now, null), seen(direct, NOW)])?.since).toBe(NOW);
    expect(shiftAge(direct, [direct], [seen(now, null)])).toBeNull();
  });

  it.each<[string, Partial<OnCallRow>]>([
    ['somebody else', { user: TAYLOR }],
    ['another level', { escalation_level: 2 }],
    ['another schedule', { schedule: null }],
    ['another beginning', { start: at(-MINUTE - 1) }],
  ])('is nothing that anybody knows where only %s was seen', (_whose, more) => {
    expect(shiftAge(now, [now], [seen({ ...now, ...more }, null)])).toBeNull();
  });

  it('goes on from the shifts that it follows, as far as those were seen from their beginning', () => {
    const rows = [now, before, first];

    expect(shiftAge(now, rows, [])).toEqual({ since: at(-2 * HOUR), by: 'row' });
    expect(shiftAge(now, rows, [seen(now, at(-MINUTE), 'row'), seen(first, at(-3 * HOUR))])).toEqual({
      since: at(-3 * HOUR),
      by: 'sighting',
    });
    // Put there just now, to lead up to what had ended long before.
    expect(shiftAge(now, rows, [seen(now, at(-MINUTE), 'row'), seen(before, NOW)])).toEqual({
      since: at(-MINUTE),
      by: 'row',
    });
    expect(shiftAge(now, rows, [seen(now, NOW)])).toEqual({ since: NOW, by: 'sighting' });
  });

  it('is the oldest of those that it follows, for ever included', () => {
    const ever = shift(0, -MINUTE, { start: null, schedule: null });

    for (const rows of [
      [now, before, ever],
      [now, ever, before],
    ])
      expect(shiftAge(now, rows, [])).toEqual({ since: null, by: 'row' });
    for (const more of [[], [seen(ever, null)]])
      expect(shiftAge(now, [now, ever], [seen(now, null, 'row'), ...more])).toEqual({
        since: null,
        by: 'row',
      });
    // One that is no older tells nothing more.
    expect(shiftAge(now, [now, before], [seen(now, at(-MINUTE), 'row'), seen(before, at(-MINUTE))])).toEqual({
      since: at(-MINUTE),
      by: 'row',
    });
  });

  it.each<[string, OnCallRow]>([
    ['of somebody else', { ...before, user: TAYLOR }],
    ['at a further level', { ...before, escalation_level: 2 }],
    ['that ended earlier', shift(-HOUR, -2 * MINUTE)],
    ['that took no time', shift(-MINUTE, -MINUTE)],
    ['that cannot be read', { ...before, start: 'soon' }],
  ])('does not go on from a shift %s', (_which, other) => {
    expect(shiftAge(now, [now, other], [])?.since).toBe(at(-MINUTE));
  });
});
