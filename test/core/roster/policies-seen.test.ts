import { describe, expect, it } from 'vitest';
import {
  isLost,
  lostAt,
  mergedPolicies,
  policiesAfter,
  SELDOM,
  unsettledSince,
  type PolicySeen,
} from '../../../src/core/roster/policies-seen.ts';
import { DAY, HOUR, MINUTE, plusMs, type Instant } from '../../../src/core/values/instant.ts';
import { NOW } from '../../support/builders.ts';

const at = (ms: number) => plusMs(NOW, ms);

/** After looks at these times, each with the policies that it showed. */
function seen(...looks: readonly (readonly [number, ...string[]])[]): readonly PolicySeen[] {
  let before: { readonly last: Instant; readonly policies: readonly PolicySeen[] } | null = null;
  for (const [ms, ...ids] of looks) before = { last: at(ms), policies: policiesAfter(before, ids, at(ms)) };
  return before?.policies ?? [];
}
const first = { first: true } as const;

describe('policies of a service', () => {
  it.each<[string, readonly (readonly [number, ...string[]])[], readonly PolicySeen[]]>([
    ['are seen from the first look on', [[0, 'A']], [{ id: 'A', since: at(0), ...first }]],
    [
      'are as old as their first sighting',
      [
        [0, 'A'],
        [MINUTE, 'B', 'A', 'A'],
        [2 * MINUTE, 'A', 'B'],
      ],
      [
        { id: 'A', since: at(0), ...first },
        { id: 'B', since: at(MINUTE) },
      ],
    ],
    [
      'are new once back',
      [
        [0, 'A'],
        [MINUTE, 'B'],
        [3 * MINUTE, 'A'],
      ],
      [{ id: 'A', since: at(3 * MINUTE) }],
    ],
    [
      'were never away for a moment',
      [
        [0, 'A'],
        [MINUTE / 2, 'B'],
        [MINUTE, 'A'],
      ],
      [
        { id: 'A', since: at(0), ...first },
        { id: 'B', since: at(MINUTE / 2), gone: at(MINUTE / 2) },
      ],
    ],
    [
      'do not grow older while nobody looks',
      [
        [0, 'A'],
        [10 * MINUTE, 'A'],
        [DAY, 'A'],
      ],
      [{ id: 'A', since: at(DAY - 10 * MINUTE), ...first }],
    ],
    [
      'begin at the look',
      [
        [0, 'A'],
        [DAY, 'B'],
        [DAY - HOUR, 'B'],
      ],
      [{ id: 'B', since: at(DAY - HOUR) }],
    ],
  ])('%s', (_what, looks, found) => {
    expect(seen(...looks)).toEqual(found);
  });

  it('are, of two replicas, what the later one saw since when the earlier one did', () => {
    const [one, other] = [seen([0, 'A'], [MINUTE, 'A', 'C']), seen([MINUTE, 'B', 'A'])];
    const [earlier, later] = [
      { last: at(MINUTE), policies: one },
      { last: at(MINUTE), policies: other },
    ];

    expect(mergedPolicies(earlier, later)).toEqual([
      { id: 'A', since: at(0), ...first },
      { id: 'B', since: at(MINUTE), ...first },
    ]);
    // What was not looked at in between counts for neither.
    const tomorrow = { last: at(DAY), policies: seen([0, 'A'], [DAY, 'A']) };
    expect(mergedPolicies(earlier, tomorrow)).toMatchObject([{ id: 'A', since: at(DAY - MINUTE) }]);
    for (const none of [{ last: at(0) }, { last: at(2 * DAY) }]) {
      expect(mergedPolicies(none, later)).toBe(other);
      expect(mergedPolicies(later, none)).toBe(other);
    }
    const before = { last: at(0), policies: seen([0, 'A']) };
    const joined = { last: at(MINUTE), policies: seen([0], [MINUTE, 'A']) };
    expect(mergedPolicies(before, joined)).toEqual([{ id: 'A', since: at(0), ...first }]);
    const away = { last: at(MINUTE), policies: [{ id: 'A', since: at(0), gone: at(-HOUR) }] };
    expect(mergedPolicies(away, { last: at(MINUTE), policies: seen([MINUTE, 'A']) })).toEqual([
      { id: 'A', since: at(MINUTE), first: true },
    ]);
  });

  it('count once they have been seen for long enough; those of the first look where that is enough', () => {
    const asked = { service: 'S', policy: 'A' };
    const reading = (since: number, more = {}) => ({
      at: NOW,
      seen: [{ ...asked, since: at(since), ...more }],
    });
    const settling = { ms: DAY, orFirst: false };

    expect(unsettledSince(asked, { ms: 0, orFirst: false }, undefined)).toBeNull();
    expect(unsettledSince(asked, settling, undefined)).toEqual({ since: null });
    expect(unsettledSince(asked, settling, reading(-DAY))).toBeNull();
    expect(unsettledSince(asked, settling, reading(1 - DAY, first))).toEqual({ since: at(1 - DAY) });
    const orFirst = { ...settling, orFirst: true };
    expect(unsettledSince(asked, orFirst, reading(0, first))).toBeNull();
    expect(unsettledSince(asked, orFirst, reading(0))).toEqual({ since: NOW });
    for (const other of [
      { service: 'T', policy: 'A' },
      { service: 'S', policy: 'B' },
    ])
      expect(unsettledSince(other, orFirst, reading(-DAY, first))).toEqual({ since: null });
  });
});

it('what is looked at seldom is remembered for a month once it is gone, what was there longest first', () => {
  let before: { readonly last: Instant; readonly policies: readonly PolicySeen[] } | null = null;
  for (const [hours, id] of [
    [0, 'a'],
    [1, 'a'],
    [2, 'b'],
    [4, 'b'],
    [5, 'a'],
  ] as const)
    before = { last: at(hours * HOUR), policies: policiesAfter(before, [id], at(hours * HOUR), SELDOM) };
  const last = before?.policies ?? [];
  expect(last).toEqual([
    { id: 'a', since: at(5 * HOUR) },
    // The two hours in which nobody looked are not counted, neither for what is there nor for what is gone.
    { id: 'a', since: at(2 * HOUR), ...first, gone: at(3 * HOUR) },
    { id: 'b', since: at(4 * HOUR), gone: at(4 * HOUR) },
  ]);
  const many = Array.from({ length: 51 }, (_, index) => `p${index}`);
  const gone = { last: at(0), policies: policiesAfter(null, many, at(0)) };
  expect(policiesAfter(gone, [], at(MINUTE))).toHaveLength(50);
  const later = 31 * DAY + 3 * HOUR + 1;
  const looked = before === null ? null : { ...before, last: at(later - HOUR) };
  expect(policiesAfter(looked, [], at(later - 1), SELDOM)).toHaveLength(3);
  expect(policiesAfter(looked, [], at(later), SELDOM)).toEqual([
    { id: 'a', since: at(5 * HOUR), gone: at(later - HOUR) },
    { id: 'b', since: at(4 * HOUR), gone: at(4 * HOUR) },
  ]);
  expect(policiesAfter(before, [], at(later), SELDOM)).toHaveLength(3);

  const lost = policiesAfter({ last: at(0), policies: [lostAt(at(0))] }, [], at(DAY), SELDOM);
  expect(lost).toEqual([{ id: '', since: at(-30 * DAY), gone: at(DAY) }]);
  expect([...lost, { id: '', since: NOW }, { id: 'a', since: NOW, gone: NOW }].map(isLost)).toEqual([
    true,
    false,
    false,
  ]);
});
