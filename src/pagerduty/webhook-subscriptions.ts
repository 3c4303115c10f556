import { z } from 'zod';
import { PagerDutyError, type Ask, type WebhookSubscription } from '../ports/pagerduty.ts';
import type { PagerDutyClient } from './http/client.ts';
import { listAll } from './http/paging.ts';
import { Id } from './schema.ts';

/** Scopes of an OAuth app for what follows; the service itself does without. */
export const LIST_WEBHOOKS_SCOPE = 'webhook_subscriptions.read';
export const PING_WEBHOOKS_SCOPE = 'webhook_subscriptions.write';

const Subscription = z
  .object({
    id: Id,
    active: z.boolean(),
    delivery_method: z.object({ url: z.string(), temporarily_disabled: z.boolean().nullish() }),
    events: z.array(z.string()),
    filter: z.object({ type: z.string(), id: z.string().nullish() }),
  })
  .transform(({ id, active, delivery_method: { url, temporarily_disabled }, events, filter }) => ({
    id,
    url,
    active,
    temporarilyDisabled: temporarily_disabled ?? false,
    events,
    filter: { type: filter.type, id: filter.id ?? null },
  }));

/** All of them, page by page, or a PagerDutyError. */
export async function webhookSubscriptions(
  client: PagerDutyClient,
  ask: Ask,
): Promise<readonly WebhookSubscription[]> {
  const about = { doing: 'list webhook subscriptions', scope: LIST_WEBHOOKS_SCOPE };
  const listing = { ...about, path: ['webhook_subscriptions'], rows: 'webhook_subscriptions' };
  return (await listAll(client, { ...listing, row: Subscription }, ask)).rows;
}

/** PagerDuty answers 202 without a body, and sends the event afterwards. */
export async function pingWebhook(client: PagerDutyClient, subscriptionId: string, ask: Ask): Promise<void> {
  try {
    const about = { doing: 'have a test event sent', scope: PING_WEBHOOKS_SCOPE, method: 'POST' } as const;
    const path = ['webhook_subscriptions', subscriptionId, 'ping'];
    await client.call({ ...about, path, answer: z.unknown() }, ask);
  } catch (error) {
    // Everywhere else an answer without JSON is none.
    if (error instanceof PagerDutyError && error.status === 202) return;
    throw error;
  }
}
