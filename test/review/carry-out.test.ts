import { describe, expect, it } from 'vitest';
import type { Effect, IncidentHandle } from '../../src/core/record/effect.ts';
import { plusMs, SECOND } from '../../src/core/values/instant.ts';
import type { Ask, Incident } from '../../src/ports/pagerduty.ts';
import type { EffectAttempt } from '../../src/review/effects/effect-attempt.ts';
import { NOW, SAM, TAYLOR } from '../support/builders.ts';
import { anIncident, carry, KEY, type Carried } from '../support/carried.ts';
import { ManualTime } from '../support/manual-time.ts';
import { aPage } from '../support/told.ts';

const again = { again: true };
const own = anIncident('QOWN');

it.each<[string, Effect]>([
  ['a listing', aPage({ joins: { page: 'other/1', incidentId: 'Q7', text: 'and this' } })],
  ['a note', { kind: 'note', key: 'reminder 1', incident: { id: 'Q1' }, content: 'words', marker: 'OA-1' }],
])(
  'what may be under way yet is waited for five seconds from when it was sent: %s',
  async (_what, effect) => {
    using time = new ManualTime(new Date(NOW));
    const begun = time.epochMs;
    await time.during(carry(effect, { attempt: { interruptedAt: plusMs(NOW, -2 * SECOND) } }));
    expect(time.epochMs - begun).toBe(3 * SECOND);
    await time.during(carry(effect, { attempt: { interruptedAt: plusMs(NOW, -9 * SECOND) } }));
    await time.during(carry(effect, { attempt: { interruptedAt: plusMs(NOW, 9 * SECOND) } }));
    expect(time.epochMs - begun).toBe(3 * SECOND);
  },
);

describe('the live incident', () => {
  const find = (...services: readonly string[]): Effect => ({
    ...{ kind: 'find-live-incident', key: 'find-live-incident', assignee: TAYLOR.id },
    services: services.map((id) => ({ id, summary: id })),
  });
  const live = (id: string, overrides: Partial<Incident> = {}) =>
    anIncident(id, { incidentKey: null, ...overrides });

  it.each<[string, Effect, readonly Incident[], string, string]>([
    ['needs a service', find(), [live('Q1')], '', 'not ours: no service, hence no live incident'],
    ['is the first', find('A', 'B'), [live('Q1'), live('Q2')], 'open on A,B?', 'Q1: live incident found'],
    [
      'is rather one’s own',
      find('A'),
      [live('Q1'), live('Q2', { assignees: [SAM, TAYLOR] })],
      'open on A?',
      'Q2: live incident found',
    ],
    ['is no page of ours', find('A'), [own], 'open on A?', 'not ours: no live incident'],
  ])('%s', async (_what, effect, incidents, did, came) => {
    expect(await carry(effect, { incidents })).toMatchObject({ did, came });
  });
});

describe('a note', () => {
  const note = (incident: IncidentHandle = { id: 'Q1' }): Effect => ({
    ...{ kind: 'note', key: 'closing-note', incident, content: 'words (OA-1)', marker: 'OA-1' },
  });
  const written = 'note words (OA-1) on';

  it.each<[string, Effect, Carried, string, string]>([
    ['is written', note(), {}, `${written} Q1`, 'Q1: the note is written'],
    [
      'is written where it is not there',
      note(),
      { attempt: again, notes: ['other words'] },
      `notes of Q1, ${written} Q1`,
      'Q1: the note is written',
    ],
    [
      'is there',
      note(),
      { attempt: again, notes: ['more', 'words (OA-1)'] },
      'notes of Q1',
      'Q1: the note is there, written before',
    ],
    [
      'is written on the page of that key',
      note({ incidentKey: KEY }),
      { incidents: [own], sent: ['QOWN'] },
      `with ${KEY}?, QOWN as sent?, ${written} QOWN`,
      'QOWN: the note is written',
    ],
    ['has no page', note({ incidentKey: KEY }), {}, `with ${KEY}?`, 'not ours: no incident was opened'],
    ['has one never begun', note({ incidentKey: 'other' }), {}, '', 'not ours: no incident was opened'],
  ])('%s', async (_what, effect, there, did, came) => {
    expect(await carry(effect, there)).toMatchObject({ did, came });
  });

  it('can wait', async () => {
    expect((await carry(note())).asks).toMatchObject([{ priority: 'follow-up', for: 'sre-1' }]);
  });
});

