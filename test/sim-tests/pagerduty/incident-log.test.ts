import { describe, expect, it } from 'vitest';
import type { Account } from '../../sim/pagerduty/account.ts';
import { acknowledge, resolve } from '../../sim/pagerduty/incident-life.ts';
import { addNote, deleteNote, editNote } from '../../sim/pagerduty/incident-notes.ts';
import { triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import { startPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { at, column, get } from './api-client.ts';
import { referenceAccount } from './reference-account.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

function openAlert(account: Account): string {
  const incident = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' });
  if (incident === undefined) throw new Error('no incident was opened');
  return incident.id;
}

describe('the log of an incident', () => {
  it('tells of every note, newest first, also of one that was added after the incident was resolved', async () => {
    const account = referenceAccount();
    const id = openAlert(account);
    acknowledge(account, id, SAM);
    addNote(account, id, 'restarted', SAM);
    resolve(account, id, SAM);
    addNote(account, id, 'it was the disk', SAM);
    await using pagerDuty = await startPagerDuty({ account });

    const { body } = await get(pagerDuty.url, `/incidents/${id}/log_entries?include[]=channels`);

    expect(column(body, 'log_entries', 'type')).toEqual([
      'annotate_log_entry',
      'resolve_log_entry',
      'annotate_log_entry',
      'acknowledge_log_entry',
      'trigger_log_entry',
    ]);
    expect(at(body, 'log_entries.0')).toMatchObject({
      agent: { id: 'PSAM1RE', type: 'user_reference' },
      channel: { type: 'note', summary: 'it was the disk', content: 'it was the disk' },
    });
    expect(column(body, 'log_entries', 'channel.type')).toEqual([
      'note',
      'website',
      'note',
      'website',
      'api',
    ]);
    expect(at(body, 'log_entries.3.acknowledgement_timeout')).toBeNull();
    const bare = await get(pagerDuty.url, `/incidents/${id}/log_entries`);
    expect(at(bare.body, 'log_entries.0.channel')).toEqual({ type: 'note' });
  });

  it('does not tell that a note was edited or deleted', async () => {
    const account = referenceAccount();
    const id = openAlert(account);
    const note = addNote(account, id, 'restarted', SAM);
    await using pagerDuty = await startPagerDuty({ account });
    const log = async () => (await get(pagerDuty.url, `/incidents/${id}/log_entries`)).body;

    const before = await log();
    editNote(account, id, note.id, 'not restarted');
    const afterEdit = await log();
    deleteNote(account, id, note.id);

    expect(afterEdit).toEqual(before);
    expect(await log()).toEqual(before);
  });

  it('comes in pages of 25 unless asked for up to 100, and says whether there is more', async () => {
    const account = referenceAccount();
    const id = openAlert(account);
    for (let index = 0; index < 110; index += 1) addNote(account, id, `note ${index}`, SAM);
    await using pagerDuty = await startPagerDuty({ account });
    const page = async (query: string) => {
      const { body } = await get(pagerDuty.url, `/incidents/${id}/log_entries?${query}`);
      return { rows: column(body, 'log_entries', 'id'), more: at(body, 'more') };
    };

    const [first, second, unasked] = [
      await page('limit=100'),
      await page('limit=100&offset=100'),
      await page(''),
    ];

    expect([first.rows.length, first.more, second.rows.length, second.more]).toEqual([100, true, 11, false]);
    expect(new Set([...first.rows, ...second.rows]).size).toBe(111);
    expect(unasked).toEqual({ rows: first.rows.slice(0, 25), more: true });
  });

  it('of an incident that there is not is not found', async () => {
    await using pagerDuty = await startPagerDuty();

    const reply = await get(pagerDuty.url, '/incidents/QNONE/log_entries');

    expect(reply).toMatchObject({ status: 404, body: { error: { code: 2100 } } });
  });
});
