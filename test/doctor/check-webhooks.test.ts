import { describe, expect, it } from 'vitest';
import { checkWebhooks } from '../../src/doctor/check-webhooks.ts';
import { PagerDutyError, type Service, type WebhookSubscription } from '../../src/ports/pagerduty.ts';
import { TELLING_EVENTS } from '../../src/ports/webhooks.ts';
import type { Policy } from '../../src/core/rule.ts';
import { anEscalation, aPolicy, aRule, PAYMENTS } from '../support/builders.ts';
import { expectApproved } from './approved.ts';

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

interface World {
  readonly subscriptions?: readonly WebhookSubscription[] | PagerDutyError;
  readonly publicUrl?: string | null;
  readonly policy?: Policy;
}

function checked({ subscriptions = [aSubscription()], publicUrl = URL, policy = aPolicy() }: World) {
  const webhookSubscriptions = () =>
    subscriptions instanceof PagerDutyError ? Promise.reject(subscriptions) : Promise.resolve(subscriptions);
  const directory = { service: () => Promise.resolve(PAGED) };
  const signal = new AbortController().signal;
  return checkWebhooks({ publicUrl, policy, directory, admin: { webhookSubscriptions } }, signal);
}

const one = (overrides: Partial<WebhookSubscription>): World => ({
  subscriptions: [aSubscription(overrides)],
});
const byAnnotation = anEscalation({ fromAnnotation: 'pagerduty_notify_service' });
const annotated = { policy: aPolicy({ rules: [aRule({ escalate: byAnnotation })] }) };
const elsewhere = 'https://elsewhere.example.com/webhooks/pagerduty';

const WORLDS: Readonly<Record<string, World>> = {
  'one for the account': {},
  'one for the service that is paged': one(FOR_PAGED),
  'one for it, among others': {
    subscriptions: [aSubscription({ ...FOR_ANOTHER, id: 'POTHER1' }), aSubscription(FOR_PAGED)],
  },
  'one for it, by an address that is written otherwise': one({ url: `${URL}/`.replace('https', 'HTTPS') }),
  'several that tell all together': {
    subscriptions: [
      aSubscription({ ...FOR_PAGED, events: EVENTS.slice(0, 2) }),
      aSubscription({ id: 'PWEBHK2', events: EVENTS.slice(2) }),
    ],
  },
  'one that posts elsewhere': one({ url: elsewhere }),
  'one that is not active': one({ active: false }),
  'one that was switched off': one({ temporarilyDisabled: true }),
  'one for another service': one(FOR_ANOTHER),
  'one for a team': one(FOR_A_TEAM),
  'one that tells too little': one({ events: ['incident.triggered', 'incident.resolved'] }),
  'none, and no public address': { subscriptions: [], publicUrl: null },
  'two, and no public address': { subscriptions: [aSubscription(), aSubscription()], publicUrl: null },
  'a key that may not see them': {
    subscriptions: new PagerDutyError('forbidden', 'the key may not list them', { transient: false }),
  },
  'one for the service that is paged, where annotations name others': { ...one(FOR_PAGED), ...annotated },
  'one for the account, where annotations name others': annotated,
  // What stands behind the path is not printed.
  'none, and a secret in the public address': { subscriptions: [], publicUrl: `${URL}?token=hush` },
};

describe('the check of webhook subscriptions', () => {
  it('finds what was approved for each account', async () => {
    await expectApproved(
      'check-webhooks.approved.txt',
      WORLDS,
      async (world) => (await checked(world)).findings,
    );
  });

  it('has only those tried that PagerDuty sends events by', async () => {
    const off = aSubscription({ id: 'POFF001', active: false });
    const other = aSubscription({ id: 'POTHER1', url: elsewhere });

    expect((await checked({ subscriptions: [off, other, aSubscription()] })).live).toEqual(['PWEBHK1']);
    expect((await checked(WORLDS['several that tell all together'] ?? {})).live).toEqual([
      'PWEBHK1',
      'PWEBHK2',
    ]);
    expect((await checked({ publicUrl: null })).live).toEqual([]);
  });
});
