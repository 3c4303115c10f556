import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { plusMs, SECOND } from '../../src/core/values/instant.ts';
import { PagerDutyError, type Note, type Timeline } from '../../src/ports/pagerduty.ts';
import {
  anAnswered,
  anAnswer,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aRule,
  NOW,
  onCallWith,
  SAM,
  someFacts,
  TAYLOR,
} from '../support/builders.ts';
import { CODE, hear, OWN, ROBIN, said, type There } from '../support/heard.ts';
import { aPage, effect, endedApproved, paged, told } from '../support/told.ts';

const ID = aRequest().id;
const offCall = someFacts({ onCall: onCallWith() });
const TAYLOR_IN = { id: TAYLOR.id, name: TAYLOR.summary };
const mergedAway = (mergedInto: string) => [
  ...paged(0),
  ...told(0, { kind: 'page-resolved', requestId: ID, incidentId: 'Q1', mergedInto } as const),
];
const isGone = new PagerDutyError('not-found', 'no such incident');
const isDown = new PagerDutyError('unavailable', 'PagerDuty answers 503', { transient: true });

describe('where a page went that was merged', () => {
  it.each<[string, readonly string[], There, string]>([
    [
      'what names the request is refused',
      ['taylor: approve CODE', 'robin: hm CODE'],
      {},
      'n0 refused, n1 (no verb) refused',
    ],
    ['all else is meant for others', ['taylor: approve ABC12', 'taylor: approve', 'taylor: hello'], {}, ''],
    ['nothing is read that is gone', [], { failing: { 'notes Q8': isGone } }, ''],
    ['what is kept is unread', [], { failing: { 'notes Q8': new PagerDutyError('forbidden', 'no') } }, ''],
    ['nothing where it is its own page', ['taylor: approve CODE'], { story: mergedAway('Q1') }, 'n0 counts'],
  ])('%s', async (_what, words, there, heard) => {
    const notes = said(...words);
    const timeline = { isResolved: true, notes: there.story === undefined ? [] : notes };

    expect(await hear(notes, { story: mergedAway('Q8'), timeline, ...there })).toMatchObject({ heard });
  });

  it('it is looked again where PagerDuty does not say what is said there', async () => {
    const there = { story: mergedAway('Q8'), timeline: { notes: [] } };

    await expect(hear([], { ...there, failing: { 'notes Q8': isDown } })).rejects.toBe(isDown);
  });
});

