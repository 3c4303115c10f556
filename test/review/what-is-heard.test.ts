import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { HOUR, MINUTE } from '../../src/core/values/instant.ts';
import type { StagedRequest } from '../../src/review/stage.ts';
import { aPolicy, aRecordedDecision, aRequest, onCallWith, someFacts } from '../support/builders.ts';
import { handle, inWords, type There } from '../support/handled.ts';
import { said } from '../support/heard.ts';
import { aPage, effect, given, paged, told, withShift } from '../support/told.ts';

const pending = aRequest();
const ID = pending.id;
const QUIET = { isResolved: false, notes: [], acknowledgements: [], heldBy: [], notesAreKept: true };
const timeline = (more: object) => ({ answers: { timeline: { ...QUIET, notesAreKept: false, ...more } } });
const after = { stage: 'follow-up' } as const;
const watched = aPolicy({ rules: [withShift] });
const onCall = onCallWith();
const checked = {
  kind: 'access-checked',
  requestId: ID,
  ends: true,
  until: null,
  over: 'incident',
  why: '',
  onCall,
} as const;
const locked = () => [
  ...given(HOUR),
  ...told(0, checked, ...effect({ kind: 'lock', key: 'lock', message: '', expires: null })),
];
const live = effect({ kind: 'find-live-incident', key: 'find-live-incident', assignee: '', services: [] });

it.each<[string, Partial<StagedRequest>, There, string, string]>([
  [
    'that somebody answered, and is told so',
    after,
    { story: paged(0), ...timeline({ notes: said('robin: hm CODE') }) },
    'answered, reply n0…, reply n0',
    'answered',
  ],
  [
    'that a page was resolved',
    after,
    { story: paged(0), ...timeline({ isResolved: true, merged: null, resolvedBy: null }) },
    'page-resolved, unanswered Q1…, unanswered Q1',
    'pageResolved',
  ],
  [
    'that somebody took the lock away',
    after,
    { story: locked(), policy: watched, answers: { 'locked?': false } },
    'unlocked',
    'unlocked',
  ],
  [
    'that the shift is over',
    after,
    { story: [...given(5 * MINUTE), ...told(0, ...live)], policy: watched, onCall: 'off call' },
    'access-checked, lock…, lock',
    'accessChecked',
  ],
  [
    'before anybody is paged again',
    { stage: 'page' },
    { story: paged(0), ...timeline({ notes: said('robin: hm CODE') }) },
    'answered',
    'answered',
  ],
  ['nothing', after, { story: paged(0) }, '', ''],
])(
  'what has happened since a decision is written down, and told: %s',
  async (_what, observed, there, recorded, report) => {
    const came = await handle(observed, { onCall: 'off call', ...there });
    const reports = came.reported.filter((each) =>
      /^(answered|pageResolved|unlocked|accessChecked)$/u.test(each),
    );

    expect([came.recorded, reports]).toEqual([recorded, report === '' ? [] : [report]]);
  },
);

describe('an end', () => {
  const approvedNow = { request: { ...pending, state: 'approved' as const } };
  const glass = () => {
    const decided = aRecordedDecision({ facts: someFacts({ onCall }) });
    return told(0, { ...decided, decision: { ...decided.decision, breakGlass: true } });
  };
  const escalated = told(0, aRecordedDecision({ facts: someFacts({ onCall }) }));

  it.each<[string, There['story'], Partial<StagedRequest>, boolean]>([
    ['where people were asked', paged(0), approvedNow, true],
    ['by broken glass', glass(), approvedNow, true],
    ['that nobody was asked about', escalated, approvedNow, false],
    ['that is a denial', paged(0), { request: { ...pending, state: 'denied' } }, false],
  ])('may be heard of on a page: %s', async (_what, story = [], observed, hearsRevoke) => {
    const { events } = await handle(observed, { story, onCall: 'off call' });
    const [end] = (await events()).map(({ event }) => event).filter(({ kind }) => kind === 'ended');

    expect(end).toMatchObject({ kind: 'ended', requestId: ID });
    expect(Object.keys(end ?? {}).includes('hearsRevoke')).toBe(hearsRevoke);
  });

  it('lets others look who wait on the page', async () => {
    const others = told(
      0,
      ...effect(aPage({ joins: { page: `${ID}/1`, incidentId: 'Q1', text: '' } }), { incidentId: 'Q1' }),
    ).map(({ event, at }) => ({ event: { ...event, requestId: 'other' } as LedgerEvent, at }));
    const decided = told(0, { ...aRecordedDecision({ facts: someFacts({ onCall }) }), requestId: 'other' });
    const { once } = await handle(after, { story: [...paged(0), ...decided, ...others], onCall: 'off call' });
    expect(inWords(await once({ id: 'other', stage: 'follow-up' }))).toBe('900 s');

    expect(inWords(await once({ request: { ...pending, state: 'denied' } }))).toBe('follow-up, calls other');
  });
});
