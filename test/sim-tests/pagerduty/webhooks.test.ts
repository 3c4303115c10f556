import { describe, expect, it } from 'vitest';
import { aSubscription } from '../../sim/pagerduty/builders.ts';
import {
  acknowledge,
  escalate,
  reassign,
  resolve,
  unacknowledge,
} from '../../sim/pagerduty/incident-life.ts';
import { addNote, editNote } from '../../sim/pagerduty/incident-notes.ts';
import { requestResponders } from '../../sim/pagerduty/incident-responders.ts';
import { FULL_ACCESS_KEY, READ_ONLY_KEY } from '../../sim/pagerduty/reference-world.ts';
import type { PagerDutyOptions } from '../../sim/pagerduty/start-pagerduty.ts';
import { at } from './api-client.ts';
import { opened } from './opened.ts';
import { receiveWebhooks } from './webhook-receiver.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const FAST = { retryDelayMs: 1, timeoutMs: 200 };

/** PagerDuty with a receiver that gives these answers first, and one subscription to it. */
async function subscribed(
  subscription: Partial<Parameters<typeof aSubscription>[0]> = {},
  { answers = [], ...options }: PagerDutyOptions & { readonly answers?: readonly (number | null)[] } = {},
) {
  const receiver = await receiveWebhooks(...answers);
  const api = await opened(options);
  const { id } = api.account.addWebhookSubscription(aSubscription({ url: receiver.url, ...subscription }));
  return {
    ...api,
    id,
    receiver,
    /** What has been received once nothing is on its way any more. */
    events: async () => {
      await api.pagerDuty.webhooks.idle();
      return receiver.received.map(({ body }) => at(body, 'event'));
    },
    types: async () => {
      await api.pagerDuty.webhooks.idle();
      return receiver.received.map(({ body }) => at(body, 'event.event_type'));
    },
    ids: () => receiver.received.map(({ headers }) => headers['x-webhook-id']),
    [Symbol.asyncDispose]: async () => {
      await api[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

describe('webhooks', () => {
  it('tell of everything that happens to an incident, in order, in shapes of their own', async () => {
    await using api = await subscribed();
    const { account } = api;

    const { id } = api.alert({ incidentKey: 'disk' });
    acknowledge(account, id, SAM);
    unacknowledge(account, id);
    escalate(account, id);
    reassign(account, id, ['PTAY2RE'], SAM);
    addNote(account, id, 'found it', SAM);
    requestResponders(account, {
      incidentId: id,
      requesterId: SAM.id,
      message: 'help',
      userIds: ['PTAY2RE'],
    });
    resolve(account, id, SAM);
    const events = await api.events();

    expect(await api.types()).toEqual(
      'triggered acknowledged unacknowledged escalated reassigned annotated responder.added resolved'
        .split(' ')
        .map((type) => `incident.${type}`),
    );
    expect(events[0]).toMatchObject({
      resource_type: 'incident',
      occurred_at: '2026-03-03T03:00:00.000Z',
      agent: { id: 'PSERVC1', type: 'service_reference' },
      client: null,
      data: {
        id,
        type: 'incident',
        number: 1,
        status: 'triggered',
        incident_key: 'disk',
        assignees: [{ id: 'PSAM1RE', type: 'user_reference' }],
        service: { id: 'PSERVC1' },
      },
    });
    expect(events[5]).toMatchObject({
      agent: { id: 'PSAM1RE', type: 'user_reference' },
      data: { type: 'incident_note', content: 'found it', trimmed: false, incident: { id } },
    });
    expect(at(events[5], 'data.user')).toBeUndefined();
    expect(events[6]).toMatchObject({
      data: { type: 'incident_responder', state: 'pending', user: { id: 'PTAY2RE' }, message: 'help' },
    });
  });

  it('go only to subscriptions that want the event and the service', async () => {
    await using api = await subscribed({ events: ['incident.resolved'] });
    const { url } = api.receiver;
    const filter = { type: 'service_reference', id: 'PSERVC2' } as const;
    api.account.addWebhookSubscription(aSubscription({ url, filter }));
    api.account.addWebhookSubscription(aSubscription({ url, active: false }));

    api.alert();
    api.alert({ serviceId: 'PSERVC2' });

    expect((await api.events()).map((event) => at(event, 'data.service.id'))).toEqual(['PSERVC2']);
  });

  it('are sent again after 5xx, 429 and silence, with the same id, the later ones waiting', async () => {
    await using api = await subscribed({}, { answers: [503, 429, null], webhooks: FAST });

    resolve(api.account, api.alert().id, SAM);

    expect(await api.types()).toEqual([
      ...Array.from({ length: 4 }, () => 'incident.triggered'),
      'incident.resolved',
    ]);
    expect(new Set(api.ids()).size).toBe(2);
    const outcomes = api.pagerDuty.webhooks.attempts().map(({ outcome }) => outcome);
    expect(outcomes).toEqual([503, 429, 'no-answer', 202, 202]);
  });

  it('are lost on other refusals, and three in a row switch the subscription off for a day', async () => {
    await using api = await subscribed({}, { answers: [401, 404, 400], webhooks: FAST });

    const { id } = api.alert();
    acknowledge(api.account, id, SAM);
    unacknowledge(api.account, id);
    resolve(api.account, id, SAM);

    expect(await api.events()).toHaveLength(3);
    expect(api.account.webhookSubscriptions.require(api.id).temporarilyDisabledUntil).toEqual(
      new Date('2026-03-04T03:00:00Z'),
    );
    const listed = await api.get('/webhook_subscriptions');
    expect(listed.at('webhook_subscriptions.0.delivery_method')).toMatchObject({
      url: api.receiver.url,
      secret: null,
      temporarily_disabled: true,
    });
  });

  it('trim a note that would make them too large, and do not tell of edits', async () => {
    await using api = await subscribed({ events: ['incident.annotated'] });

    const { id } = api.alert();
    const note = addNote(api.account, id, 'x'.repeat(60_000), SAM);
    editNote(api.account, id, note.id, 'short');

    expect(await api.events()).toMatchObject([{ data: { trimmed: true } }]);
    expect(api.receiver.received[0]?.rawBody.length).toBeLessThan(55 * 1024);
  });

  it.each([
    ['one that is not there', FULL_ACCESS_KEY, 'PABSENT', 404],
    ['a key that may only read', READ_ONLY_KEY, null, 403],
    ['an unknown key', 'nobody', null, 401],
  ])('are not tried for %s', async (_, key, other, status) => {
    await using api = await subscribed();
    const authorization = `Token token=${key}`;

    const ping = `/webhook_subscriptions/${other ?? api.id}/ping`;
    expect((await api.send('POST', ping, undefined, { authorization })).status).toBe(status);
  });

  it('are listed by what they are for, and by nothing else', async () => {
    await using api = await subscribed({ filter: { type: 'service_reference', id: 'PSERVC2' } });
    api.account.addWebhookSubscription(aSubscription({ url: 'http://127.0.0.1:9/' }));
    const listed = (query: string) => api.get(`/webhook_subscriptions${query}`);
    const ofService = await listed('?filter_type=service&filter_id=PSERVC2');

    expect((await listed('')).at('webhook_subscriptions')).toHaveLength(2);
    expect(ofService.column('webhook_subscriptions', 'filter.id')).toEqual(['PSERVC2']);
    expect((await listed('?filter_type=incident')).status).toBe(400);
  });
});
