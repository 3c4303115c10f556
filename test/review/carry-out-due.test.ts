import { expect, describe, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import type { Told } from '../../src/core/record/story.ts';
import { MINUTE, SECOND } from '../../src/core/values/instant.ts';
import { PagerDutyError } from '../../src/ports/pagerduty.ts';
import { TeleportError } from '../../src/ports/teleport.ts';
import type { StagedRequest } from '../../src/review/stage.ts';
import {
  aCause,
  aPolicy,
  aRecordedDecision,
  aRequest,
  NOW,
  onCallWith,
  SAM,
  someFacts,
} from '../support/builders.ts';
import { handle, type There } from '../support/handled.ts';
import { ManualTime } from '../support/manual-time.ts';
import { aPage, effect, endedApproved, given, paged, told, withShift } from '../support/told.ts';

const pending = aRequest();
const ID = pending.id;
const refused = new TeleportError('denied', 'you may not', { transient: false });
const away = new TeleportError('unavailable', 'Teleport is away', { transient: true });
const escalated = () => told(MINUTE, aRecordedDecision({ facts: someFacts({ onCall: onCallWith() }) }));
const denied = { ...pending, state: 'denied' as const };

it.each<[string, Partial<StagedRequest>, readonly Told[], readonly string[]]>([
  ['waits is not', {}, [], [ID]],
  ['is over is', { request: denied }, told(0, { kind: 'postponed', requestId: ID, since: NOW, why: '' }), []],
  ['arrived approved is', { request: { ...pending, state: 'approved' } }, [], []],
])('a request that %s settled though it was never decided upon', async (_which, observed, story, left) => {
  const { open } = await handle(observed, { story, onCall: 'unknown' });

  expect(await open()).toEqual(left);
});

it('a request that could not be reviewed comes back in time', async () => {
  expect(await handle({}, { failing: { review: away } })).toMatchObject({
    recorded: 'approve 1, review…, review failed',
    next: '0.75 s',
  });
  expect(await handle({}, { failing: { review: refused } })).toMatchObject({
    recorded: 'approve 1, review…, review failed',
    next: '0 s',
  });
});

describe('what was begun', () => {
  const begun = { kind: 'effect-intended', requestId: ID, effect: aPage() } as const;
  const note = {
    kind: 'note',
    key: 'closing-note',
    incident: { id: 'Q1' },
    content: '',
    marker: 'OA-1',
  } as const;
  const over = (...more: readonly LedgerEvent[]) => [
    ...paged(SECOND),
    ...told(
      SECOND,
      { kind: 'ended', requestId: ID, ending: { state: 'denied', by: null, reason: '' } },
      ...more,
    ),
  ];
  const failed = (key: string) => ({ kind: 'effect-failed', requestId: ID, key, cause: aCause() }) as const;
  const page = { stage: 'page' } as const;
  const after = { stage: 'follow-up' } as const;
  const pageRefused = new PagerDutyError('refused', 'no such service');
  const pageFailed = new PagerDutyError('unavailable', 'PagerDuty answers 503', { transient: true });
  const failing = (open: PagerDutyError) => ({ story: escalated(), failing: { open } });
  const FAILED = 'page…, page failed';

  it.each<[string, Partial<StagedRequest>, There, string, string, boolean]>([
    ['one that fails is tried again', page, failing(pageFailed), FAILED, '0.75 s', false],
    ['one refused, in a minute', page, failing(pageRefused), FAILED, '60 s', true],
    ['to nobody asks others', page, { story: escalated(), reached: [] }, 'page…, page', 'follow-up', false],
    ['to the requester too', page, { story: escalated(), reached: [SAM] }, 'page…, page', 'follow-up', false],
    ['one is sought first', page, { story: [...escalated(), ...told(SECOND, begun)] }, 'page', '15 s', false],
    [
      'a note that is refused, in five minutes',
      after,
      { story: over(), failing: { note: pageRefused } },
      'closing-note…, closing-note failed',
      '300 s',
      false,
    ],
  ])('%s', async (_what, observed, there, recorded, next, isTold) => {
    const came = await handle(observed, { onCall: 'off call', ...there });

    expect(came).toMatchObject({ recorded, next });
    const reports = ['effectDone', 'effectFailed'].map((each) => came.reported.includes(each));
    expect(reports).toEqual(recorded.endsWith('failed') ? [false, true] : [true, false]);
    expect(came.reported.includes('nobodyToPage')).toBe(isTold);
  });

  it.each<[string, readonly LedgerEvent[], number]>([
    ['of which nothing was heard may be under way', effect(note, null), 4 * SECOND],
    ['that failed is not', [...effect(note, null), failed('closing-note')], 0],
  ])('a note %s', async (_what, events, waitedMs) => {
    using time = new ManualTime(new Date(NOW));
    const { asked } = await time.during(handle(after, { story: over(...events) }));

    expect([asked, time.epochMs - Date.parse(NOW)]).toEqual(['notes, note, resolve', waitedMs]);
  });

  it('that fails because the service stops is tried again, and not said to have failed', async () => {
    const there = {
      story: escalated(),
      failing: { open: pageFailed },
      isStopping: true,
      onCall: 'off call',
    } as const;

    await expect(handle(page, there)).rejects.toThrow('the service stops');
  });

  const live = effect({ kind: 'find-live-incident', key: 'find-live-incident', assignee: '', services: [] });
  const revocable = { ...endedApproved, hearsRevoke: true } as LedgerEvent;
  const said = ['closing-note', 'close-page'].map((key) =>
    effect(key === 'close-page' ? { kind: key, key, incident: { id: 'Q1' } } : { ...note, key }),
  );
  it.each<[string, readonly Told[], readonly string[]]>([
    ['is not while its access is watched', [...given(SECOND), ...told(0, ...live)], [ID]],
    ['is not while its access may be revoked', [...paged(0), ...told(0, revocable, ...said.flat())], [ID]],
    ['is once nothing is left to do', [...paged(0), ...told(0, endedApproved, ...said.flat())], []],
  ])('a request %s settled', async (_when, story, left) => {
    const policy = aPolicy({ rules: [withShift] });
    const { open } = await handle(after, { story, policy, found: { state: 'approved' } });

    expect(await open()).toEqual(left);
  });
});
