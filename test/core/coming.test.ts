import { describe, expect, it } from 'vitest';
import { approvableAt, isOpposed, timeComesInMs, type Asked } from '../../src/core/coming.ts';
import type { OnCallReading, OnCallRow, Sighting } from '../../src/core/on-call.ts';
import type { LedgerEvent, RecordedDecision } from '../../src/core/record/ledger-entry.ts';
import { HOUR, MINUTE, plusMs, type Instant } from '../../src/core/values/instant.ts';
import {
  anAnswer,
  anAnswered,
  anOnCallRow,
  aPolicy,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  SAM,
  someFacts,
  someTargets,
} from '../support/builders.ts';
import { ended, escalated, story } from './telling.ts';

const later = (ms: number): Instant => plusMs(NOW, ms);
/** Sam's shift that begins then. */
const shift = (begins: string | null, ends = later(HOUR)) => anOnCallRow({ start: begins, end: ends });

function asked(minShiftAgeMs: number, onCall: OnCallReading, overrides: Partial<Asked> = {}): Asked {
  const policy = aPolicy({ rules: [aRule({ onCall: someTargets({ minShiftAgeMs, ageUnder: 'target' }) })] });
  return { request: aRequest(), facts: someFacts({ onCall }), policy, now: NOW, ...overrides };
}

describe('when a request would be approved', () => {
  it.each([
    ['a shift that is about to begin', 0, later(MINUTE), later(MINUTE)],
    ['a shift that is too young', 10 * MINUTE, later(-MINUTE), later(9 * MINUTE)],
    ['a shift that is about to begin and must last', 10 * MINUTE, later(MINUTE), later(11 * MINUTE)],
    ['a shift that begins in a moment', 0, later(15 * MINUTE), later(15 * MINUTE)],
    ['a shift that begins in a moment and must last', 10 * MINUTE, later(14 * MINUTE), later(24 * MINUTE)],
    ['a shift that begins in more than a moment', 0, later(15 * MINUTE + 1), null],
    ['a shift that begins nobody knows when', 0, 'soon', null],
    ['a shift that is over by then', 0, later(2 * HOUR), null],
  ])('is told by %s', (_what, age, begins, at) => {
    expect(approvableAt(asked(age, onCallWith(shift(begins))))).toBe(at);
  });

  it('is not when it would have been, by a shift that is over', () => {
    const over = shift(later(-HOUR), later(-MINUTE));

    expect(approvableAt(asked(10 * MINUTE, onCallWith(over)))).toBeNull();
  });

  it('is told by when the shift was seen for the first time', () => {
    const row = shift(later(MINUTE));
    const sighting: Sighting = {
      target: { kind: 'service', id: 'PSERVC1' },
      ...{ user: SAM, level: 1, schedule: row.schedule, start: row.start, end: row.end },
      ...{ firstSeen: NOW, since: NOW, by: 'sighting' },
    };

    const seen = (each: OnCallRow, since: Instant | null): OnCallReading => ({
      ...{ state: 'known', at: NOW, rows: [each], sightings: [{ ...sighting, since }] },
    });

    expect(approvableAt(asked(2 * MINUTE, seen(row, NOW)))).toBe(later(2 * MINUTE));
    expect(approvableAt(asked(2 * MINUTE, seen(shift(null), null)))).toBeNull();
  });

  it.each([
    ['something else stands in the way', { request: aRequest({ reason: '' }) }],
    ['who is on call is not known', { facts: someFacts({ onCall: { state: 'not-asked' } }) }],
    ['no rule covers it', { policy: aPolicy({ rules: [] }) }],
  ])('is not told where %s', (_why, overrides) => {
    expect(approvableAt(asked(0, onCallWith(shift(later(MINUTE))), overrides))).toBeNull();
  });
});

describe('the time of a request that was made too early', () => {
  const early: RecordedDecision = { ...escalated(), comesAt: later(MINUTE) };
  const inMs = (now: Instant, events: readonly LedgerEvent[] = [early]) => timeComesInMs(story(events), now);

  it('comes, and is looked for a little longer', () => {
    expect(inMs(NOW)).toBe(MINUTE);
    expect(inMs(later(MINUTE))).toBe(0);
    expect(inMs(later(3 * MINUTE))).toBe(0);
    expect(inMs(later(3 * MINUTE + 1))).toBeNull();
  });

  it.each([
    ['was not told', [escalated()]],
    ['comes after somebody answered, whether it counted or not', [early, anAnswered({ counted: false })]],
    ['comes after the end', [early, ended()]],
    ['is of a request that is not decided', []],
  ] as [string, LedgerEvent[]][])('does not come where it %s', (_why, events) => {
    expect(inMs(later(MINUTE), events)).toBeNull();
  });

  it('comes where somebody has only acknowledged the page', () => {
    const seen = anAnswered({ counted: false, answer: anAnswer({ how: 'acknowledge' }) });

    expect(inMs(later(MINUTE), [early, seen])).toBe(0);
  });

  it('comes whatever the requester says on the page', () => {
    const { id, summary: name } = SAM;
    const own = anAnswered({ counted: false, answer: anAnswer({ by: { id, name, isUser: true } }) });

    expect(inMs(later(MINUTE), [early, own])).toBe(0);
  });

  it('is somebody else’s where a reviewer is against it', () => {
    const review = { author: 'sre-3', reason: '', created: NOW, submittedBy: null };
    const opposed = (...states: readonly ('approved' | 'denied')[]) =>
      isOpposed(aRequest({ reviews: states.map((proposedState) => ({ ...review, proposedState })) }));

    expect([opposed('denied'), opposed('approved', 'denied')]).toEqual([true, true]);
    expect([opposed('approved'), opposed()]).toEqual([false, false]);
  });
});