describe('an acknowledgement', () => {
  const by = (who: { readonly id: string; readonly summary: string }, type = 'user_reference') => ({
    by: { ...who, type },
    at: plusMs(NOW, 5 * SECOND),
  });
  const page = (more: Parameters<typeof aPage>[0]) =>
    told(0, aRecordedDecision({ facts: offCall }), ...effect(aPage(more), { incidentId: 'Q1' }));
  const lets = aPolicy({
    identities: [{ kind: 'map', users: { 'sre-1': SAM.id, 'sre-2': TAYLOR.id } }],
    rules: [aRule({ approvers: { onCall: null, answerBy: ['note', 'acknowledge'] } })],
  });
  const ack = (who: { readonly id: string }) => `ack ${who.id} ${plusMs(NOW, 5 * SECOND)}`;
  const seen = `${ack(TAYLOR)} (acknowledged) refused`;
  const joins = { page: 'other/1', incidentId: 'Q1', text: '' };
  const before = (id: string, incidentId = 'Q1') => [
    ...paged(0),
    ...told(0, anAnswered({ answer: anAnswer({ id, incidentId }), counted: false })),
  ];

  it.each<[string, readonly string[], There, string]>([
    ['approves where the rules let it', [], { policy: lets }, `${ack(TAYLOR)} counts`],
    [
      'approves nothing where its author puts it off',
      ['taylor: not yet'],
      { policy: lets, timeline: { acknowledgements: [{ ...by(TAYLOR), at: NOW }] } },
      `ack ${TAYLOR.id} ${NOW} refused, n0 (talk) refused`,
    ],
    ['is told where rules bar it', [], { story: page({ acknowledging: true }) }, `${ack(TAYLOR)} refused`],
    ['approves nothing else, which is told', [], {}, seen],
    ['approves none of several', [], { policy: lets, story: page({ collective: true }) }, seen],
    ['approves none on the page of another', [], { policy: lets, story: page({ joins }) }, seen],
    ['needs no word after an answer', ['taylor: hm CODE'], {}, 'n0 (no verb) refused'],
    [
      'needs one after what names nobody, or others say',
      ['taylor: deny ABC12', 'robin: hm CODE'],
      {},
      `n0 refused, n1 (no verb) refused, ${seen}`,
    ],
    ['is told of once', [], { story: before(`ack ${TAYLOR.id} ${NOW}`) }, ''],
    ['is told of on each page', [], { story: before(`ack ${TAYLOR.id} ${NOW}`, 'Q7') }, seen],
    ['is told of though another was', [], { story: before(`ack ${ROBIN.id} ${NOW}`) }, seen],
    ['is told of by the first', [], { asked: [{ requestId: 'other', code: 'OTHER', waits: true }] }, ''],
    ['of a machine is none', [], { timeline: { acknowledgements: [by(OWN, 'service_reference')] } }, ''],
    ['of whom is not asked is passed over', [], { timeline: { acknowledgements: [by(ROBIN)] } }, ''],
    [
      'is told of once though it was given often',
      [],
      { timeline: { acknowledgements: [by(TAYLOR), { ...by(TAYLOR), at: plusMs(NOW, 6 * SECOND) }] } },
      seen,
    ],
  ])('%s', async (_what, words, there, heard) => {
    const timeline = { acknowledgements: [by(TAYLOR)], notes: said(...words), ...there.timeline };

    expect(await hear(said(...words), { ...there, timeline })).toMatchObject({ heard });
  });

  it('is written down as what it is', async () => {
    const { recorded, board } = await hear([], {
      policy: lets,
      timeline: { acknowledgements: [by(TAYLOR)] },
    });
    expect(recorded).toMatchObject([
      {
        answer: {
          how: 'acknowledge',
          propose: 'approved',
          reason: '',
          by: { ...TAYLOR_IN, isUser: true },
          edited: false,
          codeIsRight: true,
          incidentId: 'Q1',
        },
      },
    ]);
    expect((await hear([], { board, timeline: { acknowledgements: [by(ROBIN)] } })).asked).toContain(
      'on call for Payments API?',
    );
    expect((await hear([], { board, timeline: { acknowledgements: [by(ROBIN)] } })).asked).not.toContain(
      'on call for Payments API?',
    );
  });
});

describe('an approval of which its author has said something else since', () => {
  it.each<[string, readonly string[], string]>([
    ['is taken back', ['taylor: approve CODE', 'taylor: no, wait'], 'n0 refused, n1 (no code) refused'],
    ['by a denial', ['taylor: approve CODE', 'taylor: deny CODE'], 'n0 refused, n1 counts'],
    ['is put off', ['taylor: approve CODE', 'taylor: at 5pm'], 'n0 refused, n1 (talk) refused'],
    [
      'counts where it is given again',
      ['taylor: approve CODE', 'taylor: wait', 'taylor: approve CODE'],
      'n0 refused, n2 counts',
    ],
    ['counts by what others say', ['taylor: approve CODE', 'robin: no, wait'], 'n0 counts'],
    ['counts by what was said before', ['taylor: wait', 'taylor: approve CODE'], 'n1 counts'],
    ['stands where it denies', ['taylor: deny CODE', 'taylor: no, wait'], 'n0 counts'],
    ['counts by what is said of another', ['taylor: approve CODE', 'taylor: deny OTHER'], 'n0 counts'],
    ['counts after thanks', ['taylor: approve CODE', 'taylor: thanks'], 'n0 counts'],
    [
      'is taken back where an end of access is',
      ['taylor: revoke CODE', 'taylor: no, stay'],
      'n0 refused, n1 (no code) refused',
    ],
  ])('%s', async (_what, words, heard) => {
    const asked = [CODE, 'OTHER'].map((code) => ({
      requestId: code === CODE ? ID : code,
      ...{ code, waits: true },
    }));
    expect((await hear(said(...words), { asked })).heard).toBe(heard);
  });

  it('is taken back by what came later, and is told of the word', async () => {
    const [approval, back] = said('taylor: approve CODE', 'taylor: no, wait');
    const at = (createdAt = NOW) => [approval, back].map((note) => ({ ...note, createdAt })) as Note[];
    const { recorded } = await hear([approval, back] as Note[]);
    expect(recorded[0]).toMatchObject({ answer: { takenBackBy: 'no' } });
    expect((await hear(at())).heard).toBe('n0 counts');
    const own = await hear(said('taylor: approve CODE soon', 'taylor: no, wait'));
    expect(own.recorded[0]).toMatchObject({ answer: { takenBackBy: 'soon' } });
  });
});

