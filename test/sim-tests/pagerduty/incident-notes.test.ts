import { describe, expect, it } from 'vitest';
import type { Account } from '../../sim/pagerduty/account.ts';
import { resolve } from '../../sim/pagerduty/incident-life.ts';
import type { Incident } from '../../sim/pagerduty/incident-model.ts';
import { addNote } from '../../sim/pagerduty/incident-notes.ts';
import { triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import { replyToResponderRequest } from '../../sim/pagerduty/incident-responders.ts';
import { startPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { at, call, column, get, textAt } from './api-client.ts';
import { referenceAccount } from './reference-account.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

function openAlert(account: Account): Incident {
  const incident = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1' });
  if (incident === undefined) throw new Error('no incident was opened');
  return incident;
}

describe('notes', () => {
  it('are attributed to the From user, answered with 200, and listed in order', async () => {
    const account = referenceAccount();
    const { id } = openAlert(account);
    addNote(account, id, 'looking', SAM);
    await using pagerDuty = await startPagerDuty({ account });

    const added = await call(pagerDuty.url, 'POST', `/incidents/${id}/notes`, {
      body: { note: { content: 'ok' } },
    });
    const list = await get(pagerDuty.url, `/incidents/${id}/notes`);

    expect(added.status).toBe(200);
    expect(at(added.body, 'note')).toMatchObject({
      content: 'ok',
      user: { id: 'PBOT6OA', type: 'user_reference' },
      created_at: '2026-03-03T03:00:00Z',
    });
    expect(column(list.body, 'notes', 'content')).toEqual(['looking', 'ok']);
  });

  it('may be added to a resolved incident, and twice with the same words', async () => {
    const account = referenceAccount();
    const { id } = openAlert(account);
    resolve(account, id, SAM);
    await using pagerDuty = await startPagerDuty({ account });
    const post = () =>
      call(pagerDuty.url, 'POST', `/incidents/${id}/notes`, { body: { note: { content: 'same' } } });

    const replies = [await post(), await post()];

    expect(replies.map((reply) => reply.status)).toEqual([200, 200]);
    expect(account.incidents.require(id).notes).toHaveLength(2);
  });

  it('can be edited and deleted, leaving author, time and log entry as they were', async () => {
    const account = referenceAccount();
    const { id } = openAlert(account);
    const note = addNote(account, id, 'approve 1234', SAM);
    await using pagerDuty = await startPagerDuty({ account });
    const path = `/incidents/${id}/notes/${note.id}`;
    account.clock.advance(5000);

    const edited = await call(pagerDuty.url, 'PUT', path, { body: { note: { content: 'never mind' } } });
    const deleted = await call(pagerDuty.url, 'DELETE', path);
    const again = await call(pagerDuty.url, 'DELETE', path);
    const log = await get(pagerDuty.url, `/incidents/${id}/log_entries`);

    expect(at(edited.body, 'note')).toMatchObject({
      user: { id: 'PSAM1RE' },
      content: 'never mind',
      created_at: '2026-03-03T03:00:00Z',
      updated_at: '2026-03-03T03:00:05Z',
    });
    expect([deleted.status, again.status]).toEqual([204, 404]);
    expect(column(log.body, 'log_entries', 'type')).toEqual(['annotate_log_entry', 'trigger_log_entry']);
  });

  it('of an automation show a bot user with the service’s name', async () => {
    const account = referenceAccount();
    const { id } = openAlert(account);
    addNote(account, id, 'restarted', { type: 'service', id: 'PSERVC1' });
    await using pagerDuty = await startPagerDuty({ account });

    const { body } = await get(pagerDuty.url, `/incidents/${id}/notes`);

    expect(at(body, 'notes.0.user')).toMatchObject({ type: 'bot_user_reference', summary: 'Payments API' });
  });

  it('are refused without content, without From, and beyond 2000', async () => {
    const account = referenceAccount();
    const { id } = openAlert(account);
    await using pagerDuty = await startPagerDuty({ account });
    const post = (content: string, from?: null) =>
      call(pagerDuty.url, 'POST', `/incidents/${id}/notes`, {
        body: { note: { content } },
        ...(from === undefined ? {} : { from }),
      });

    const blank = await post(' ');
    const long = await post('é'.repeat(32_768));
    const anonymous = await post('ok', null);
    const first = addNote(account, id, 'first', SAM);
    const incident = account.incidents.require(id);
    account.incidents.put({ ...incident, notes: Array.from({ length: 2000 }, () => first) });
    const beyond = await post('one more');

    expect([blank.status, long.status, anonymous.status, beyond.status]).toEqual([400, 400, 400, 400]);
  });
});

describe('responder requests', () => {
  const body = (requesterId?: string) => ({
    requester_id: requesterId,
    message: 'please help',
    responder_request_targets: [{ responder_request_target: { id: 'PTAY2RE', type: 'user_reference' } }],
  });

  it('page a user, who is pending until they answer', async () => {
    const account = referenceAccount();
    const { id } = openAlert(account);
    await using pagerDuty = await startPagerDuty({ account });
    const state = async () =>
      textAt((await get(pagerDuty.url, `/incidents/${id}`)).body, 'incident.incidents_responders.0.state');

    const path = `/incidents/${id}/responder_requests`;
    const reply = await call(pagerDuty.url, 'POST', path, { from: null, body: body('PBOT6OA') });
    const before = await state();
    replyToResponderRequest(account, id, 'PTAY2RE', 'joined');
    const after = await state();

    expect(reply.status).toBe(200);
    expect(at(reply.body, 'responder_request.requester.id')).toBe('PBOT6OA');
    expect([before, after]).toEqual(['pending', 'joined']);
  });

  it('need a requester in the body and the ability in the plan', async () => {
    const account = referenceAccount();
    const poorAccount = referenceAccount({ abilities: [] });
    await using pagerDuty = await startPagerDuty({ account });
    await using poor = await startPagerDuty({ account: poorAccount });
    const path = (id: string) => `/incidents/${id}/responder_requests`;
    const { id } = openAlert(account);
    const poorId = openAlert(poorAccount).id;

    const anonymous = await call(pagerDuty.url, 'POST', path(id), { body: body() });
    const unpaid = await call(poor.url, 'POST', path(poorId), { body: body('PBOT6OA') });
    const incident = await get(poor.url, `/incidents/${poorId}`);

    expect(anonymous).toMatchObject({ status: 400, body: { error: { code: 2011 } } });
    expect(unpaid).toMatchObject({ status: 402, body: { error: { code: 2014 } } });
    expect(at(incident.body, 'incident.incidents_responders')).toBeUndefined();
  });
});
