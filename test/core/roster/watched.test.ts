import { describe, expect, it } from 'vitest';
import {
  afterLook,
  mergedWatched,
  sightingOf,
  type RosterLook,
  type Watched,
} from '../../../src/core/roster/watched.ts';
import type { OnCallRow } from '../../../src/core/on-call.ts';
import type { BrokenRow } from '../../../src/core/roster/sheet.ts';
import { DAY, HOUR, MINUTE, plusMs, SECOND } from '../../../src/core/values/instant.ts';
import { anOnCallRow, NOW, PAYMENTS_PRIMARY, SAM, TAYLOR } from '../../support/builders.ts';

const target = { kind: 'service', id: 'PSERVC1' } as const;
const at = (ms: number) => plusMs(NOW, ms);
const plants = { id: 'PSCHED9', summary: 'Office plants' };

/** Sam's shift, from an hour ago to an hour from now unless told, in milliseconds from now. */
function row(
  fromMs: number | null = -HOUR,
  untilMs: number | null = HOUR,
  more: Partial<OnCallRow> = {},
): OnCallRow {
  const time = (ms: number | null) => (ms === null ? null : at(ms));
  return anOnCallRow({ start: time(fromMs), end: time(untilMs), ...more });
}

/** What is known after looks at these times, each with its rows; they show the last ten minutes, and what begins within so long. */
function watched(...looks: readonly (readonly [number, readonly OnCallRow[], number?])[]): Watched {
  let known: Watched | null = null;
  for (const [ms, rows, aheadMs = 2 * MINUTE] of looks) {
    const look: RosterLook = {
      target,
      at: at(ms),
      from: at(ms - 10 * MINUTE),
      until: at(ms + aheadMs),
      rows,
    };
    known = afterLook(known, look).watched;
  }
  if (known === null) throw new Error('nothing was looked at');
  return known;
}

/** Since when the last of the rows counts, and by what. */
const ageIn = ({ rows, last }: Watched, of: OnCallRow, lookedAt = last) => {
  const { since, by } = sightingOf(of, { target, first: lookedAt, last, horizon: last, rows }, lookedAt);
  return [since, by];
};

describe('a row that is seen for the first time', () => {
  it('is as old as PagerDuty says where nobody has watched', () => {
    expect(ageIn(watched([0, [row()]]), row())).toEqual([at(-HOUR), 'row']);
    expect(ageIn(watched([0, [row(0)]]), row(0))).toEqual([NOW, 'row']);
    const permanent = row(null, null, { schedule: null });
    expect(ageIn(watched([0, [permanent]]), permanent)).toEqual([null, 'row']);
  });

  it('is as old as its sighting where the target was watched, whatever PagerDuty says', () => {
    for (const moved of [row(-DAY, HOUR, { schedule: plants }), row(null, null, { schedule: null })])
      expect(ageIn(watched([0, []], [SECOND, [moved]]), moved)).toEqual([at(SECOND), 'sighting']);
  });

  it('is older than its beginning where it was seen coming', () => {
    const coming = row(30 * MINUTE, DAY);

    expect(ageIn(watched([0, []], [SECOND, [coming], HOUR]), coming)).toEqual([at(SECOND), 'sighting']);
    expect(ageIn(watched([0, [coming], HOUR], [HOUR, [coming]]), coming)).toEqual([NOW, 'sighting']);
  });

  it('is as old as PagerDuty says where it began in a gap, later than shifts had been looked for', () => {
    const [late, early] = [row(2 * HOUR, DAY), row(30 * MINUTE, DAY)];

    expect(ageIn(watched([0, [], HOUR], [3 * HOUR, [late]]), late)).toEqual([at(2 * HOUR), 'row']);
    for (const each of [early, row(HOUR, DAY)])
      expect(ageIn(watched([0, [], HOUR], [3 * HOUR, [each]]), each)).toEqual([at(3 * HOUR), 'sighting']);
  });

  it('goes on from what the person was on call by a moment before, at this level or a nearer one', () => {
    const before = row();
    const after = row(-HOUR, DAY, { schedule: plants });
    const looked = (then: OnCallRow, ms = SECOND, first: readonly OnCallRow[] = [before]) =>
      ageIn(watched([0, first], [ms, [then]]), then);

    expect(looked(after)).toEqual([at(-HOUR), 'row']);
    expect(looked({ ...after, escalation_level: 2 })).toEqual([at(-HOUR), 'row']);
    expect(looked(after, MINUTE)).toEqual([at(-HOUR), 'row']);
    expect(looked(after, 2 * MINUTE)).toEqual([at(2 * MINUTE), 'sighting']);
    expect(looked(after, SECOND, [row(0)])).toEqual([NOW, 'row']);
    expect(looked(after, SECOND, [row(-HOUR, 0)])).toEqual([at(SECOND), 'sighting']);
    expect(looked({ ...after, user: TAYLOR })).toEqual([at(SECOND), 'sighting']);
    expect(looked(after, SECOND, [{ ...before, escalation_level: 2 }])).toEqual([at(SECOND), 'sighting']);
    expect(looked(after, SECOND, [row(-HOUR, -MINUTE)])).toEqual([at(SECOND), 'sighting']);
    expect(looked(after, SECOND, [row(MINUTE, HOUR)])).toEqual([at(SECOND), 'sighting']);
    const older = row(null, null, { schedule: null });
    expect(looked(after, SECOND, [before, older])).toEqual([null, 'row']);
    expect(looked(after, SECOND, [older, before])).toEqual([null, 'row']);
    const gone = watched([0, [before]], [SECOND, []], [2 * SECOND, [after]]);
    expect(ageIn(gone, after)).toEqual([at(2 * SECOND), 'sighting']);
  });
});

