import { describe, expect, it } from 'vitest';
import { resolve } from '../../sim/pagerduty/incident-life.ts';
import { addNote } from '../../sim/pagerduty/incident-notes.ts';
import { replyToResponderRequest } from '../../sim/pagerduty/incident-responders.ts';
import { opened } from './opened.ts';
import { referenceAccount } from './reference-account.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const noted = (content: string) => ({ note: { content } });

describe('notes', () => {
  it('are attributed to the From user, answered with 200, listed in order, also twice on what is resolved', async () => {
    await using api = await opened();
    const { id } = api.alert();
    addNote(api.account, id, 'looking', SAM);
    resolve(api.account, id, SAM);
    const path = `/incidents/${id}/notes`;

    const added = await api.send('POST', path, noted('ok'));
    await api.send('POST', path, noted('ok'));

    expect(added.status).toBe(200);
    expect(added.at('note')).toMatchObject({
      content: 'ok',
      user: { id: 'PBOT6OA', type: 'user_reference' },
      created_at: '2026-03-03T03:00:00Z',
    });
    expect((await api.get(path)).column('notes', 'content')).toEqual(['looking', 'ok', 'ok']);
  });

  it('can be edited and deleted, leaving author, time and log entry as they were', async () => {
    await using api = await opened();
    const { id } = api.alert();
    const note = addNote(api.account, id, 'approve 1234', SAM);
    const path = `/incidents/${id}/notes/${note.id}`;
    api.account.clock.advance(5000);

    expect((await api.send('PUT', path, noted('never mind'))).at('note')).toMatchObject({
      user: { id: 'PSAM1RE' },
      content: 'never mind',
      created_at: '2026-03-03T03:00:00Z',
      updated_at: '2026-03-03T03:00:05Z',
    });
    expect((await api.send('DELETE', path)).status).toBe(204);
    expect((await api.send('DELETE', path)).status).toBe(404);
    const log = await api.get(`/incidents/${id}/log_entries`);
    expect(log.column('log_entries', 'type')).toEqual(['annotate_log_entry', 'trigger_log_entry']);
  });

  it('of an automation show a bot user with the service’s name', async () => {
    await using api = await opened();
    const { id } = api.alert();
    addNote(api.account, id, 'restarted', { type: 'service', id: 'PSERVC1' });

    expect((await api.get(`/incidents/${id}/notes`)).at('notes.0.user')).toMatchObject({
      type: 'bot_user_reference',
      summary: 'Payments API',
    });
  });

  it.each([
    ['without content', ' ', {}, 0],
    ['beyond 65535 characters of one byte', 'é'.repeat(32_768), {}, 0],
    ['without From', 'ok', { from: null }, 0],
    ['beyond 2000', 'one more', {}, 2_000],
  ])('are refused %s', async (_what, content, options, count) => {
    await using api = await opened();
    const { id } = api.alert();
    const note = addNote(api.account, id, 'first', SAM);
    const notes = Array.from({ length: count }, () => note);
    api.account.incidents.put({ ...api.account.incidents.require(id), notes });

    expect((await api.send('POST', `/incidents/${id}/notes`, noted(content), options)).status).toBe(400);
  });
});

describe('responder requests', () => {
  const body = (requesterId?: string) => ({
    requester_id: requesterId,
    message: 'please help',
    responder_request_targets: [{ responder_request_target: { id: 'PTAY2RE', type: 'user_reference' } }],
  });

  it('page a user, who is pending until they answer; who asks stands in the body', async () => {
    await using api = await opened();
    const { id } = api.alert();
    const path = `/incidents/${id}/responder_requests`;
    const state = async () => (await api.get(`/incidents/${id}`)).at('incident.incidents_responders.0.state');

    const reply = await api.send('POST', path, body('PBOT6OA'), { from: null });

    expect([reply.status, reply.at('responder_request.requester.id')]).toEqual([200, 'PBOT6OA']);
    expect(await state()).toBe('pending');
    replyToResponderRequest(api.account, id, 'PTAY2RE', 'joined');
    expect(await state()).toBe('joined');
    expect(await api.send('POST', path, body())).toMatchObject({
      status: 400,
      body: { error: { code: 2011 } },
    });
  });

  it('need the ability in the plan', async () => {
    await using api = await opened({ account: referenceAccount({ abilities: [] }) });
    const { id } = api.alert();

    expect(await api.send('POST', `/incidents/${id}/responder_requests`, body('PBOT6OA'))).toMatchObject({
      status: 402,
      body: { error: { code: 2014 } },
    });
    expect((await api.get(`/incidents/${id}`)).at('incident.incidents_responders')).toBeUndefined();
  });
});
