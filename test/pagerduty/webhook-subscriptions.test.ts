import { describe, expect, it } from 'vitest';
import { instantOf } from '../../src/core/values/instant.ts';
import { connectPagerDuty, type PagerDutyConnection } from '../../src/pagerduty/connect.ts';
import { READ_SCOPES, WRITE_SCOPES } from '../../src/pagerduty/http/oauth.ts';
import { aSubscription } from '../sim/pagerduty/builders.ts';
import { FULL_ACCESS_KEY, OAUTH_CLIENT, READ_ONLY_KEY } from '../sim/pagerduty/reference-world.ts';
import { startPagerDuty, type SimulatedPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { receiveWebhooks } from '../sim-tests/pagerduty/webhook-receiver.ts';
import { anAsk, failureOf } from './subjects.ts';

const ELSEWHERE = 'http://127.0.0.1:9/webhooks/pagerduty';

function withKeys(pagerDuty: SimulatedPagerDuty, key: string, oauth = false): PagerDutyConnection {
  const { account, url } = pagerDuty;
  const secret = { reveal: () => key };
  return connectPagerDuty({
    apiUrl: url,
    from: 'oncall-approver@example.com',
    readKey: secret,
    writeKey: secret,
    ...(oauth
      ? {
          seesWebhooks: true,
          oauth: {
            tokenUrl: `${url}/oauth/token`,
            account: `${account.region}.${account.subdomain}`,
            clientId: OAUTH_CLIENT.client_id,
            clientSecret: { reveal: () => OAUTH_CLIENT.client_secret },
          },
        }
      : {}),
    version: '1.2.3',
    clock: { now: () => instantOf(account.clock.now().getTime()) },
    random: () => 0,
  });
}

describe('webhook subscriptions', () => {
  it('are listed whole, page after page, with what they tell of which incidents', async () => {
    await using pagerDuty = await startPagerDuty();
    const ids = Array.from({ length: 130 }, () => {
      return pagerDuty.account.addWebhookSubscription(aSubscription({ url: ELSEWHERE })).id;
    });
    const { id } = pagerDuty.account.addWebhookSubscription(
      aSubscription({
        url: ELSEWHERE,
        active: false,
        events: ['incident.triggered'],
        filter: { type: 'service_reference', id: 'PSERVC2' },
        temporarilyDisabledUntil: new Date(pagerDuty.account.clock.now().getTime() + 60_000),
      }),
    );
    using connection = withKeys(pagerDuty, READ_ONLY_KEY);

    const listed = await connection.admin.webhookSubscriptions(anAsk());

    expect(listed.map((each) => each.id)).toEqual([...ids, id]);
    expect(listed.at(-1)).toEqual({
      id,
      url: ELSEWHERE,
      active: false,
      temporarilyDisabled: true,
      events: ['incident.triggered'],
      filter: { type: 'service_reference', id: 'PSERVC2' },
    });
    expect(pagerDuty.calls.matching('GET', '/webhook_subscriptions')).toHaveLength(2);
  });

  it('are none when a page of them fails', async () => {
    await using pagerDuty = await startPagerDuty();
    for (let count = 0; count < 130; count += 1) {
      pagerDuty.account.addWebhookSubscription(aSubscription({ url: ELSEWHERE }));
    }
    pagerDuty.faults.add({
      kind: 'status',
      status: 400,
      match: { pathPrefix: '/webhook_subscriptions' },
      skip: 1,
    });
    using connection = withKeys(pagerDuty, READ_ONLY_KEY);

    expect(await failureOf(connection.admin.webhookSubscriptions(anAsk()))).toMatchObject({
      kind: 'refused',
    });
  });

  it('are tried by a test event, which a key that writes may ask for', async () => {
    await using pagerDuty = await startPagerDuty();
    await using receiver = await receiveWebhooks();
    const { id } = pagerDuty.account.addWebhookSubscription(aSubscription({ url: receiver.url }));
    using connection = withKeys(pagerDuty, FULL_ACCESS_KEY);

    await connection.admin.pingWebhook(id, anAsk());
    await pagerDuty.webhooks.idle();

    expect(receiver.received).toMatchObject([{ body: { event: { event_type: 'pagey.ping' } } }]);
    expect(await failureOf(connection.admin.pingWebhook('PABSENT', anAsk()))).toMatchObject({
      kind: 'not-found',
    });
    using reading = withKeys(pagerDuty, READ_ONLY_KEY);
    expect(await failureOf(reading.admin.pingWebhook(id, anAsk()))).toMatchObject({ kind: 'forbidden' });
  });

  it('are seen and tried by an OAuth app that was granted it, and missed by no other', async () => {
    await using pagerDuty = await startPagerDuty();
    const { client_id: clientId, client_secret: secret } = OAUTH_CLIENT;
    const needed = [...READ_SCOPES, ...WRITE_SCOPES];
    const { id } = pagerDuty.account.addWebhookSubscription(aSubscription({ url: ELSEWHERE, active: false }));

    pagerDuty.account.oauthClients.put({ id: clientId, secret, scopes: needed });
    using narrow = withKeys(pagerDuty, '', true);
    expect(await failureOf(narrow.admin.webhookSubscriptions(anAsk()))).toMatchObject({ kind: 'forbidden' });
    expect(narrow.credentials().missingScopes).toEqual([]);

    const scopes = [...needed, 'webhook_subscriptions.read', 'webhook_subscriptions.write'];
    pagerDuty.account.oauthClients.put({ id: clientId, secret, scopes });
    using wide = withKeys(pagerDuty, '', true);
    expect(await wide.admin.webhookSubscriptions(anAsk())).toHaveLength(1);
    await wide.admin.pingWebhook(id, anAsk());
  });
});
