import { describe, expect, it } from 'vitest';
import { acknowledge, resolve } from '../../sim/pagerduty/incident-life.ts';
import { addNote, deleteNote, editNote } from '../../sim/pagerduty/incident-notes.ts';
import { opened } from './opened.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

describe('the log of an incident', () => {
  it('tells of every note, newest first, also of one that was added after the incident was resolved', async () => {
    await using api = await opened();
    const { account } = api;
    const { id } = api.alert();
    acknowledge(account, id, SAM);
    addNote(account, id, 'restarted', SAM);
    resolve(account, id, SAM);
    addNote(account, id, 'it was the disk', SAM);

    const log = await api.get(`/incidents/${id}/log_entries?include[]=channels`);
    const bare = await api.get(`/incidents/${id}/log_entries`);

    expect(log.column('log_entries', 'type')).toEqual(
      ['annotate', 'resolve', 'annotate', 'acknowledge', 'trigger'].map((type) => `${type}_log_entry`),
    );
    expect(log.at('log_entries.0')).toMatchObject({
      agent: { id: 'PSAM1RE', type: 'user_reference' },
      channel: { type: 'note', summary: 'it was the disk', content: 'it was the disk' },
    });
    expect(log.column('log_entries', 'channel.type')).toEqual(['note', 'website', 'note', 'website', 'api']);
    expect(log.at('log_entries.3.acknowledgement_timeout')).toBeNull();
    expect(bare.at('log_entries.0.channel')).toEqual({ type: 'note' });
  });

  it('does not tell that a note was edited or deleted', async () => {
    await using api = await opened();
    const { id } = api.alert();
    const note = addNote(api.account, id, 'restarted', SAM);
    const log = async () => (await api.get(`/incidents/${id}/log_entries`)).body;

    const before = await log();
    editNote(api.account, id, note.id, 'not restarted');
    expect(await log()).toEqual(before);
    deleteNote(api.account, id, note.id);
    expect(await log()).toEqual(before);
  });
});