describe('a page', () => {
  const close = (incident: IncidentHandle, more: object = {}): Effect => ({
    kind: 'close-page',
    key: 'close-page',
    incident,
    ...more,
  });
  const up = (incident: IncidentHandle): Effect => ({ kind: 'move-up', key: 'move-up', incident });
  const resolved = anIncident('QOWN', { status: 'resolved' });
  const there = { incidents: [own], sent: ['QOWN'] };
  const gone = { incidents: [resolved], sent: ['QOWN'] };
  const FOUND = `with ${KEY}?, QOWN as sent?`;
  const none = 'not ours: no incident was opened';

  it.each<[string, Effect, Carried, string, string]>([
    ['is closed', close({ id: 'QOWN' }), there, 'resolve QOWN', 'QOWN: the incident is resolved'],
    [
      'was closed',
      close({ id: 'QOWN' }),
      gone,
      'resolve QOWN',
      'not ours QOWN: the incident was resolved before',
    ],
    ['is no more', close({ id: 'QGONE' }), there, 'resolve QGONE', none],
    [
      'is found and closed',
      close({ incidentKey: KEY }),
      there,
      `${FOUND}, resolve QOWN`,
      'QOWN: the incident is resolved',
    ],
    ['is over', close({ incidentKey: KEY }), gone, FOUND, 'not ours QOWN: the incident was resolved before'],
    ['is not found', close({ incidentKey: KEY }), {}, `with ${KEY}?`, none],
    [
      'stays open for others',
      close({ id: 'QOWN' }, { page: 'other/1' }),
      { ...there, waitedOn: true },
      'waits on other/1?',
      'not ours: others who are asked about on this page wait still',
    ],
    [
      'is closed after the last',
      close({ id: 'QOWN' }, { page: 'other/1' }),
      there,
      'waits on other/1?, resolve QOWN',
      'QOWN: the incident is resolved',
    ],
    ['goes on', up({ id: 'QOWN' }), there, 'find QOWN, on call?, QOWN to level 2', 'QOWN: level 2 is paged'],
    [
      'is found and goes on',
      up({ incidentKey: KEY }),
      there,
      `${FOUND}, on call?, QOWN to level 2`,
      'QOWN: level 2 is paged',
    ],
    ['is not there to go on', up({ id: 'QGONE' }), there, 'find QGONE', none],
  ])('%s', async (_what, effect, given, did, came) => {
    expect(await carry(effect, given)).toMatchObject({ did, came });
  });

  it('goes on as somebody waits for it', async () => {
    expect((await carry(up({ id: 'QOWN' }), there)).asks).toMatchObject([{ priority: 'page' }]);
  });
});

it('access is locked under the request’s name, if the claim holds', async () => {
  const lock: Effect = { kind: 'lock', key: 'lock', message: 'the shift is over', expires: NOW };
  const locked = {
    name: 'oncall-approver-request-1',
    id: 'request-1',
    message: 'the shift is over',
    expires: NOW,
  };

  expect(await carry(lock)).toMatchObject({
    did: `held?, lock ${JSON.stringify(locked)}`,
    came: 'the access is locked',
  });
});

it('an effect that takes longer than 15 s has failed', async () => {
  using time = new ManualTime(new Date(NOW));
  const stuck = {
    listOnPage: (_listing: unknown, { signal: late }: Ask) =>
      new Promise((_done, fail) => late.addEventListener('abort', () => fail(late.reason as Error))),
  };
  const carried = carry(aPage({ joins: { page: 'other/1', incidentId: 'Q7', text: '' } }), {
    attempt: stuck as Partial<EffectAttempt>,
  });
  const failed = expect(carried).rejects.toMatchObject({ name: 'TimeoutError' });
  await time.advance(15 * SECOND);

  await failed;
});
