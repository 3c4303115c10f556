import { describe, expect, it } from 'vitest';
import { createIncidents } from '../../src/pagerduty/incidents.ts';
import { addNote, editNote } from '../sim/pagerduty/incident-notes.ts';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { anAlert } from './alert.ts';
import { aClient, anAsk, answering, aPagerDuty, failureOf } from './subjects.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

describe('notes', () => {
  it('are read with author and times, also of those that were edited', async () => {
    await using pagerDuty = await aPagerDuty();
    const { account } = pagerDuty;
    const id = anAlert(account);
    const byHuman = addNote(account, id, 'approve 42', SAM);
    addNote(account, id, 'automated', { type: 'service', id: 'PSERVC1' });
    account.clock.advance(60_000);
    editNote(account, id, byHuman.id, 'approve 43');

    const notes = await createIncidents(pagerDuty.client).notes(id, anAsk());

    const [edited, automated] = notes;
    expect(edited).toMatchObject({
      content: 'approve 43',
      author: { id: 'PSAM1RE', type: 'user_reference', summary: 'Sam One' },
    });
    expect((edited?.updatedAt ?? '') > (edited?.createdAt ?? '')).toBe(true);
    expect(automated?.author.type).toBe('bot_user_reference');
  });

  it('without an author are nobody’s', async () => {
    await using server = await answering({
      notes: [{ id: 'PN1', content: null, user: null, created_at: '2026-03-03T02:14:07Z' }],
    });

    expect(await createIncidents(server.client).notes('PINC001', anAsk())).toEqual([
      {
        id: 'PN1',
        content: '',
        author: { id: '', summary: 'nobody', type: 'unknown' },
        createdAt: '2026-03-03T02:14:07.000Z',
        updatedAt: null,
      },
    ]);
  });

  it('are added once, as the `from` user, and cut when too long', async () => {
    await using pagerDuty = await aPagerDuty();
    const id = anAlert(pagerDuty.account);

    await createIncidents(pagerDuty.client).addNote(id, `${'x'.repeat(7_998)}👍👍`, anAsk());

    const [note] = pagerDuty.account.incidents.require(id).notes;
    expect(note?.author.id).toBe('PBOT6OA');
    expect(note?.content).toBe(`${'x'.repeat(7_998)}…`);
  });

  it('whose fate is unclear are not sent again, and are there to be found', async () => {
    await using pagerDuty = await startPagerDuty();
    const id = anAlert(pagerDuty.account);
    pagerDuty.faults.add({ kind: 'stall-body', after: true, times: 1, match: { method: 'POST' } });
    using client = aClient(pagerDuty.url, { requestTimeoutMs: 200 });
    const incidents = createIncidents(client);

    const failure = await failureOf(incidents.addNote(id, 'decision 42', anAsk()));

    expect(failure).toMatchObject({ kind: 'timeout', transient: true });
    expect((await incidents.notes(id, anAsk())).map(({ content }) => content)).toEqual(['decision 42']);
  });

  it('by a `from` address of nobody are refused', async () => {
    await using pagerDuty = await startPagerDuty();
    const id = anAlert(pagerDuty.account);
    using client = aClient(pagerDuty.url, { from: 'gone@example.com' });

    const failure = await failureOf(createIncidents(client).addNote(id, 'x', anAsk()));

    expect(failure).toMatchObject({ kind: 'refused', status: 400 });
  });
});