describe('a row that was seen before', () => {
  it('stays as old as it was, over gaps in watching and other ends', () => {
    const longer = row(-HOUR, DAY);

    expect(ageIn(watched([0, [row()]], [30 * MINUTE, [longer]]), longer)).toEqual([at(-HOUR), 'row']);
    expect(watched([0, [row()]], [SECOND, [longer]]).rows).toMatchObject([{ end: at(DAY), firstSeen: NOW }]);
    const zoned = row(-HOUR, HOUR, { start: '2026-03-03T02:14:07+01:00' });
    expect(ageIn(watched([0, [row()]], [SECOND, [zoned]]), zoned)).toEqual([at(-HOUR), 'row']);
  });

  it('begins anew when it was away for longer than a moment', () => {
    const back = (ms: number) =>
      ageIn(watched([0, []], [SECOND, [row()]], [2 * SECOND, []], [ms, [row()]]), row());

    expect(back(MINUTE)).toEqual([at(SECOND), 'sighting']);
    expect(back(2 * MINUTE)).toEqual([at(2 * MINUTE), 'sighting']);
  });

  it('is missed only where the look must have shown it, and forgotten once it is over', () => {
    const coming = row(30 * MINUTE, DAY);

    expect(watched([0, [coming], HOUR], [SECOND, []]).rows).toMatchObject([{ gone: null }]);
    expect(watched([0, [coming], HOUR], [SECOND, [], HOUR]).rows).toMatchObject([{ gone: NOW }]);
    expect(watched([0, [coming], HOUR], [SECOND, [], 30 * MINUTE - SECOND]).rows).toMatchObject([
      { gone: null },
    ]);
    expect(watched([0, [row(-HOUR, 0)]], [MINUTE, []], [2 * MINUTE, []]).rows).toMatchObject([{ gone: NOW }]);
    expect(watched([0, [row(-HOUR, 0)]], [11 * MINUTE, []]).rows).toEqual([]);
  });

  it('is no news, as what cannot be read or is there twice is none', () => {
    const first = watched([0, [row()]]);
    const look = { target, at: at(SECOND), from: at(-MINUTE), until: at(MINUTE) };

    expect(afterLook(first, { ...look, rows: [row(), row(), { ...row(), start: 'soon' }] })).toMatchObject({
      isNews: false,
      watched: { first: NOW, last: at(SECOND), horizon: at(2 * MINUTE), rows: first.rows },
    });
    expect(afterLook(first, { ...look, rows: [] }).isNews).toBe(true);
    const told = afterLook(first, { ...look, rows: [row()], policies: ['A'] });
    expect(told.isNews).toBe(true);
    expect(told.watched.policies).toEqual([{ id: 'A', since: at(SECOND), first: true }]);
    expect(first).not.toHaveProperty('policies');
    expect(afterLook(told.watched, { ...look, rows: [row()], policies: ['A'] }).isNews).toBe(false);
    expect(afterLook(null, { ...look, rows: [] }).isNews).toBe(true);
  });
});

