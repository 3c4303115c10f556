import { describe, expect, it } from 'vitest';
import { resolve } from '../../sim/pagerduty/incident-life.ts';
import { addNote } from '../../sim/pagerduty/incident-notes.ts';
import { opened } from './opened.ts';

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
