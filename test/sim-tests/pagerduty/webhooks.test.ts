import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../sim/pagerduty/account.ts';
import { aSubscription } from '../../sim/pagerduty/builders.ts';
import {
  acknowledge,
  escalate,
  reassign,
  resolve,
  unacknowledge,
} from '../../sim/pagerduty/incident-life.ts';
import type { Incident } from '../../sim/pagerduty/incident-model.ts';
import { addNote, editNote } from '../../sim/pagerduty/incident-notes.ts';
import { triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import { requestResponders } from '../../sim/pagerduty/incident-responders.ts';
import { startPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { FULL_ACCESS_KEY, READ_ONLY_KEY } from '../../sim/pagerduty/reference-world.ts';
import { at, call, column, get } from './api-client.ts';
import { referenceAccount } from './reference-account.ts';
import { receiveWebhooks, type ReceivedWebhook } from './webhook-receiver.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const FAST = { retryDelayMs: 1, timeoutMs: 200 };

function openAlert(account: Account, serviceId = 'PSERVC1'): Incident {
  const incident = triggerAlert(account, { title: 'down', serviceId, incidentKey: 'disk' });
  if (incident === undefined) throw new Error('no incident was opened');
  return incident;
}

function eventTypes(received: readonly ReceivedWebhook[]): readonly unknown[] {
  return received.map(({ body }) => at(body, 'event.event_type'));
}

describe('webhooks', () => {
  it('tell of everything that happens to an incident, in order', async () => {
    const account = referenceAccount();
    await using receiver = await receiveWebhooks();
    account.addWebhookSubscription(aSubscription({ url: receiver.url }));
    await using pagerDuty = await startPagerDuty({ account });

    const { id } = openAlert(account);
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
    await pagerDuty.webhooks.idle();

    expect(eventTypes(receiver.received)).toEqual([
      'incident.triggered',
      'incident.acknowledged',
      'incident.unacknowledged',
      'incident.escalated',
      'incident.reassigned',
      'incident.annotated',
      'incident.responder.added',
      'incident.resolved',
    ]);
  });

  it('have shapes of their own for incidents, notes and responders', async () => {
    const account = referenceAccount();
    await using receiver = await receiveWebhooks();
    account.addWebhookSubscription(aSubscription({ url: receiver.url }));
    await using pagerDuty = await startPagerDuty({ account });

    const { id } = openAlert(account);
    addNote(account, id, 'found it', SAM);
    requestResponders(account, {
      incidentId: id,
      requesterId: SAM.id,
      message: 'help',
      userIds: ['PTAY2RE'],
    });
    await pagerDuty.webhooks.idle();

    const [triggered, annotated, responder] = receiver.received.map(({ body }) => at(body, 'event'));
    expect(triggered).toMatchObject({
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
    expect(annotated).toMatchObject({
      agent: { id: 'PSAM1RE', type: 'user_reference' },
      data: { type: 'incident_note', content: 'found it', trimmed: false, incident: { id } },
    });
    expect(at(annotated, 'data.user')).toBeUndefined();
    expect(responder).toMatchObject({
      data: { type: 'incident_responder', state: 'pending', user: { id: 'PTAY2RE' }, message: 'help' },
    });
  });

  it('are signed over the raw body with every secret of a rotation', async () => {
    const account = referenceAccount();
    await using receiver = await receiveWebhooks();
    const subscription = account.addWebhookSubscription(
      aSubscription({ url: receiver.url, secrets: ['new secret', 'old secret'] }),
    );
    await using pagerDuty = await startPagerDuty({ account });

    openAlert(account);
    await pagerDuty.webhooks.idle();

    const [webhook] = receiver.received;
    const signature = (secret: string) =>
      `v1=${createHmac('sha256', secret)
        .update(webhook?.rawBody ?? '')
        .digest('hex')}`;
    expect(webhook?.headers).toMatchObject({
      'x-pagerduty-signature': `${signature('new secret')},${signature('old secret')}`,
      'x-webhook-subscription': subscription.id,
      'user-agent': 'PagerDuty-Webhook/V3.0',
    });
  });

  it('go only to subscriptions that want the event and the service', async () => {
    const account = referenceAccount();
    await using receiver = await receiveWebhooks();
    const { url } = receiver;
    account.addWebhookSubscription(aSubscription({ url, events: ['incident.resolved'] }));
    account.addWebhookSubscription(
      aSubscription({ url, filter: { type: 'service_reference', id: 'PSERVC2' } }),
    );
    account.addWebhookSubscription(aSubscription({ url, active: false }));
    await using pagerDuty = await startPagerDuty({ account });

    openAlert(account, 'PSERVC1');
    openAlert(account, 'PSERVC2');
    await pagerDuty.webhooks.idle();

    expect(receiver.received.map(({ body }) => at(body, 'event.data.service.id'))).toEqual(['PSERVC2']);
  });

  it('are sent again after 5xx, 429 and silence, with the same id, the later ones waiting', async () => {
    const account = referenceAccount();
    await using receiver = await receiveWebhooks(503, 429, null);
    account.addWebhookSubscription(aSubscription({ url: receiver.url }));
    await using pagerDuty = await startPagerDuty({ account, webhooks: FAST });

    const { id } = openAlert(account);
    resolve(account, id, SAM);
    await pagerDuty.webhooks.idle();

    expect(eventTypes(receiver.received)).toEqual([
      ...Array.from({ length: 4 }, () => 'incident.triggered'),
      'incident.resolved',
    ]);
    expect(new Set(receiver.received.map(({ headers }) => headers['x-webhook-id'])).size).toBe(2);
    expect(pagerDuty.webhooks.attempts().map(({ outcome }) => outcome)).toEqual([
      503,
      429,
      'no-answer',
      202,
      202,
    ]);
  });

  it('are lost on other refusals, and three in a row switch the subscription off for a day', async () => {
    const account = referenceAccount();
    await using receiver = await receiveWebhooks(401, 404, 400);
    const { id: subscriptionId } = account.addWebhookSubscription(aSubscription({ url: receiver.url }));
    await using pagerDuty = await startPagerDuty({ account, webhooks: FAST });

    const { id } = openAlert(account);
    acknowledge(account, id, SAM);
    unacknowledge(account, id);
    resolve(account, id, SAM);
    await pagerDuty.webhooks.idle();

    expect(receiver.received).toHaveLength(3);
    expect(account.webhookSubscriptions.require(subscriptionId).temporarilyDisabledUntil).toEqual(
      new Date('2026-03-04T03:00:00Z'),
    );
    const { body } = await get(pagerDuty.url, '/webhook_subscriptions');
    expect(at(body, 'webhook_subscriptions.0.delivery_method')).toMatchObject({
      url: receiver.url,
      secret: null,
      temporarily_disabled: true,
    });
  });

  it('may come twice with one id', async () => {
    const account = referenceAccount();
    await using receiver = await receiveWebhooks();
    account.addWebhookSubscription(aSubscription({ url: receiver.url }));
    await using pagerDuty = await startPagerDuty({ account, webhooks: { copies: 2, delayMs: 5 } });

    openAlert(account);
    await pagerDuty.webhooks.idle();

    const ids = receiver.received.map(({ headers }) => headers['x-webhook-id']);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
  });

  it('trim a note that would make them too large, and do not tell of edits', async () => {
    const account = referenceAccount();
    await using receiver = await receiveWebhooks();
    account.addWebhookSubscription(aSubscription({ url: receiver.url, events: ['incident.annotated'] }));
    await using pagerDuty = await startPagerDuty({ account });

    const { id } = openAlert(account);
    const note = addNote(account, id, 'x'.repeat(60_000), SAM);
    editNote(account, id, note.id, 'short');
    await pagerDuty.webhooks.idle();

    expect(receiver.received).toHaveLength(1);
    expect(at(receiver.received[0]?.body, 'event.data.trimmed')).toBe(true);
    expect(receiver.received[0]?.rawBody.length).toBeLessThan(55 * 1024);
  });

  it('stop at once when the simulator is disposed of, even in the middle of a retry', async () => {
    const account = referenceAccount();
    await using receiver = await receiveWebhooks(500);
    account.addWebhookSubscription(aSubscription({ url: receiver.url }));
    const pagerDuty = await startPagerDuty({ account });
    openAlert(account);

    await pagerDuty[Symbol.asyncDispose]();

    expect(pagerDuty.webhooks.attempts().length).toBeLessThanOrEqual(1);
  });

  it('are tried by a test event to one subscription, whatever it tells of', async () => {
    const account = referenceAccount();
    await using receiver = await receiveWebhooks();
    const { id } = account.addWebhookSubscription(aSubscription({ url: receiver.url, events: [] }));
    account.addWebhookSubscription(aSubscription({ url: receiver.url }));
    await using pagerDuty = await startPagerDuty({ account });

    const reply = await call(pagerDuty.url, 'POST', `/webhook_subscriptions/${id}/ping`);
    await pagerDuty.webhooks.idle();

    expect([reply.status, reply.body]).toEqual([202, undefined]);
    expect(eventTypes(receiver.received)).toEqual(['pagey.ping']);
    expect(receiver.received[0]?.headers['x-webhook-subscription']).toBe(id);
  });

  it.each([
    ['one that is not there', FULL_ACCESS_KEY, 'PABSENT', 404],
    ['a key that may only read', READ_ONLY_KEY, null, 403],
    ['an unknown key', 'nobody', null, 401],
  ])('are not tried for %s', async (_, key, other, status) => {
    const account = referenceAccount();
    const { id } = account.addWebhookSubscription(aSubscription({ url: 'http://127.0.0.1:9/' }));
    await using pagerDuty = await startPagerDuty({ account });

    const reply = await call(pagerDuty.url, 'POST', `/webhook_subscriptions/${other ?? id}/ping`, {
      authorization: `Token token=${key}`,
    });

    expect(reply.status).toBe(status);
  });

  it('are listed by what they are for, and by nothing else', async () => {
    const account = referenceAccount();
    const one = aSubscription({ url: 'http://127.0.0.1:9/' });
    account.addWebhookSubscription(one);
    account.addWebhookSubscription({ ...one, filter: { type: 'service_reference', id: 'PSERVC2' } });
    await using pagerDuty = await startPagerDuty({ account });
    const listed = (query: string) => get(pagerDuty.url, `/webhook_subscriptions${query}`);

    expect(column((await listed('')).body, 'webhook_subscriptions', 'filter.type')).toHaveLength(2);
    expect(
      column(
        (await listed('?filter_type=service&filter_id=PSERVC2')).body,
        'webhook_subscriptions',
        'filter.id',
      ),
    ).toEqual(['PSERVC2']);
    expect((await listed('?filter_type=incident')).status).toBe(400);
  });
});
