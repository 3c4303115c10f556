import { describe, expect, it } from 'vitest';
import { checkWebhooks } from '../../src/doctor/check-webhooks.ts';
import { PagerDutyError, type Service, type WebhookSubscription } from '../../src/ports/pagerduty.ts';
import { TELLING_EVENTS } from '../../src/ports/webhooks.ts';
import { anEscalation, aPolicy, aRule, PAYMENTS } from '../support/builders.ts';

const URL = 'https://oncall.example.com/webhooks/pagerduty';
const PAGED: Service = {
  id: 'PSERVC2',
  summary: 'Access requests',
  escalationPolicy: PAYMENTS,
  status: 'active',
};
const EVENTS = ['incident.triggered', ...TELLING_EVENTS];

function aSubscription(overrides: Partial<WebhookSubscription> = {}): WebhookSubscription {
  return {
    id: 'PWEBHK1',
    url: URL,
    active: true,
    temporarilyDisabled: false,
    events: EVENTS,
    filter: { type: 'account_reference', id: null },
    ...overrides,
  };
}

const FOR_PAGED = { filter: { type: 'service_reference', id: PAGED.id } };
const FOR_ANOTHER = { filter: { type: 'service_reference', id: 'PSERVC9' } };
const FOR_A_TEAM = { filter: { type: 'team_reference', id: 'PTEAM01' } };

async function checked(
  subscriptions: readonly WebhookSubscription[] | PagerDutyError,
  {
    publicUrl = URL,
    policy = aPolicy(),
  }: { publicUrl?: string | null; policy?: ReturnType<typeof aPolicy> } = {},
) {
  const { findings, live } = await checkWebhooks(
    {
      publicUrl,
      policy,
      directory: { service: () => Promise.resolve(PAGED) },
      admin: {
        webhookSubscriptions: () =>
          subscriptions instanceof PagerDutyError
            ? Promise.reject(subscriptions)
            : Promise.resolve(subscriptions),
      },
    },
    new AbortController().signal,
  );
  return { live, said: findings.map(({ state, text }) => `${state}: ${text}`) };
}

describe('the check of webhook subscriptions', () => {
  it.each([
    ['the account', [aSubscription()]],
    ['the service that is paged', [aSubscription(FOR_PAGED)]],
    ['it among others', [aSubscription({ ...FOR_ANOTHER, id: 'POTHER1' }), aSubscription(FOR_PAGED)]],
    [
      'it, by an address that is written otherwise',
      [aSubscription({ url: `${URL}/`.replace('https', 'HTTPS') })],
    ],
  ])('finds nothing wrong with one for %s', async (_, subscriptions) => {
    expect((await checked(subscriptions)).said).toEqual([
      'ok: answers to pages on service Access requests (PSERVC2) are told at once',
    ]);
  });

  it('puts the events together that several tell', async () => {
    const subscriptions = [
      aSubscription({ ...FOR_PAGED, events: EVENTS.slice(0, 2) }),
      aSubscription({ id: 'PWEBHK2', events: EVENTS.slice(2) }),
    ];

    expect(await checked(subscriptions)).toMatchObject({
      said: [expect.stringMatching(/^ok: /u)],
      live: ['PWEBHK1', 'PWEBHK2'],
    });
  });

  it.each<[string, WebhookSubscription, string]>([
    [
      'posts elsewhere',
      aSubscription({ url: 'https://elsewhere.example.com/webhooks/pagerduty' }),
      `failed: no webhook subscription posts to ${URL}, and 1 post elsewhere: make one`,
    ],
    [
      'is not active',
      aSubscription({ active: false }),
      'failed: subscription PWEBHK1 is not active: activate it in PagerDuty',
    ],
    [
      'was switched off',
      aSubscription({ temporarilyDisabled: true }),
      'failed: PagerDuty has switched subscription PWEBHK1 off for a day',
    ],
    [
      'is for another service',
      aSubscription(FOR_ANOTHER),
      'failed: pages are opened on service Access requests (PSERVC2), but the subscription is for PSERVC9: make one for it',
    ],
    [
      'is for a team',
      aSubscription(FOR_A_TEAM),
      'warning: pages on service Access requests (PSERVC2) are heard of only if it belongs to team PTEAM01',
    ],
    [
      'tells too little',
      aSubscription({ events: ['incident.triggered', 'incident.resolved'] }),
      'warning: of incidents on service Access requests (PSERVC2) PagerDuty does not tell incident.annotated, incident.acknowledged, incident.unacknowledged and incident.reopened: add the events to subscription PWEBHK1',
    ],
  ])('tells of one that %s', async (_, subscription, text) => {
    const { said } = await checked([subscription]);

    expect(said).toEqual([expect.stringContaining(text)]);
  });

  it('has only those tried that PagerDuty sends events by', async () => {
    const off = aSubscription({ id: 'POFF001', active: false });
    const elsewhere = aSubscription({ id: 'POTHER1', url: 'https://elsewhere.example.com/' });

    expect((await checked([off, elsewhere, aSubscription()])).live).toEqual(['PWEBHK1']);
  });

  it.each([
    [0, 'the account has no webhook subscription that the key may see: make one (docs/webhooks.md); set'],
    [2, 'which of the 2 webhook subscriptions of the account is meant for this service cannot be told; set'],
  ])('says what cannot be told without the public address, of %d', async (count, text) => {
    const subscriptions = Array.from({ length: count }, () => aSubscription());

    expect(await checked(subscriptions, { publicUrl: null })).toEqual({
      said: [`warning: ${text} \`http.pagerduty_webhook.public_url\` to the address that PagerDuty posts to`],
      live: [],
    });
  });

  it('says what cannot be told with a key that may not see them: the service does without', async () => {
    const forbidden = new PagerDutyError('forbidden', 'the key may not list them', { transient: false });

    expect((await checked(forbidden)).said).toEqual([
      'warning: whether PagerDuty sends webhooks here cannot be told: the key may not list them',
    ]);
  });

  it('warns where annotations name the service to page, and only some are covered', async () => {
    const escalate = anEscalation({ fromAnnotation: 'pagerduty_notify_service' });
    const policy = aPolicy({ rules: [aRule({ escalate })] });

    expect((await checked([aSubscription(FOR_PAGED)], { policy })).said).toContainEqual(
      expect.stringContaining('told at once only by a subscription for the account'),
    );
    expect((await checked([aSubscription()], { policy })).said).toHaveLength(1);
  });

  it('does not print what stands behind the path of the address', async () => {
    const { said } = await checked([], { publicUrl: `${URL}?token=hush` });

    expect(said.join()).toContain(URL);
    expect(said.join()).not.toContain('hush');
  });
});
