import { describe, expect, it } from 'vitest';
import { lockedWithShift, lockInPlace } from '../../../src/core/effects/access-end.ts';
import type { Effect } from '../../../src/core/record/effect.ts';
import type { LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import { HOUR, plusMs } from '../../../src/core/values/instant.ts';
import { anAnswer, anAnswered, aPolicy, aRecordedDecision, aRule, NOW } from '../../support/builders.ts';
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
    const events = [...given({ ...approved(), endsAccess: [rule] }), checked(true), ...done(lock())];
    expect(lockedWithShift(story(events), { policy, now: NOW })).toBe(NOW);
    expect(lockedWithShift(story(events), { policy: aPolicy({ rules }), now: NOW })).toBeNull();
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
      { key: `given-back on ${PAGE}`, content: expect.stringContaining('is given back until ') as string },
    ]);
    const both = [...lifted, ...done(live, { incidentId: 'QLIVE' })];
    expect(told(both).map(({ key }) => key)).toEqual(['given-back on QLIVE', `given-back on ${PAGE}`]);
    expect(told([...both, ...told(both).flatMap((each) => done(each))])).toEqual([]);
    expect(told([...both, { ...checked(true), number: 2 }, ...done(lock('lock 2'))])).toEqual([]);
    expect(told([...back(), ...done(page, { incidentId: PAGE })])).toEqual([]);
    expect(told([...back(), ...done(page, { incidentId: PAGE }), ...done(lift(), { ours: false })])).toEqual(
      [],
    );
  });

  it('is locked anew at the next end, also where it is not known whether it was lifted', () => {
    const again = { ...checked(true), number: 2 };

    expect(keys([...back(), ...done(lift()), again])).toEqual(['lock 2']);
    expect(keys([...back(), intended(lift()), again])).toEqual(['lock 2']);
    expect(keys([...back(), again])).toEqual(['lock 2']);
    expect(keys([...back(), ...done(lift(), { ours: false }), again])).toEqual([]);
  });
});