describe('an earlier page', () => {
  const two = [
    ...paged(0),
    ...told(
      0,
      { kind: 'page-resolved', requestId: ID, incidentId: 'Q1' },
      ...effect(aPage({ key: 'page 2' }), { incidentId: 'Q2' }),
    ),
  ];

  it.each<[string, readonly string[], There, string]>([
    ['is heard', ['taylor: approve CODE'], {}, 'n0 counts'],
    ['is heard for answers alone, once replaced', ['taylor: hm CODE', 'robin: deny CODE'], {}, 'n1 refused'],
    ['may be gone', [], { failing: { 'notes Q1': isGone } }, ''],
  ])('%s', async (_what, words, there, heard) => {
    expect(await hear(said(...words), { story: two, timeline: { notes: [] }, ...there })).toMatchObject({
      heard,
    });
  });

  it('is heard for all that was said before the next one was opened', async () => {
    const notes = said('taylor: hm CODE').map((note) => ({ ...note, createdAt: NOW }));
    expect(await hear(notes, { story: two, timeline: { notes: [] } })).toMatchObject({
      heard: 'n0 (no verb) refused',
    });
  });

  it('is looked at again where PagerDuty does not say', async () => {
    await expect(hear([], { story: two, failing: { 'notes Q1': isDown } })).rejects.toBe(isDown);
    const { asked } = await hear([], { story: two });
    expect(asked).toEqual(['timeline Q2', 'notes Q1']);
  });
});

describe('a page that somebody resolved', () => {
  const joins = { page: 'other/1', incidentId: 'Q1', text: '' };
  const resolvedBy = { ...OWN, type: 'user_reference' };
  const resolved = (timeline: Partial<Timeline>) => ({
    timeline: { isResolved: true, resolvedBy, ...timeline },
  });
  const event = { kind: 'page-resolved', requestId: ID, incidentId: 'Q1' };

  it.each<[string, readonly string[], There, readonly object[]]>([
    ['is written down', [], resolved({}), [event]],
    ['is recorded once', [], { ...resolved({}), story: [...paged(0), ...told(0, event as LedgerEvent)] }, []],
    ['is recorded as merged', [], resolved({ merged: { into: 'Q8' } }), [{ ...event, mergedInto: 'Q8' }]],
    [
      'is written down for those who joined it',
      [],
      { ...resolved({ resolvedBy: { ...TAYLOR, type: 'user' } }), story: paged(0, joins) },
      [event],
    ],
    [
      'by the service for others leaves those who joined it',
      [],
      { ...resolved({}), story: paged(0, joins) },
      [{ ...event, byService: true }],
    ],
    [
      'was merged, by whomever',
      [],
      { ...resolved({ merged: { into: 'Q8' } }), story: paged(0, joins) },
      [{ ...event, mergedInto: 'Q8' }],
    ],
    ['by nobody is told', [], { ...resolved({ resolvedBy: null }), story: paged(0, joins) }, [event]],
    ['is none where somebody answered', ['taylor: approve CODE'], resolved({}), []],
    ['is none while nobody knows', ['taylor: approve CODE'], { ...resolved({}), isOnCallKnown: false }, []],
    ['is none after the end', [], { ...resolved({}), story: [...paged(0), ...told(0, endedApproved)] }, []],
    ['is none that is gone', [], { answers: { 'timeline Q1': null } }, []],
    [
      'is none that the requester alone holds',
      [],
      { timeline: { heldBy: [{ by: { ...SAM, type: 'user_reference' }, at: NOW }] } },
      [{ kind: 'page-unheard', number: 1 }],
    ],
  ])('%s', async (_what, words, there, events) => {
    const { recorded } = await hear(said(...words), there);

    expect(recorded.filter(({ kind }) => kind !== 'answered')).toMatchObject(events);
    for (const [index, each] of events.entries())
      if ('incidentId' in each) expect(recorded[index]).toEqual(each);
  });
});