describe('a look with rows that cannot be understood', () => {
  const broken = { policyId: null, scheduleId: null, userId: null, why: 'no level' };
  const after = row(-HOUR, DAY, { schedule: plants });
  /** Sam's row is seen at first; what each later look shows, in so many milliseconds, and what it cannot tell. */
  const looks = (...later: readonly (readonly [number, readonly OnCallRow[], BrokenRow[]?])[]) => {
    let known = watched([0, [row()]]);
    for (const [ms, rows, unclear = []] of later) {
      const look = { target, at: at(ms), from: at(ms - 10 * MINUTE), until: at(ms + 2 * MINUTE), rows };
      known = afterLook(known, { ...look, broken: unclear }).watched;
    }
    return known;
  };

  it('proves nothing of what they may be, which is there still, and all of the others', () => {
    const taylors = row(-HOUR, HOUR, { user: TAYLOR });
    expect(looks([SECOND, [taylors], [broken]], [DAY, [], [broken]]).rows).toEqual([]);
    expect(looks([SECOND, [taylors], [broken]]).rows).toMatchObject([
      { user: SAM, gone: null, unclear: NOW },
      { user: TAYLOR, since: at(SECOND), by: 'sighting' },
    ]);
    expect(looks([SECOND, [], [broken]], [2 * SECOND, [], [broken]]).rows).toMatchObject([{ unclear: NOW }]);
    const again = {
      target,
      at: at(2 * SECOND),
      from: at(-MINUTE),
      until: at(MINUTE),
      rows: [],
      broken: [broken],
    };
    expect(afterLook(looks([SECOND, [], [broken]]), again).isNews).toBe(false);
    const back = looks([SECOND, [], [broken]], [5 * MINUTE, [row()]]);
    expect(back.rows).toMatchObject([{ gone: null, since: at(-HOUR) }]);
    expect(back.rows[0]).not.toHaveProperty('unclear');
    expect(looks([SECOND, [], [broken]], [5 * MINUTE, []]).rows).toMatchObject([{ gone: NOW }]);
  });

  it.each([
    [{ userId: SAM.id }, null],
    [{ userId: TAYLOR.id }, NOW],
    [{ scheduleId: PAYMENTS_PRIMARY.id }, null],
    [{ scheduleId: plants.id }, NOW],
  ])('with %j leaves it open whether Sam is gone, or not', (of, gone) => {
    expect(looks([SECOND, [], [{ ...broken, ...of }]]).rows).toMatchObject([{ gone }]);
  });

  it('with a schedule is none that goes by no schedule', () => {
    const direct = row(null, null, { schedule: null });
    const unclear = { ...broken, scheduleId: plants.id };

    const missed = looks([SECOND, [direct]], [2 * SECOND, [], [unclear]]).rows;
    expect(missed.filter(({ schedule }) => schedule === null)).toMatchObject([{ gone: at(SECOND) }]);
  });

  it('lets nobody go on from what was not seen for longer than a moment', () => {
    const goesOn = (ms: number) =>
      ageIn(looks([SECOND, [], [broken]], [ms, [], [broken]], [ms + SECOND, [after]]), after);

    expect(goesOn(2 * SECOND)).toEqual([at(-HOUR), 'row']);
    expect(goesOn(2 * MINUTE)).toEqual([at(2 * MINUTE + SECOND), 'sighting']);
  });
});

it('a row in an answer that no look has shown, or that was gone, is seen for the first time', () => {
  for (const others of [[], [row(-HOUR, HOUR, { user: TAYLOR })]])
    expect(ageIn(watched([0, others]), row(), at(SECOND))).toEqual([at(SECOND), 'sighting']);
  expect(ageIn(watched([0, [row()]], [SECOND, []]), row(), at(DAY))).toEqual([at(DAY), 'sighting']);
});

describe('what two replicas have seen', () => {
  it('is of each row the first sighting, and what the later look says', () => {
    const [one, other] = [watched([0, []], [SECOND, [row()]]), watched([0, []], [MINUTE, [row(-HOUR, DAY)]])];
    const both = [mergedWatched(one, other), mergedWatched(other, one)];

    for (const merged of both)
      expect(merged).toMatchObject({
        first: NOW,
        last: at(MINUTE),
        horizon: at(3 * MINUTE),
        rows: [{ firstSeen: at(SECOND), since: at(SECOND), end: at(DAY) }],
      });
  });

  it('is of the policies of a service what both saw, where they looked for any', () => {
    const looked = (ms: number, ...policies: string[]) => {
      const look = { target, at: at(ms), from: at(ms - HOUR), until: at(ms + HOUR), rows: [], policies };
      return afterLook(null, look).watched;
    };

    expect(mergedWatched(looked(SECOND, 'A'), looked(0, 'A')).policies).toEqual([
      { id: 'A', since: NOW, first: true },
    ]);
    expect(mergedWatched(watched([0, []]), watched([SECOND, []]))).not.toHaveProperty('policies');
  });

  it('keeps what the other saw coming, and nothing of what is gone', () => {
    const coming = row(30 * MINUTE, DAY, { user: TAYLOR });
    const ahead = watched([-MINUTE, [coming, row(-DAY, 0)], HOUR]);
    const away = watched([-MINUTE, [row()]], [0, []]);

    const merged = mergedWatched(ahead, watched([SECOND, [row()]]));
    expect(merged.rows.map(({ user }) => user.id).toSorted()).toEqual([SAM.id, TAYLOR.id].toSorted());
    expect(merged.horizon).toBe(at(HOUR - MINUTE));
    expect(merged.first).toBe(at(-MINUTE));
    expect(mergedWatched(watched([SECOND, [row()]]), ahead).first).toBe(at(-MINUTE));
    // What begins with the later look would be in it.
    const begun = watched([-MINUTE, [row(SECOND, DAY, { user: TAYLOR })], HOUR]);
    expect(mergedWatched(begun, watched([SECOND, [row()]])).rows).toHaveLength(1);
    const anew = watched([0, []], [DAY, [row(-HOUR, 2 * DAY)]]);
    expect(mergedWatched(away, anew).rows).toEqual(anew.rows);
    const younger = watched([MINUTE, []], [2 * MINUTE, [row()]]);
    expect(
      mergedWatched(watched([0, []], [SECOND, [row()]], [3 * MINUTE, [row()]]), younger).rows,
    ).toMatchObject([{ firstSeen: at(SECOND) }]);
  });
});
