import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/core/decide.ts';
import { forecast, type Ahead, type RuleAhead } from '../../../src/core/forecast/forecast.ts';
import type { OnCallRow, Sighting } from '../../../src/core/on-call.ts';
import { isUnder } from '../../../src/core/roster/sheet.ts';
import { afterLook, sightingOf } from '../../../src/core/roster/watched.ts';
import type { Rule } from '../../../src/core/rule.ts';
import { DAY, HOUR, MINUTE, msBetween, plusMs, type Instant } from '../../../src/core/values/instant.ts';
import {
  aPolicy,
  aRequest,
  aRule,
  aTargetFact,
  at,
  aWhen,
  PAYMENTS_PRIMARY,
  recognised,
  SAM,
  someFacts,
  someTargets,
  TAYLOR,
} from '../../support/builders.ts';
import { check } from '../arbitrary-text.ts';
import { anAhead, ROBIN, rowOf, userOf } from './aheads.ts';

const TEAM = [SAM, TAYLOR, ROBIN];
const USERS = new Map(
  TEAM.map(({ id }, index) => [id, userOf(index + 1, index === 2 ? { roles: ['guests'] } : {})]),
);

const NIGHT = aTargetFact({ kind: 'schedule', asked: 'Night', id: 'PNIGHT1', policy: null });
const TARGETS = [aTargetFact(), NIGHT];

interface Question {
  readonly rule: Rule;
  readonly rows: readonly OnCallRow[];
  readonly sightings: readonly Sighting[];
}

/** What a decision at that time says of the rule, by the rows that PagerDuty shows then of this person alone. */
function isApproved({ rule, rows, sightings }: Question, person: typeof SAM, now: Instant): boolean {
  const since = plusMs(now, -Math.max(rule.onCall.minShiftAgeMs, rule.onCall.graceAfterShiftMs) - 2 * MINUTE);
  const shown = rows.filter(
    ({ user, start, end }) =>
      user.id === person.id && (start === null || start <= now) && (end === null || end >= since),
  );
  const user = USERS.get(person.id);
  const facts = someFacts({
    requester: recognised({ id: person.id, name: person.summary }),
    user: user === undefined ? { state: 'absent' } : { state: 'known', user },
    targets: TARGETS,
    onCall: { state: 'known', at: now, rows: shown, sightings },
  });
  const { outcomes } = decide(aRequest({ created: now }), facts, aPolicy({ rules: [rule] }), now);
  return outcomes.some(({ verdict }) => verdict === 'approve');
}

function isForetold({ approvable }: RuleAhead, { id }: typeof SAM, now: Instant): boolean {
  const theirs = approvable.find(({ user }) => user.id === id)?.stretches ?? [];
  return theirs.some(({ from, until }) => from <= now && now < until);
}

/** What watching tells of the rows when the window begins: all that is to come is seen coming. */
function seen(rows: readonly OnCallRow[], { from }: Ahead['rota']['window']): readonly Sighting[] {
  return TARGETS.flatMap((fact) => {
    const target = { kind: fact.kind, id: fact.id };
    const under = rows.filter((row) => isUnder(row, fact));
    const look = { target, at: from, from: plusMs(from, -DAY), until: plusMs(from, 100 * DAY), rows: under };
    const { watched } = afterLook(null, look);
    return under.map((row) => sightingOf(row, watched, from));
  });
}

function aheadWith({ rule, rows, sightings }: Question, window: Ahead['rota']['window']): Ahead {
  const ahead = anAhead({ rota: { window, rows, sightings } });
  const targets = [...ahead.rota.targets, NIGHT];
  const guests = { roles: ['prodaccess'], denied: [], byClaims: false };
  const { teleport } = ahead.people;
  return {
    ...ahead,
    rota: { ...ahead.rota, targets },
    people: {
      ...ahead.people,
      policy: aPolicy({ rules: [rule] }),
      teleport: {
        ...teleport,
        users: [...USERS.values()],
        rights: new Map([...teleport.rights, ['guests', guests]]),
      },
    },
  };
}

/** Local midnights of Berlin in March and April 2026: one day has 23 hours. */
function berlinMidnight(day: number): Instant {
  return plusMs(at('2026-02-28T23:00:00Z'), day * DAY - (day > 28 ? HOUR : 0));
}

/** Two hours each, day and night, but for a gap every ninth turn; and an override that takes half of one. */
function twoHourly(): readonly OnCallRow[] {
  return Array.from({ length: 12 * 35 }, (_, turn) => turn)
    .filter((turn) => turn % 9 !== 8)
    .flatMap((turn) => {
      const from = plusMs(berlinMidnight(0), turn * 2 * HOUR);
      const until = plusMs(from, 2 * HOUR);
      const who = TEAM[turn % 3] ?? SAM;
      const half = plusMs(from, HOUR);
      return turn % 11 === 5
        ? [rowOf(who, from, half), rowOf(TEAM[(turn + 1) % 3] ?? SAM, half, until)]
        : [rowOf(who, from, until)];
    });
}

/** From eight to eight by the clocks of Berlin, so that two of the shifts have eleven and thirteen hours; the third night nobody. */
function twelveHourly(): readonly OnCallRow[] {
  return Array.from({ length: 34 }, (_, day) => day).flatMap((day) => {
    const [morning, evening] = [
      plusMs(berlinMidnight(day), 8 * HOUR),
      plusMs(berlinMidnight(day), 20 * HOUR),
    ];
    const night = {
      ...rowOf(TEAM[(day + 1) % 3] ?? SAM, evening, plusMs(berlinMidnight(day + 1), 8 * HOUR)),
      schedule: { id: 'PNIGHT1', summary: 'Night' },
    };
    return [rowOf(TEAM[day % 3] ?? SAM, morning, evening), ...(day % 7 === 2 ? [] : [night])];
  });
}

