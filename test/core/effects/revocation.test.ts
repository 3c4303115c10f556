import { describe, expect, it } from 'vitest';
import { awaitsShiftEnd, lockInPlace, watchesLock } from '../../../src/core/effects/access-end.ts';
import { isOver } from '../../../src/core/effects/is-over.ts';
import { givenReading, isRevoked, mayBeRevoked } from '../../../src/core/effects/revocation.ts';
import type { LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import type { Outcome } from '../../../src/core/record/effect.ts';
import { withEvent, type Story } from '../../../src/core/record/story.ts';
import { MINUTE, plusMs, type Instant } from '../../../src/core/values/instant.ts';
import { anAnswer, anAnswered, aPolicy, aRequest, aRule, NOW } from '../../support/builders.ts';
import { due, ended, failed, intended, PAGE, paged, requestId, story, succeeded } from '../telling.ts';

const given: readonly LedgerEvent[] = [...paged(), { ...ended(), hearsRevoke: true } as LedgerEvent];
const revoke = (id = 'PNOTE09') =>
  anAnswered({ answer: anAnswer({ id, propose: 'revoked', reason: 'the freeze has begun' }) });
const lock = { key: 'lock revoked PNOTE09' };
const ours = (events: readonly LedgerEvent[]) => due(events).filter(({ key }) => key.includes('PNOTE09'));
const begun = () => {
  const [first] = ours([...given, revoke()]);
  if (first === undefined) throw new RangeError('no lock is due');
  return intended(first);
};
const locked = () => [...given, revoke(), begun(), succeeded(lock)];
const unlocked: LedgerEvent = { kind: 'unlocked', requestId, lock: lock.key };

describe('access may be revoked', () => {
  const EXPIRES = plusMs(NOW, 10 * MINUTE);
  const until = (accessExpires: typeof EXPIRES | null) =>
    given.map((event) =>
      event.kind === 'decided' ? { ...event, request: aRequest({ accessExpires }) } : event,
    );

  it.each<readonly [string, readonly LedgerEvent[], boolean]>([
    ['where people were asked about it on a page', given, true],
    ['but not where an earlier version recorded the approval', [...paged(), ended()], false],
    ['nor while nothing is given', paged(), false],
    ['nor where nothing was decided', [{ ...ended(), hearsRevoke: true } as LedgerEvent], false],
    [
      'nor what was denied',
      [...paged(), { ...ended({ state: 'denied', by: null, reason: '' }), hearsRevoke: true } as LedgerEvent],
      false,
    ],
    ['nor what was revoked', [...given, revoke()], false],
    ['but for one whose answer did not count', [...given, { ...revoke(), counted: false }], true],
    ['again where somebody took the lock away', [...locked(), unlocked], true],
    ['and not once it is locked again', [...locked(), unlocked, succeeded(lock)], false],
  ])('%s: %#', (_what, events, may) => {
    expect(mayBeRevoked(story(events), NOW)).toBe(may);
    expect(isRevoked(story(events))).toBe(events.some(({ kind }) => kind === 'answered') && !may);
  });

  it('as long as it lasts, and is not over until a minute before', () => {
    const told = story(until(EXPIRES));

    expect(mayBeRevoked(told, plusMs(EXPIRES, -MINUTE - 1))).toBe(true);
    expect(mayBeRevoked(told, plusMs(EXPIRES, -MINUTE))).toBe(false);
    expect(mayBeRevoked(story(until(null)), plusMs(EXPIRES, MINUTE))).toBe(true);
    expect(isOver(told, NOW)).toBe(false);
    expect(isOver(told, plusMs(EXPIRES, -MINUTE))).toBe(true);
  });
});

it('when access was given is told by Teleport, by when that was known here, and by whether the page came later', () => {
  const told = (...events: readonly LedgerEvent[]): Story =>
    events.reduce(
      (grown, event, index) => withEvent(grown, { event, at: plusMs(NOW, index * MINUTE) }),
      story(paged()),
    );
  const end = (at?: Instant): LedgerEvent =>
    ended({ state: 'approved', by: null, reason: '', ...(at && { at }) });
  const review = intended({
    kind: 'review',
    key: 'review',
    decisionId: 'OA-1',
    reason: '',
    propose: 'approved',
  });
  const denial = intended({
    ...{ kind: 'review', key: 'review', decisionId: 'OA-1' },
    ...{ reason: '', propose: 'denied' },
  });
  const reviewed = (more: Partial<Outcome> = {}) => succeeded({ key: 'review' }, more);
  const page = (minutes: number) => ({ intendedAt: plusMs(NOW, minutes * MINUTE) });
  const after = (minutes: number) => ({ knownAt: plusMs(NOW, minutes * MINUTE) });

  expect(givenReading(told(end(NOW)), null, NOW)).toEqual({ at: NOW, ...after(0), toldAt: NOW });
  expect(givenReading(told(review, reviewed(), end()), page(0), null)).toEqual({
    ...{ at: null, toldAt: null },
    ...after(1),
  });
  expect(givenReading(told(review, reviewed(), end()), page(1), null)).toMatchObject({ before: true });
  // What is found out later, or was denied before, gave nothing then.
  for (const found of [[], [reviewed()]])
    expect(givenReading(told(review, end(), ...found), null, null)).toMatchObject(after(1));
  expect(givenReading(told(denial, reviewed(), end()), page(1), null)).toEqual({
    ...{ at: null, toldAt: null },
    ...after(2),
  });
  for (const more of [{ ours: false }, { stillPending: true }])
    expect(givenReading(told(review, reviewed(more), end()), page(1), null)).toEqual({
      ...{ at: null, toldAt: null },
      ...after(2),
    });
  expect(givenReading(told(review), null, null)).toBeNull();
  expect(givenReading(told(ended({ state: 'denied', by: null, reason: '' })), null, null)).toBeNull();
});

describe('what is revoked', () => {
  it('is told how on the closing note, where it is heard', () => {
    const words = (events: readonly LedgerEvent[]) => due(events).find(({ key }) => key === 'closing-note');

    expect(words(given)).toMatchObject({ content: expect.stringContaining(': revoke E1B44\n') as string });
    expect(words([...paged(), ended()])).toMatchObject({
      content: expect.not.stringMatching(/revoke|Stryker|\n\n/u) as string,
    });
  });

  it('is locked until its own end, and said so on the page once it is', () => {
    const { accessExpires: expires } = aRequest();

    expect(ours([...given, revoke()])).toMatchObject([
      {
        kind: 'lock',
        ...lock,
        expires,
        message: expect.stringMatching(/^Access revoked by .*“the freeze/u) as string,
      },
    ]);
    expect(ours(locked())).toMatchObject([
      {
        kind: 'note',
        key: 'revoked PNOTE09',
        incident: { id: PAGE },
        content: expect.stringContaining('The access is ended') as string,
      },
    ]);
    const plain = anAnswer({ id: 'PNOTE09', propose: 'revoked', reason: '' });
    expect(ours([...given, anAnswered({ answer: plain })])).toMatchObject([
      { message: expect.stringMatching(/ at \S+Z · /u) as string },
    ]);
  });

  it('is told of before it is tried again, where the lock is refused for good', () => {
    const refused: LedgerEvent = {
      ...(failed(lock) as LedgerEvent & { kind: 'effect-failed' }),
      cause: { code: 'refused', message: 'may not lock', transient: false },
    };
    const after = (event: LedgerEvent) => ours([...given, revoke(), begun(), event]);

    const content = expect.stringMatching(
      /^The access GOES ON, although Taylor Two revoked it: may not lock\..*`tctl lock --access-request=0194/u,
    ) as string;

    expect(after(refused)).toMatchObject([
      { key: 'revoked not PNOTE09', incident: { id: PAGE }, content },
      lock,
    ]);
    expect(after({ ...refused, cause: { ...refused.cause, transient: true } })).toMatchObject([lock]);
  });

  it('is watched for its lock, and no more for the end of the shift', () => {
    const rules = [aRule({ accessEnd: { withShift: true } as never })];
    const context = { policy: aPolicy({ rules }), now: NOW };

    expect(watchesLock(story(locked()), NOW)).toBe(true);
    expect(lockInPlace(story(locked()))).toMatchObject({ key: lock.key, since: NOW });
    expect(lockInPlace(story([...locked(), unlocked]))).toBeNull();
    expect(awaitsShiftEnd(story(locked()), context)).toBe(false);
  });
});
