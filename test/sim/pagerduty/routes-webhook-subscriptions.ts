import { paged, pageOf } from './query.ts';
import { invalidInput, notFound } from './refusal.ts';
import { renderWebhookSubscription } from './render-config.ts';
import { ok, type Call, type Reply, type Route } from './route.ts';

const FILTER_TYPES = ['account', 'service', 'team'];

/** Webhook subscriptions are made and changed by people, in the settings: here they are listed and tried. */
export const webhookSubscriptionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/webhook_subscriptions',
    scope: 'webhook_subscriptions.read',
    handle: listSubscriptions,
  },
  {
    method: 'POST',
    path: '/webhook_subscriptions/:id/ping',
    scope: 'webhook_subscriptions.write',
    handle: pingSubscription,
    withoutBody: true,
  },
];

function listSubscriptions({ account, key, query }: Call): Reply {
  const type = query.get('filter_type');
  const id = query.get('filter_id');
  if (type !== null && !FILTER_TYPES.includes(type)) throw invalidInput('filter_type is invalid');
  const subscriptions = account.webhookSubscriptions
    .all()
    .filter(({ filter }) => filter.id === null || !key.hiddenIds.includes(filter.id))
    .filter(({ filter }) => type === null || filter.type === `${type}_reference`)
    .filter(({ filter }) => id === null || filter.id === id);
  return ok(
    paged('webhook_subscriptions', subscriptions, pageOf(query), (subscription) =>
      renderWebhookSubscription(account, subscription),
    ),
  );
}

/** PagerDuty: 202 without a body, and then `pagey.ping` to the address of the subscription. */
function pingSubscription({ account, params }: Call): Reply {
  const subscription = account.webhookSubscriptions.get(params['id'] ?? '');
  if (subscription === undefined) throw notFound();
  account.requestWebhookPing(subscription.id);
  return { status: 202 };
}
