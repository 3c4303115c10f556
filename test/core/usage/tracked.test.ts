import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/core/usage/event-types.ts';
import {
  accountDue,
  endOfAccess,
  hasAllOf,
  isClosed,
  withOwnEvent,
  trackedAccess,
  type Reading,
  type Tracked,
} from '../../../src/core/usage/tracked.ts';
import { storyOf } from '../../../src/core/record/story.ts';
import type { LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import { DAY, HOUR, plusMs, type Instant } from '../../../src/core/values/instant.ts';
import {
  aRecordedDecision,
  aRecordedUse,
  aRequest,
  aResource,
  NOW,
  ROOT_CLUSTER,
  someEvidence,
} from '../../support/builders.ts';
import { anAuditEvent, collected, digest, minute } from './telling.ts';

const END = plusMs(NOW, HOUR);
const LATER = plusMs(NOW, 28 * HOUR);

function aTracked(events: readonly Partial<AuditEvent>[] = [], overrides: Partial<Tracked> = {}): Tracked {
  return {
    ...{ requestId: aRequest().id, cluster: ROOT_CLUSTER, from: NOW, accessExpires: END, through: NOW },
    ...{ collected: collected(...events), number: 0, stage: null, changed: false },
    ...overrides,
  };
}

const nothingRead: Reading = { through: null, lateThrough: null, refused: null };
const readOnce: Reading = { through: END, lateThrough: NOW, refused: null };
const readTwice: Reading = { through: LATER, lateThrough: END, refused: null };

describe('when an account is written', () => {
  const open = [{ sid: 'one' }];
  it.each<[string, Tracked, Reading, Instant, string | null]>([
    ['not while the access goes on', aTracked(), readTwice, minute(59), null],
    ['not before all is read', aTracked(), { ...readOnce, through: minute(59) }, END, null],
    ['not before anything is read', aTracked(), nothingRead, END, null],
    ['at its end', aTracked(), readOnce, END, 'provisional'],
    ['at once where it cannot be read', aTracked(), { ...nothingRead, refused: 'no' }, END, 'provisional'],
    ['once so far', aTracked([], { stage: 'provisional' }), readOnce, LATER, null],
    ['for good, once all is read again', aTracked([], { stage: 'provisional' }), readTwice, LATER, 'final'],
    [
      'not for good where nothing was read again',
      aTracked([], { stage: 'provisional' }),
      { ...readTwice, lateThrough: null },
      LATER,
      null,
    ],
    [
      'not for good where the first reading is behind',
      aTracked([], { stage: 'provisional' }),
      { ...readTwice, through: minute(59) },
      LATER,
      null,
    ],
    ['not for good while one goes on', aTracked(open, { stage: 'provisional' }), readTwice, LATER, null],
    ['so far while a session goes on', aTracked(open), readTwice, LATER, 'provisional'],
    ['for good after two days, come what may', aTracked(open), nothingRead, plusMs(END, 50 * HOUR), 'final'],
    ['corrected', aTracked([], { stage: 'final', number: 2, changed: true }), readTwice, LATER, 'correction'],
    [
      'again and again',
      aTracked([], { stage: 'correction', number: 4, changed: true }),
      readTwice,
      LATER,
      'correction',
    ],
    ['not for ever', aTracked([], { stage: 'correction', number: 5, changed: true }), readTwice, LATER, null],
    ['not where nothing is new', aTracked([], { stage: 'final', number: 2 }), readTwice, LATER, null],
  ])('%s', (_what, tracked, reading, now, stage) => {
    const due = accountDue(tracked, reading, now);
    expect(due?.stage ?? null).toBe(stage);
    if (due !== null) expect(due).toMatchObject({ kind: 'used', number: tracked.number + 1 });
  });

  it('says what was not read, and why', () => {
    const gaps = (reading: Reading) => accountDue(aTracked(), reading, plusMs(END, 50 * HOUR))?.evidence.gaps;
    expect(gaps(readOnce)).toEqual([]);
    expect(gaps({ ...nothingRead, refused: 'no' })).toEqual([{ why: 'not-read', detail: 'no' }]);
    expect(gaps(nothingRead)).toEqual([{ why: 'not-read', detail: 'it was read up to nowhere' }]);
    expect(gaps({ ...readOnce, through: NOW })).toEqual([
      { why: 'not-read', detail: `it was read up to ${NOW}` },
    ]);
  });

  it('is when a lock cuts the access, if that comes first', () => {
    const at = (time: Instant) => endOfAccess(aTracked([{ type: 'lock.created', time }]));
    expect(at(minute(5))).toBe(minute(5));
    expect(at(minute(70))).toBe(END);
  });

  it('is over some days after the last one', () => {
    expect(isClosed(aTracked([], { stage: 'final' }), plusMs(END, 50 * HOUR + 7 * DAY))).toBe(true);
    expect(isClosed(aTracked([], { stage: 'final' }), plusMs(END, 50 * HOUR))).toBe(false);
    expect(isClosed(aTracked(), plusMs(END, 50 * HOUR + 7 * DAY))).toBe(false);
  });
});

describe('an event of an access', () => {
  const start = anAuditEvent({ sid: 'one' });
  it('is new once', () => {
    const grown = withOwnEvent(aTracked(), start, digest);
    expect(grown).toMatchObject({ changed: true, collected: { events: [{ sid: 'one' }] } });
    expect(withOwnEvent(grown, start, digest)).toBe(grown);
    expect(withOwnEvent(grown, anAuditEvent({ type: 'exec' }), digest).collected.tallies).toHaveLength(1);
  });

  it.each<[string, Partial<AuditEvent>, Partial<Tracked>, boolean, boolean]>([
    ['a count of before', { type: 'exec' }, { through: minute(2) }, false, false],
    ['a count of now', { type: 'exec', time: minute(2) }, { through: minute(2) }, false, true],
    ['a start that comes late', {}, { through: minute(2) }, true, true],
    ['a count that comes late', { type: 'exec' }, {}, true, false],
    ['a start, not kept', {}, { through: minute(2), collected: { ...collected(), beyond: 1 } }, false, false],
    ['a start beyond what is kept, late', {}, { collected: { ...collected(), beyond: 1 } }, true, false],
    ['a late cert', { type: 'cert.create' }, { collected: collected({ type: 'cert.create' }) }, true, false],
    [
      'a late cert beside a start',
      { type: 'cert.create' },
      { collected: collected({}, { type: 'cert.create' }) },
      true,
      false,
    ],
    ['another start, late', { sid: 'two' }, { collected: collected({}) }, true, true],
    ['the first certificate, late', { type: 'cert.create' }, { collected: collected({}) }, true, true],
    ['another cert', { type: 'cert.create' }, { collected: collected({ type: 'cert.create' }) }, false, true],
  ])('%s', (_what, event, overrides, late, counts) => {
    const tracked = aTracked([], overrides);
    expect(withOwnEvent(tracked, anAuditEvent(event), digest, late) !== tracked).toBe(counts);
  });
});

describe('an access that begins to be followed', () => {
  const decided = aRecordedDecision();
  const { requestId } = decided;
  const ended: LedgerEvent = {
    kind: 'ended',
    requestId,
    ending: { state: 'approved', by: null, reason: '' },
  };
  const around = { rootCluster: ROOT_CLUSTER, readThrough: NOW };
  const told = (...events: readonly LedgerEvent[]) =>
    storyOf([decided, ended, ...events].map((event) => ({ event, at: NOW })));

  it('could be used from its approval to its end', () => {
    expect(trackedAccess(told(), decided, null, around)).toEqual({
      ...{ requestId, cluster: ROOT_CLUSTER, from: NOW, accessExpires: decided.request.accessExpires },
      ...{ collected: collected(), through: NOW, number: 0, stage: null, changed: false },
    });
    const review = { reason: '', submittedBy: null };
    const now = aRequest({
      accessExpires: END,
      reviews: [
        { ...review, author: 'sre-3', proposedState: 'approved', created: minute(9) },
        { ...review, author: 'sre-4', proposedState: 'denied', created: minute(12) },
        { ...review, author: 'sre-5', proposedState: 'approved', created: minute(3) },
        { ...review, author: 'sre-6', proposedState: 'approved', created: null },
      ],
    });
    expect(trackedAccess(told(), decided, now, around)).toMatchObject({
      from: minute(9),
      accessExpires: END,
    });
    const endless = aRecordedDecision({ request: aRequest({ accessExpires: null }) });
    expect(trackedAccess(told(), endless, null, around)?.accessExpires).toBe(plusMs(NOW, 14 * DAY));
  });

  it.each(['review', 'vote'] as const)('begins with our own %s, where that was taken', (kind) => {
    const effect = { kind, key: kind, reason: '', propose: 'approved' } as unknown as Extract<
      LedgerEvent,
      { kind: 'effect-intended' }
    >['effect'];
    const outcome = { summary: '', ours: true, incidentId: null, url: null };
    const story = (ours: boolean, other = effect) =>
      storyOf(
        [
          decided,
          { kind: 'effect-intended', requestId, effect: other } as const,
          { kind: 'effect-done', requestId, key: kind, outcome: { ...outcome, ours } } as const,
        ].map((event, index) => ({ event, at: minute(index * 10) })),
      );
    expect(trackedAccess(story(true), decided, null, around)?.from).toBe(minute(10));
    expect(trackedAccess(story(false), decided, null, around)?.from).toBe(NOW);
    const lock = { ...effect, kind: 'lock' } as unknown as typeof effect;
    expect(trackedAccess(story(true, lock), decided, null, around)?.from).toBe(NOW);
    const begun = { kind: 'effect-intended', requestId, effect } as const;
    expect(trackedAccess(told(begun), decided, null, around)?.from).toBe(NOW);
  });

  it('is not followed before anything is known of it', () => {
    expect(trackedAccess(storyOf([]), decided, null, around)?.collected.gaps).toMatchObject([
      { why: 'began-later' },
    ]);
  });

  it.each([null, minute(1)])('is not known where it was read from %s on', (readThrough) => {
    const tracked = trackedAccess(told(), decided, null, { ...around, readThrough });
    expect(tracked?.collected.gaps).toEqual([{ why: 'began-later', detail: '' }]);
  });

  it('is not known for resources of other clusters', () => {
    const resources = [aResource(), aResource({ cluster: 'leaf' }), aResource({ cluster: 'leaf' })];
    const elsewhere = aRecordedDecision({ request: aRequest({ resources }) });
    const gaps = (rootCluster: string | null) =>
      trackedAccess(told(), elsewhere, null, { ...around, rootCluster })?.collected.gaps.map(
        ({ why, detail }) => `${why} ${detail}`,
      );
    expect(gaps(ROOT_CLUSTER)).toEqual(['other-cluster leaf']);
    expect(gaps(null)).toEqual([`other-cluster ${ROOT_CLUSTER}`, 'other-cluster leaf']);
  });

  it('goes on after an account that was not the last, and only after that', () => {
    const after = (stage: 'provisional' | 'final') =>
      trackedAccess(told(aRecordedUse({ stage })), decided, null, around);
    expect(after('provisional')).toMatchObject({ number: 1, stage: 'provisional' });
    expect(after('final')).toBeNull();
  });
});

it.each<[string, readonly Partial<AuditEvent>[], boolean]>([
  ['the same', [], true],
  ['one event more', [{ sid: 'two' }], false],
  ['one more of what is counted', [{ type: 'exec', sid: 'one' }], false],
])('an account has all that was read, where that is %s', (_what, more, expected) => {
  const before = [
    { sid: 'one', uid: 'one' },
    { type: 'exec', sid: 'one', uid: 'exec' },
    { type: 'scp', sid: 'one', uid: 'scp' },
  ];
  const evidence = someEvidence(collected(...before));
  expect(hasAllOf(evidence, { collected: collected(...before, ...more) })).toBe(expected);
  expect(hasAllOf(evidence, { collected: { ...collected(...before), beyond: 1 } })).toBe(false);
});
