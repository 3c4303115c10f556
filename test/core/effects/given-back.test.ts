import { describe, expect, it } from 'vitest';
import { lockedWithShift, lockInPlace } from '../../../src/core/effects/access-end.ts';
import type { Effect } from '../../../src/core/record/effect.ts';
import type { LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import { HOUR, plusMs } from '../../../src/core/values/instant.ts';
import {
  anAnswer,
  anAnswered,
  aPolicy,
  aRecordedDecision,
  aRecordedUse,
  aRule,
  NOW,
} from '../../support/builders.ts';
import { checked, done, due, dueKeys, ended, intended, PAGE, requestId, story } from '../telling.ts';

const withShift = { withShift: true, warnBeforeMs: null };
const rule = aRule({ accessEnd: withShift });
const policy = aPolicy({ rules: [rule] });
const approved = () => aRecordedDecision({ policy });

function given(decided = approved()): readonly LedgerEvent[] {
  const { decisionId } = decided;
  const review: Effect = { kind: 'review', key: 'review', decisionId, propose: 'approved', reason: '' };
  return [decided, ...done(review), ended()];
}

describe('access that was locked with its shift', () => {
  const limited = aRule({ accessEnd: { ...withShift, afterMs: 2 * HOUR } });
  const lock = (key = 'lock'): Effect => ({ kind: 'lock', key, message: `of ${key}`, expires: null });
  const lift = (key = 'unlock'): Effect => ({ kind: 'unlock', key, message: 'of lock', expires: null });
  const locked = (): readonly LedgerEvent[] => [...given(), checked(true), ...done(lock())];
  const back = (): readonly LedgerEvent[] => [...locked(), checked(false)];
  const unlocked: LedgerEvent = { kind: 'unlocked', requestId };
  const keys = (events: readonly LedgerEvent[], now = NOW, rules = [rule]) =>
    dueKeys(events, { policy: aPolicy({ rules }), now }).filter((key) => key.includes('lock'));
  const denied = { ...ended({ state: 'denied', by: 'a', reason: '' }), after: 'approved' } as LedgerEvent;
  const revoked = anAnswered({ answer: anAnswer({ id: 'P9', propose: 'revoked' }) });

  it.each<readonly [string, readonly LedgerEvent[], boolean]>([
    ['may be given back', locked(), true],
    [
      'may be where the look was by nobody’s rows',
      [...given(), { ...checked(true), onCall: { state: 'not-asked' } }, ...done(lock())],
      true,
    ],
    ['is not while it goes on', given(), false],
    ['is not if more is over', [...given(), { ...checked(true), over: 'incident' }, ...done(lock())], false],
    ['is not once it goes on again', back(), false],
    ['is not where nobody has looked at the shift', [...given(), ...done(lock())], false],
    ['is not where it was denied since', [...locked(), denied], false],
    ['is not where it was revoked', [...locked(), revoked], false],
    ['is not where somebody has done so', [...locked(), unlocked], false],
    ['is not where others gave it', [approved(), ended(), checked(true), ...done(lock())], false],
    ['is not where somebody made the lock theirs', [...locked(), ...done(lift(), { ours: false })], false],
    [
      'may be the second time too',
      [...back(), ...done(lift()), { ...checked(true), number: 2 }, ...done(lock('lock 2'))],
      true,
    ],
  ])('%s: %#', (_what, events, may) => {
    expect(lockedWithShift(story(events), { policy, now: NOW })).toBe(may ? NOW : null);
  });

  it.each<readonly [string, readonly (typeof rule)[]]>([
    ['is gone', []],
    ['is tried in shadow', [{ ...rule, mode: 'shadow' }]],
  ])('is not given back by a rule that %s by now', (_what, rules) => {
    const other = { ...rule, name: 'other' };
    const decided = { ...approved(), endsAccess: [rule, other] };
    const since = (inForce: readonly (typeof rule)[]) =>
      lockedWithShift(story([...given(decided), checked(true), ...done(lock())]), {
        policy: aPolicy({ rules: [...inForce, other] }),
        now: NOW,
      });
    expect(since([rule])).toBe(NOW);
    expect(since(rules)).toBeNull();
  });

  it.each<readonly [string, Partial<typeof rule>, boolean]>([
    ['covers it', {}, false],
    ['is for another role', { roles: ['another'] }, true],
    ['is tried in shadow', { mode: 'shadow' }, true],
    ['opens by broken glass alone', { breakGlass: true }, true],
  ])(
    'is not given back where a rule was not asked that is in force by now: one that %s',
    (_what, more, may) => {
      const rules = [rule, { ...rule, name: 'stricter', ...more }];
      const since = lockedWithShift(story(locked()), { policy: aPolicy({ rules }), now: NOW });
      expect(since).toBe(may ? NOW : null);
    },
  );

  it('is not given back where a rule was in shadow that is in force by now', () => {
    const stricter = { ...rule, name: 'stricter' };
    const tried = aPolicy({ rules: [rule, { ...stricter, mode: 'shadow' }] });
    const events = [...given(aRecordedDecision({ policy: tried })), checked(true), ...done(lock())];
    expect(lockedWithShift(story(events), { policy: tried, now: NOW })).toBe(NOW);
    const now = aPolicy({ rules: [rule, stricter] });
    expect(lockedWithShift(story(events), { policy: now, now: NOW })).toBeNull();
  });

  it('is over since the look that showed it, however late the lock came', () => {
    const looked = plusMs(NOW, -HOUR);
    const seen = { ...checked(true), onCall: { state: 'known', at: looked, rows: [] } } as const;

    expect(lockedWithShift(story([...given(), seen, ...done(lock())]), { policy, now: NOW })).toBe(looked);
  });

  it('is not given back once its time is up', () => {
    const since = (now: typeof NOW) =>
      lockedWithShift(story(timed), { policy: aPolicy({ rules: [limited] }), now });
    const decided = aRecordedDecision({ policy: aPolicy({ rules: [limited] }) });
    const timed = [...given(decided), checked(true), ...done(lock())];

    expect(since(plusMs(NOW, 2 * HOUR - 1))).toBe(NOW);
    expect(since(plusMs(NOW, 2 * HOUR))).toBeNull();
    expect(keys([...timed, checked(false), ...done(lift())], plusMs(NOW, 2 * HOUR), [limited])).toEqual([
      'lock 2',
    ]);
  });

  it('is lifted once its shift was seen to go on, by what the lock says', () => {
    expect(due(back(), { policy }).filter(({ kind }) => kind === 'unlock')).toEqual([lift()]);
    expect(keys([...back(), ...done(lift())])).toEqual([]);
    expect(lockInPlace(story([...back(), ...done(lift())]))).toBeNull();
    expect(keys([...back(), denied])).toEqual([]);
    expect(keys([...back(), revoked])).toEqual(['lock revoked P9']);
    // Nor is the lock of a person, whatever else is known of it.
    expect(keys([...given(), ...done(lock('lock revoked P9')), checked(false)])).toEqual([]);
  });

  it('is locked before all else, which PagerDuty may not take, and lifted after it, which may not be permitted', () => {
    const live: Effect = {
      kind: 'find-live-incident',
      key: 'find-live-incident',
      services: [],
      assignee: 'P',
    };
    const told = [...back(), ...done(live, { incidentId: 'QLIVE' }), aRecordedUse({ tells: true })];

    expect(dueKeys([...given(), checked(true)], { policy })).toEqual(['lock', 'find-live-incident']);
    expect(dueKeys(told, { policy })).toEqual(['live-note', 'use-note', 'unlock']);
  });

  it('is told of where they work and on its page, once, unless it is locked again', () => {
    const live: Effect = {
      kind: 'find-live-incident',
      key: 'find-live-incident',
      services: [],
      assignee: 'P',
    };
    const page: Effect = {
      ...{ kind: 'page', key: 'page', service: 's', urgency: 'high' },
      ...{ incidentKey: 'k', title: 't', details: 'd' },
    };
    const lifted = [...back(), ...done(page, { incidentId: PAGE }), ...done(lift())];
    const told = (events: readonly LedgerEvent[]) =>
      due(events, { policy }).filter(({ key }) => key.startsWith('given-back'));

    expect(told(lifted)).toMatchObject([
      {
        key: `given-back on ${PAGE}`,
        incident: { id: PAGE },
        content: expect.stringContaining('is given back until ') as string,
      },
    ]);
    expect(told([...lifted, intended(live)])).toHaveLength(1);
    const both = [...lifted, ...done(live, { incidentId: 'QLIVE' })];
    expect(told(both).map(({ key }) => key)).toEqual(['given-back on QLIVE', `given-back on ${PAGE}`]);
    expect(told([...both, ...told(both).flatMap((each) => done(each))])).toEqual([]);
    const theirs = done({ ...page, key: 'page of b' }, { incidentId: PAGE });
    expect(told([...back(), ...theirs, ...done(lift())])).toHaveLength(1);
    expect(told([...both, { ...checked(true), number: 2 }, ...done(lock('lock 2'))])).toEqual([]);
    const open = [...back(), ...done(page, { incidentId: PAGE })];
    expect(told([...open, ...done(lift(), { ours: false })])).toEqual([]);
    expect(told([...open, intended(lift()), unlocked])).toEqual([]);
  });

  it('is locked anew at the next end, also where it is not known whether it was lifted', () => {
    const again = { ...checked(true), number: 2 };
    const tried = [...back(), intended(lift()), again, intended(lock('lock 2'))];

    expect(lockInPlace(story(tried))).toMatchObject({ key: 'lock' });
    expect(keys([...back(), ...done(lift()), again])).toEqual(['lock 2']);
    expect(keys([...back(), intended(lift()), again])).toEqual(['lock 2']);
    expect(keys([...back(), again])).toEqual(['lock 2']);
    expect(keys([...back(), ...done(lift(), { ours: false }), again])).toEqual([]);
  });
});
