import { describe, expect, it } from 'vitest';
import { createIncidents } from '../../src/pagerduty/incidents.ts';
import type { PagerDutyClient } from '../../src/pagerduty/http/client.ts';
import { gone, json } from './http-server.ts';
import { AN_INCIDENT, minute, user } from './messages.ts';
import { anAsk, answering } from './subjects.ts';

const SENT = { title: 'Access request', details: 'by sre-2\n  to fix it' };
const BOT = { id: 'PBOT6OA', name: 'Bot', email: 'oncall-approver@example.com' };

/** PagerDuty with one incident as the service opens it, and what is different of it. */
function pageWith({
  incident = {},
  entry = {},
  note = {},
  users = [BOT],
}: Readonly<{ incident?: object | null; entry?: object; note?: object; users?: readonly object[] }>) {
  const first = { id: 'R1ENTRY', type: 'trigger_log_entry', agent: user(BOT.id) };
  const channel = { subject: SENT.title, details: SENT.details };
  return answering(({ path }, response) => {
    if (path === '/users') json(response, 200, { users, more: false });
    else if (path.startsWith('/log_entries/'))
      json(response, 200, { log_entry: { ...first, channel, ...entry } });
    else if (incident === null) gone(response);
    else if (path.endsWith('/notes')) {
      const kept = { id: 'PNOTE1', content: 'listed: OA-1', user: user(BOT.id), created_at: minute(1) };
      json(response, 200, { notes: [{ ...kept, ...note }] });
    } else {
      const rest = { title: SENT.title, alert_counts: { all: 0 }, first_trigger_log_entry: first };
      json(response, 200, { incident: { ...AN_INCIDENT, ...rest, ...incident } });
    }
  });
}

type Difference = Parameters<typeof pageWith>[0];

async function asked<T>(difference: Difference, ask: (client: PagerDutyClient) => Promise<T>): Promise<T> {
  await using server = await pageWith(difference);
  return await ask(server.client);
}

describe('a page is the service’s own', () => {
  const isOwn = (difference: Difference) =>
    asked(difference, (client) => createIncidents(client).wasOpenedAs('PINC001', SENT, anAsk()));

  it.each<[string, Difference]>([
    ['as it was sent', {}],
    ['whatever became of blanks', { entry: { channel: { details: ' by sre-2 to\r\nfix it' } } }],
    ['where PagerDuty keeps no subject', { entry: { channel: { subject: null, details: SENT.details } } }],
  ])('%s', async (_what, difference) => {
    expect(await isOwn(difference)).toBe(true);
  });

  it.each<[string, Difference]>([
    ['is gone', { incident: null }],
    ['came through an alert', { incident: { alert_counts: { all: 1 } } }],
    ['does not tell its alerts', { incident: { alert_counts: null } }],
    ['was triggered otherwise', { entry: { type: 'repeat_log_entry' } }],
    ['was opened by nobody', { entry: { agent: null } }],
    ['was opened by somebody else', { entry: { agent: user('PSAM1RE') } }],
    ['was opened by a service with the id', { entry: { agent: user(BOT.id, 'service_reference') } }],
    ['has another title', { incident: { title: 'Access' } }],
    ['had another title', { entry: { channel: { subject: 'Access', details: SENT.details } } }],
    ['had another text', { entry: { channel: { subject: SENT.title, details: 'by sre-3' } } }],
    ['had no text', { entry: { channel: null } }],
    ['could be of two users', { users: [BOT, { ...BOT, id: 'PBOT7OA' }] }],
    ['could be of no user', { users: [] }],
  ])('but not one that %s', async (_what, difference) => {
    expect(await isOwn(difference)).toBe(false);
  });
});

describe('a note lists a request', () => {
  const listed = (note: object) =>
    asked({ note }, (client) => createIncidents(client).listedAt('PINC001', 'listed:  OA-1', anAsk()));

  it.each([{}, { updated_at: minute(1) }, { content: 'more\nlisted: OA-1\nless' }])(
    'since it was written, with %j',
    async (note) => {
      expect(await listed(note)).toBe(minute(1));
    },
  );

  it.each([
    { user: user('PSAM1RE') },
    { user: null },
    { updated_at: minute(2) },
    { content: 'listed: OA-2' },
    { content: null },
  ])('but not with %j', async (note) => {
    expect(await listed(note)).toBeNull();
  });
});

it('an actor is the service by the id of the one user who has its address', async () => {
  const isService = (id: string, users: readonly object[] = [BOT]) =>
    asked({ users }, (client) => createIncidents(client).isService(user(id), anAsk()));

  expect(await isService(BOT.id)).toBe(true);
  expect(await isService('PSAM1RE')).toBe(false);
  expect(await isService(BOT.id, [BOT, { ...BOT, id: 'PBOT7OA' }])).toBe(false);
});
