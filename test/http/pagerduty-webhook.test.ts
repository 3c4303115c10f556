import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/core/values/instant.ts';
import { signWebhook } from '../sim/pagerduty/render-webhook.ts';
import { aWebhook, post, secret, SECRET, startRoute } from './webhook-route.ts';

describe('a webhook that PagerDuty signed', () => {
  it('is answered 202, and its incident is looked into', async () => {
    await using route = await startRoute();

    expect((await post(route.url, aWebhook())).status).toBe(202);
    expect(route.outcomes()).toEqual(['accepted']);
    expect(route.news).toEqual([
      { eventType: 'incident.annotated', incidentId: 'PINCDT1', incidentKey: null },
    ]);
  });

  it('about an incident itself has its key', async () => {
    await using route = await startRoute();

    await post(
      route.url,
      aWebhook({
        event_type: 'incident.acknowledged',
        data: { id: 'PINCDT1', type: 'incident', incident_key: 'oncall-approver/7' },
      }),
    );

    expect(route.news).toEqual([
      { eventType: 'incident.acknowledged', incidentId: 'PINCDT1', incidentKey: 'oncall-approver/7' },
    ]);
  });

  it.each([
    ['of a kind that is not known yet', { event_type: 'incident.teleported', data: { type: 'dust' } }],
    ['about a service', { event_type: 'service.updated', data: { id: 'PSERVC1', type: 'service' } }],
    ['without data', { data: null }],
    ['with data of another shape', { data: { id: 7, incident: 'PINCDT1' } }],
  ])('%s is answered 202 and left at that', async (_what, event) => {
    await using route = await startRoute();

    expect((await post(route.url, aWebhook(event))).status).toBe(202);
    expect(route.outcomes()).toEqual(['ignored']);
    expect(route.news).toEqual([]);
  });

  it('as a test, by the button in PagerDuty, is told as such', async () => {
    await using route = await startRoute();

    const ping = {
      event_type: 'pagey.ping',
      resource_type: 'pagey',
      data: { type: 'ping', message: 'Hello' },
    };
    expect((await post(route.url, aWebhook(ping))).status).toBe(202);
    expect(route.seen).toMatchObject([{ outcome: 'ping', eventType: 'pagey.ping' }]);
  });

  it('and repeated is answered 202 and looked into once', async () => {
    await using route = await startRoute();
    const body = aWebhook();

    const statuses = [await post(route.url, body), await post(route.url, body), await post(route.url, body)];

    expect(statuses.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(route.outcomes()).toEqual(['accepted', 'duplicate', 'duplicate']);
    expect(route.news).toHaveLength(1);
  });

  it('with any of several secrets is taken, and so is one beside signatures of other versions', async () => {
    await using route = await startRoute({ secrets: [secret('the new one'), secret('the old one')] });
    const [first, second] = [aWebhook(), aWebhook()];

    const old = await post(route.url, first, { signature: signWebhook(first, ['the old one']) });
    const v2 = `v2=${'0'.repeat(64)}, ${signWebhook(second, ['unknown', 'the new one'])}`;
    const several = await post(route.url, second, { signature: v2 });

    expect([old.status, several.status]).toEqual([202, 202]);
  });

  it('of 49 hours ago is refused for good, and so is one from the future', async () => {
    await using route = await startRoute();
    const at = (ms: number) => aWebhook({ occurred_at: new Date(Date.now() + ms).toISOString() });

    const answers = [
      await post(route.url, at(-48 * HOUR)),
      await post(route.url, at(-50 * HOUR)),
      await post(route.url, at(30 * MINUTE)),
      await post(route.url, at(2 * HOUR)),
    ];

    expect(answers.map(({ status }) => status)).toEqual([202, 400, 202, 400]);
    expect(route.outcomes()).toEqual(['accepted', 'late', 'accepted', 'early']);
  });

  it.each([
    ['no JSON', '{"event": '],
    ['JSON of another shape', '{"messages":[{"event":"incident.trigger"}]}'],
    ['a time that is none', aWebhook({ occurred_at: 'yesterday' })],
    ['nothing', ''],
  ])('and holds %s is refused for good', async (_what, body) => {
    await using route = await startRoute();

    expect((await post(route.url, body)).status).toBe(400);
    expect(route.outcomes()).toEqual(['malformed']);
  });
});

describe('a webhook that PagerDuty did not sign', () => {
  const body = aWebhook();
  const right = signWebhook(body, [SECRET]);

  it.each([
    ['has no signature', null, 'unsigned'],
    ['has an empty one', '', 'unsigned'],
    ['has one that is cut off', right.slice(0, -2), 'unsigned'],
    ['has one in capitals', right.toUpperCase().replace('V1', 'v1'), 'unsigned'],
    ['has one of another version', right.replace('v1', 'v0'), 'unsigned'],
    ['has one by another secret', signWebhook(body, ['guessed']), 'forged'],
    ['has the right one of another body', signWebhook(aWebhook(), [SECRET]), 'forged'],
    ['has too many to try', `${'v1='.padEnd(67, '0')},`.repeat(10) + right, 'forged'],
  ])('%s: 401, and nothing of it is read', async (_what, signature, outcome) => {
    await using route = await startRoute();

    expect((await post(route.url, body, { signature })).status).toBe(401);
    expect(route.outcomes()).toEqual([outcome]);
    expect(route.seen[0]?.eventType).toBeNull();
    expect(route.news).toEqual([]);
  });

  it('was changed on the way by a single space: 401', async () => {
    await using route = await startRoute();

    expect((await post(route.url, `${body} `, { signature: right })).status).toBe(401);
  });

  it('is larger than PagerDuty ever sends: 413, without a look at its signature', async () => {
    await using route = await startRoute();
    const huge = aWebhook({ client: 'x'.repeat(257 * 1024) });

    expect((await post(route.url, huge)).status).toBe(413);
    expect(route.outcomes()).toEqual(['oversized']);
  });

  it('is as large as PagerDuty may send: 202', async () => {
    await using route = await startRoute();

    expect((await post(route.url, aWebhook({ client: 'x'.repeat(255 * 1024) }))).status).toBe(202);
  });

  it('comes by another method: 404', async () => {
    await using route = await startRoute();

    expect((await fetch(route.url)).status).toBe(404);
  });
});

it('a source that sends too much is told to wait, forgers much sooner, and is heard again after a while', async () => {
  await using route = await startRoute();

  let refused = 0;
  while ((await post(route.url, aWebhook(), { signature: null })).status === 401) refused += 1;
  const meanwhile = await post(route.url, aWebhook());
  route.passMs(10 * SECOND);
  const later = await post(route.url, aWebhook());

  expect(refused).toBeLessThan(30);
  expect([meanwhile.status, later.status]).toEqual([429, 202]);
  expect(route.outcomes()).toContain('limited');
});

describe('a fault of ours', () => {
  it('is answered 500, so that PagerDuty sends the webhook again, and told to the operator alone', async () => {
    const unreadable = {
      reveal: () => {
        throw new Error('the secret file `/run/secrets/hook` cannot be read (EACCES)');
      },
    };
    await using route = await startRoute({ secrets: [unreadable] });

    const { status, text } = await post(route.url, aWebhook());

    expect(status).toBe(500);
    expect(text).not.toContain('secrets');
    expect(route.outcomes()).toEqual(['failed']);
    expect(route.failures).toEqual([
      { route: 'POST /webhooks/pagerduty', cause: expect.stringContaining('EACCES') as string },
    ]);
  });

  it('with one of two secrets hurts nobody who uses the other', async () => {
    const unreadable = {
      reveal: () => {
        throw new Error('gone');
      },
    };
    await using route = await startRoute({ secrets: [unreadable, secret(SECRET)] });

    expect((await post(route.url, aWebhook())).status).toBe(202);
  });
});

it('a sender that never ends its body keeps nobody else from being heard', async () => {
  await using route = await startRoute();
  const { hostname, port } = new URL(route.url);
  const slow = connect({ host: hostname, port: Number(port) });
  await once(slow, 'connect');
  slow.write(`POST /webhooks/pagerduty HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 1000\r\n\r\n{"event`);

  expect((await post(route.url, aWebhook())).status).toBe(202);
  slow.destroy();
});
