import { describe, expect, it } from 'vitest';
import { seenOf } from '../../src/core/access-request.ts';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { MINUTE, plusMs, SECOND } from '../../src/core/values/instant.ts';
import type { StagedRequest } from '../../src/review/stage.ts';
import {
  aCause,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  recognised,
  someFacts,
} from '../support/builders.ts';
import { handle, inWords, nameOf, type There } from '../support/handled.ts';
import { aPage, effect, given as grantedByShift, told } from '../support/told.ts';

const pending = aRequest();
const ID = pending.id;
const offCall = someFacts({ onCall: onCallWith() });
const escalated = (agoMs = MINUTE, overrides: object = {}) =>
  told(agoMs, aRecordedDecision({ facts: offCall, ...overrides }));
const approved = (agoMs: number, ...more: readonly LedgerEvent[]) => {
  const decided = aRecordedDecision({ decidedAt: plusMs(NOW, -agoMs) });
  const review = {
    kind: 'review',
    key: 'review',
    decisionId: decided.decisionId,
    propose: 'approved',
    reason: '',
  } as const;
  return told(agoMs, decided, ...effect(review, null), ...more);
};
const failedReview = (transient: boolean) =>
  ({ kind: 'effect-failed', requestId: ID, key: 'review', cause: aCause({ transient }) }) as const;
const paged = (agoMs = MINUTE) => [
  ...escalated(agoMs),
  ...told(agoMs, ...effect(aPage(), { incidentId: 'Q1' })),
];
const denied = { ...pending, state: 'denied' as const };
const unknownFacts = someFacts({ onCall: { state: 'unknown', cause: aCause() } });
const provisional = () => escalated(MINUTE, { facts: unknownFacts });
const APPROVES = 'approve 1, review…, review';
const postponed = told(0, { kind: 'postponed', requestId: ID, since: NOW, why: '' });
const OLD = { ...pending, reason: 'old' };
const UNCOVERED: There = { policy: aPolicy({ rules: [aRule({ roles: ['other'] })] }) };

describe('a request that is seen', () => {
  it.each<[string, Partial<StagedRequest>, There, string, string, string]>([
    ['of whom is on call is approved', {}, {}, APPROVES, 'find, review', 'done'],
    ['of whom is off call waits for a page', {}, { onCall: 'off call' }, 'escalate 1', '', 'page'],
    ['that no rule covers is left alone', {}, UNCOVERED, 'abstain 1', '', 'done'],
    ['in part is looked up first', { request: seenOf(pending) }, {}, APPROVES, 'find, review', 'done'],
    ['in a listing is looked up first', { listed: true }, {}, APPROVES, 'find, review', 'done'],
    [
      'in a listing is looked up again where deciding took long',
      { listed: true },
      { onCallAfterMs: 1_001 },
      APPROVES,
      'find, find, review',
      'done',
    ],
    ['listed and over is let go', { listed: true }, { found: { state: 'denied' } }, '', 'find', 'done'],
    ['once it is over was not ours', { request: denied }, {}, '', '', 'done'],
    ['once it is gone was not ours', { request: null }, {}, '', '', 'done'],
    ['nobody approved is told of', { request: { ...pending, state: 'approved' } }, {}, 'ended', '', 'done'],
    ['without facts waits for them', {}, { onCall: 'unknown' }, 'postponed', '', '0.75 s, postponed'],
  ])('%s', async (_what, observed, there, recorded, asked, next) => {
    expect(await handle(observed, there)).toMatchObject({ recorded, asked, next });
  });

  it('approved by somebody’s review is nobody’s surprise', async () => {
    const reviews = [
      { author: 'sre-3', proposedState: 'approved', reason: '', created: NOW, submittedBy: null },
    ] as const;

    expect(await handle({ request: { ...pending, state: 'approved', reviews } })).toMatchObject({
      recorded: '',
      next: 'done',
    });
  });

  it('is not waited for without end: a person is asked by when it was first seen', async () => {
    const since = plusMs(NOW, -10 * MINUTE);
    const story = told(0, { kind: 'postponed', requestId: ID, since, why: '' });

    expect(await handle({}, { story, onCall: 'unknown' })).toMatchObject({
      recorded: 'escalate 1',
      next: 'page',
    });
    expect(
      await handle(
        {},
        { story: told(0, { kind: 'postponed', requestId: ID, since: NOW, why: '' }), onCall: 'unknown' },
      ),
    ).toMatchObject({ recorded: '', next: '0.75 s, postponed' });
  });

  it('is waited for longer each time, and recorded once', async () => {
    const { once, events } = await handle({}, { onCall: 'unknown' });
    const again = [inWords(await once({})), inWords(await once({}))];

    expect([again, (await events()).length]).toEqual([['1.5 s, postponed', '3 s, postponed'], 1]);
  });

  it('of whom nobody can be asked about is told of', async () => {
    expect(
      (await handle({}, { onCall: 'off call', policy: aPolicy({ rules: [aRule({ escalate: null })] }) }))
        .reported,
    ).toContain('nobodyToPage');
    expect((await handle({}, { onCall: 'off call' })).reported).not.toContain('nobodyToPage');
    expect((await handle({})).reported).not.toContain('nobodyToPage');
  });
});