const OFFICE = {
  timeZone: 'Europe/Berlin',
  spans: [{ days: ['mon', 'sun', 'thu'] as const, from: 9 * 60 + 30, until: 2 * 60 }],
};

describe('a month with a change to summer time, gaps, overrides and rotations of two and twelve hours', () => {
  const window = { from: berlinMidnight(1), until: berlinMidnight(32) };
  const rules: [string, readonly OnCallRow[], Rule][] = [
    ['every two hours', twoHourly(), aRule()],
    ['every two hours, from the first on', twoHourly(), aRule({ onCall: someTargets({ minShiftAgeMs: 0 }) })],
    ['2-hourly, with grace', twoHourly(), aRule({ onCall: someTargets({ graceAfterShiftMs: 15 * MINUTE }) })],
    [
      'every twelve hours',
      twelveHourly(),
      aRule({ onCall: someTargets({ schedules: ['Night'], minShiftAgeMs: 90 * MINUTE }) }),
    ],
    [
      'at night, for who has the roles',
      twelveHourly(),
      aRule({
        onCall: someTargets({ services: [], schedules: ['Night'] }),
        when: aWhen({ requesterRoles: ['sres'] }),
      }),
    ],
    ['in office hours', [...twelveHourly(), ...twoHourly()], aRule({ when: aWhen({ hours: OFFICE }) })],
  ];

  const all = [
    ...rules.map(
      ([what, rows, rule]) => [what, 'watched', { rule, rows, sightings: seen(rows, window) }] as const,
    ),
    // As commands see it that cannot read the ledger.
    ...rules
      .slice(0, 4)
      .map(([what, rows, rule]) => [what, 'not watched', { rule, rows, sightings: [] }] as const),
  ];

  it.each(all)(
    'is foretold as it would be decided, each hour and an odd minute of it: %s, %s',
    (_what, told, question) => {
      const { rule } = question;
      const [ahead] = forecast(aheadWith(question, window));
      if (ahead === undefined) throw new RangeError('no rule');
      let approvals = 0;
      for (let now = window.from; now < window.until; now = plusMs(now, HOUR)) {
        for (const look of [now, plusMs(now, 7 * MINUTE)]) {
          const approved = TEAM.filter((person) => isApproved(question, person, look));
          approvals += approved.length;

          expect([look, TEAM.filter((person) => isForetold(ahead, person, look))]).toEqual([look, approved]);
          const gap = ahead.foreseen
            .filter(({ code }) => ['nobody-on-call', 'all-refused', 'too-young'].includes(code))
            .some(({ stretches }) => stretches.some(({ from, until }) => from <= look && look < until));
          const { hours } = rule.when;
          if (hours === null) expect([look, gap]).toEqual([look, approved.length === 0]);
          else expect(gap && approved.length > 0).toBe(false);
        }
      }
      expect(approvals).toBeGreaterThan(100);
      // Who was seen coming waits for no hand-over.
      const young = ahead.foreseen.filter(({ code }) => code === 'too-young');
      if (told === 'watched') expect(young.flatMap(({ stretches }) => stretches.slice(1))).toEqual([]);
    },
  );
});

describe('any rota', () => {
  const minute = fc.integer({ min: -300, max: 2_000 });
  const start = at('2026-03-28T20:00:00Z');
  const window = { from: start, until: plusMs(start, DAY) };
  const row = fc
    .record({
      who: fc.constantFrom(...TEAM),
      from: minute,
      lasts: fc.integer({ min: 0, max: 400 }),
      level: fc.constantFrom(1, 1, 2),
      open: fc.constantFrom('no', 'no', 'no', 'no', 'start', 'end', 'direct'),
    })
    .map(({ who, from, lasts, level, open }) => {
      const begins = open === 'start' || open === 'direct' ? null : plusMs(start, from * MINUTE);
      const ends = open === 'end' || open === 'direct' ? null : plusMs(start, (from + lasts) * MINUTE);
      return { ...rowOf(who, begins, ends, level), schedule: open === 'direct' ? null : PAYMENTS_PRIMARY };
    });
  const rule = fc
    .record({
      minShiftAgeMs: fc.constantFrom(0, 10 * MINUTE, 90 * MINUTE),
      graceAfterShiftMs: fc.constantFrom(0, 15 * MINUTE),
      maxLevel: fc.constantFrom(1, 2),
      permanent: fc.boolean(),
    })
    .map((targets) => aRule({ onCall: someTargets(targets) }));
  const looks = fc.array(fc.integer({ min: 0, max: 24 * 60 - 1 }), { minLength: 8, maxLength: 8 });

  it('is foretold as it would be decided', () => {
    check(
      fc.tuple(fc.array(row, { maxLength: 7 }), rule, looks, fc.boolean()),
      ([rows, some, minutes, watched]) => {
        const question = { rule: some, rows, sightings: watched ? seen(rows, window) : [] };
        const [ahead] = forecast(aheadWith(question, window));
        const bounds = rows
          .flatMap(({ start: from, end }) => [from, end])
          .flatMap((each) => (each === null ? [] : [at(each)]));
        const instants = [...minutes.map((each) => plusMs(start, each * MINUTE)), ...bounds];
        for (const now of instants.filter((each) => window.from <= each && each < window.until)) {
          for (const person of TEAM) {
            const foretold = ahead !== undefined && isForetold(ahead, person, now);
            expect(foretold).toBe(isApproved(question, person, now));
          }
        }
        expect(msBetween(window.from, window.until)).toBe(DAY);
      },
    );
  });
});