describe('a request that was decided on', () => {
  const unbound = recognised();
  Reflect.deleteProperty(unbound, 'binding');
  const own = { facts: someFacts({ onCall: onCallWith(), requester: unbound }) };

  it.each<[string, Partial<StagedRequest>, There, string]>([
    ['is left at that', {}, { story: escalated(), onCall: 'off call' }, ''],
    [
      'is decided again where it is changed',
      { request: { ...pending, reason: 'more' } },
      { story: escalated(), found: { reason: 'more' }, onCall: 'off call' },
      'escalate 2',
    ],
    ['is as it is now', { request: OLD }, { story: escalated(), onCall: 'off call' }, ''],
    ['is decided again by missing facts', {}, { story: provisional() }, 'approve 2, review…, review'],
    ['is not recorded again where they are missing yet', {}, { story: provisional(), onCall: 'unknown' }, ''],
    ['is anew by older versions', {}, { story: escalated(MINUTE, own), onCall: 'off call' }, 'escalate 2'],
    ['is approved a moment later', {}, { story: approved(30 * SECOND, failedReview(true)) }, 'review'],
    [
      'is decided again after half a minute',
      {},
      { story: approved(30 * SECOND + 1, failedReview(true)) },
      'approve 2, review 2…, review 2',
    ],
    ['is decided again where refused', {}, { story: approved(SECOND, failedReview(false)) }, 'escalate 2'],
  ])('%s', async (_what, observed, there, recorded) => {
    expect(await handle(observed, there)).toMatchObject({ recorded });
  });

  it('comes back by itself as it was decided on, and is not asked for', async () => {
    const seen = { request: seenOf(pending) };

    expect(await handle(seen, { story: escalated(), onCall: 'off call' })).toMatchObject({
      asked: '',
      recorded: '',
      next: 'page',
    });
    expect(await handle({ ...seen, listed: true }, { story: escalated(), onCall: 'off call' })).toMatchObject(
      { asked: 'find', recorded: '' },
    );
  });
});

describe('the end of a request', () => {
  const ended = (state: 'approved' | 'denied') =>
    ({ kind: 'ended', requestId: ID, ending: { state, by: null, reason: '' } }) as const;

  it.each<[string, Partial<StagedRequest>, There, string]>([
    ['is recorded', { request: denied }, { story: paged() }, 'ended'],
    ['is recorded where it was put off', { request: denied }, { story: postponed }, 'ended'],
    ['is recorded once', { request: denied }, { story: [...paged(), ...told(0, ended('denied'))] }, ''],
    ['is then denied', { request: denied }, { story: [...paged(), ...told(0, ended('approved'))] }, 'ended'],
    [
      'is not an approval, after a denial',
      { request: { ...pending, state: 'approved' } },
      { story: [...paged(), ...told(0, ended('denied'))] },
      '',
    ],
    ['is recorded where it is gone', { request: null }, { story: paged() }, 'ended'],
    ...[{}, { listed: true as const }].map((seen): [string, Partial<StagedRequest>, There, string] => [
      'stays what it was, whatever comes back',
      { request: seenOf(pending), ...seen },
      { story: [...paged(), ...told(0, ended('denied'))], found: null },
      '',
    ]),
  ])('%s', async (_what, observed, there, recorded) => {
    expect((await handle(observed, there)).recorded).toBe(recorded);
  });

  it('is overturned once', async () => {
    const overturned = { ...ended('denied'), after: 'approved' } as const;
    const story = [...paged(), ...told(0, ended('approved'), overturned)];

    expect((await handle({ request: denied }, { story })).recorded).toBe('');
  });

  it('is followed by words on its page, which is closed, and is settled then', async () => {
    const { next, once, events, open } = await handle({ request: denied }, { story: paged() });
    expect([next, await open()]).toEqual(['follow-up', [ID]]);
    const after = inWords(await once({ stage: 'follow-up' }));

    expect([after, await open()]).toEqual(['done', []]);
    expect((await events()).slice(-4).map(({ event }) => nameOf(event))).toEqual([
      'closing-note…',
      'closing-note',
      'close-page…',
      'close-page',
    ]);
  });
});

describe('what follows from a decision', () => {
  it.each<[string, Partial<StagedRequest>, There, string, string]>([
    ['a page is opened, then looked at', { stage: 'page' }, { story: escalated(0) }, 'page…, page', '15 s'],
    ['a page waits for its answer', { stage: 'follow-up' }, { story: paged(0) }, '', '15 s'],
    ['a page waits longer later', { stage: 'follow-up' }, { story: paged(31 * MINUTE) }, '', '60 s'],
    [
      'a decision without facts is made again before',
      { stage: 'follow-up' },
      { story: [...provisional(), ...told(31 * MINUTE, ...effect(aPage(), { incidentId: 'Q1' }))] },
      '',
      '15 s',
    ],
    [
      'access by a shift is watched',
      { stage: 'follow-up' },
      { story: grantedByShift(0) },
      'find-live-incident…, find-live-incident',
      '300 s',
    ],
    ['nothing is left to do', { stage: 'follow-up' }, { story: [] }, '', 'done'],
  ])('%s', async (_what, observed, there, recorded, next) => {
    const policy =
      there.story?.some(({ event }) => event.kind === 'ended') === true
        ? aPolicy({ rules: [aRule({ accessEnd: { withShift: true, warnBeforeMs: null } })] })
        : aPolicy();
    const handled = await handle(observed, { onCall: 'off call', policy, ...there });

    expect(handled.recorded).toBe(recorded);
    expect(handled.next).toBe(next);
  });

  it('a page that ends is not waited for any more', async () => {
    const { once } = await handle({ stage: 'follow-up' }, { story: paged(0), onCall: 'off call' });

    expect(inWords(await once({ request: denied }))).toBe('follow-up');
  });
});
