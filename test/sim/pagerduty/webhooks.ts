import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from './account.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from './durations.ts';
import type { IncidentEvent } from './incident-model.ts';
import type { WebhookSubscription } from './model.ts';
import { renderPing, renderWebhook, signWebhook } from './render-webhook.ts';

export interface WebhookOptions {
  /** PagerDuty waits five seconds for a 2xx. */
  readonly timeoutMs?: number;
  readonly retryDelayMs?: number;
  /** PagerDuty gives up after 48 hours. */
  readonly maxAttempts?: number;
  /** Waited before the first attempt of each delivery. */
  readonly delayMs?: number;
  /** How often each accepted delivery is sent in all: at least once means sometimes twice. */
  readonly copies?: number;
}

/** One attempt to hand over one webhook. */
export interface DeliveryAttempt {
  readonly subscriptionId: string;
  /** X-Webhook-Id: the same in every attempt and copy. */
  readonly webhookId: string;
  readonly eventType: string;
  /** Empty for a test event. */
  readonly incidentId: string;
  readonly attempt: number;
  readonly outcome: number | 'no-answer';
  readonly at: Date;
}

interface Delivery {
  readonly subscriptionId: string;
  readonly webhookId: string;
  readonly eventType: string;
  readonly incidentId: string;
  readonly body: string;
}

const DEFAULTS: Required<WebhookOptions> = {
  timeoutMs: 5 * SECOND_MS,
  retryDelayMs: MINUTE_MS,
  maxAttempts: 100,
  delayMs: 0,
  copies: 1,
};
const DROPS_UNTIL_DISABLED = 3;

/**
 * Sends webhooks v3. PagerDuty: in order for each subscription and incident, the later ones queueing behind a retry; 5xx,
 * 429, timeouts and connection failures are retried, any other refusal drops the webhook; three drops in a row switch the
 * subscription off for a day.
 */
export class Webhooks {
  readonly #account: Account;
  readonly #closing = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #attempts: DeliveryAttempt[] = [];
  readonly #dropsInARow = new Map<string, number>();
  #options: Required<WebhookOptions>;

  constructor(account: Account, options: WebhookOptions = {}) {
    this.#account = account;
    this.#options = { ...DEFAULTS, ...options };
    const ignoreEvents = account.onIncidentEvent((event) => this.#enqueue(event));
    const ignorePings = account.onWebhookPing((id) => this.#enqueuePing(id));
    this.#unsubscribe = () => {
      ignoreEvents();
      ignorePings();
    };
  }

  /** Applies to deliveries from now on. */
  configure(options: WebhookOptions): void {
    this.#options = { ...this.#options, ...options };
  }

  attempts(): readonly DeliveryAttempt[] {
    return [...this.#attempts];
  }

  /** Resolves when nothing is queued any more: all delivered or dropped. */
  async idle(): Promise<void> {
    while (this.#queues.size > 0) await Promise.all(this.#queues.values());
  }

  /** Stops at once; what is still queued is lost. */
  async close(): Promise<void> {
    this.#unsubscribe();
    this.#closing.abort();
    await this.idle();
  }

  #enqueue(event: IncidentEvent): void {
    for (const subscription of this.#account.webhookSubscriptions.all()) {
      if (!this.#isActive(subscription) || !isWanted(subscription, event)) continue;
      this.#queue({
        subscriptionId: subscription.id,
        webhookId: randomUUID(),
        eventType: event.type,
        incidentId: event.incident.id,
        body: renderWebhook(this.#account, event),
      });
    }
  }

  #enqueuePing(subscriptionId: string): void {
    const body = renderPing(this.#account);
    this.#queue({ subscriptionId, webhookId: randomUUID(), eventType: 'pagey.ping', incidentId: '', body });
  }

  /** In order for each subscription and incident. */
  #queue(delivery: Delivery): void {
    const queue = `${delivery.subscriptionId}/${delivery.incidentId}`;
    const before = this.#queues.get(queue) ?? Promise.resolve();
    const after = before
      .then(() => this.#deliver(delivery))
      .finally(() => {
        if (this.#queues.get(queue) === after) this.#queues.delete(queue);
      });
    this.#queues.set(queue, after);
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { delayMs, copies, retryDelayMs, maxAttempts } = this.#options;
    if (delayMs > 0) await this.#pause(delayMs);
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const outcome = await this.#attempt(delivery, attempt);
      if (outcome === undefined) return;
      if (isAccepted(outcome)) {
        this.#dropsInARow.delete(delivery.subscriptionId);
        for (let copy = 2; copy <= copies; copy += 1) await this.#attempt(delivery, attempt);
        return;
      }
      if (!isRetried(outcome)) break;
      await this.#pause(retryDelayMs);
    }
    this.#drop(delivery);
  }

  /** @returns undefined when there is no subscription to deliver to any more, or the server is closing */
  async #attempt(delivery: Delivery, attempt: number): Promise<DeliveryAttempt['outcome'] | undefined> {
    const subscription = this.#account.webhookSubscriptions.get(delivery.subscriptionId);
    if (subscription === undefined || !this.#isActive(subscription) || this.#closing.signal.aborted)
      return undefined;
    const outcome = await this.#post(subscription, delivery);
    const { subscriptionId, webhookId, eventType, incidentId } = delivery;
    const at = this.#account.clock.now();
    this.#attempts.push({ subscriptionId, webhookId, eventType, incidentId, attempt, outcome, at });
    return outcome;
  }

  async #post(subscription: WebhookSubscription, delivery: Delivery): Promise<DeliveryAttempt['outcome']> {
    try {
      const response = await fetch(subscription.url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'PagerDuty-Webhook/V3.0',
          'x-pagerduty-signature': signWebhook(delivery.body, subscription.secrets),
          'x-webhook-id': delivery.webhookId,
          'x-webhook-subscription': subscription.id,
        },
        body: delivery.body,
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#options.timeoutMs)]),
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      return 'no-answer';
    }
  }

  #drop(delivery: Delivery): void {
    const drops = (this.#dropsInARow.get(delivery.subscriptionId) ?? 0) + 1;
    this.#dropsInARow.set(delivery.subscriptionId, drops);
    const subscription = this.#account.webhookSubscriptions.get(delivery.subscriptionId);
    if (subscription === undefined || drops < DROPS_UNTIL_DISABLED) return;
    const temporarilyDisabledUntil = new Date(this.#account.clock.now().getTime() + DAY_MS);
    this.#account.webhookSubscriptions.put({ ...subscription, temporarilyDisabledUntil });
    this.#dropsInARow.delete(delivery.subscriptionId);
  }

  #isActive(subscription: WebhookSubscription): boolean {
    const until = subscription.temporarilyDisabledUntil;
    return subscription.active && (until === null || until <= this.#account.clock.now());
  }

  async #pause(ms: number): Promise<void> {
    // Ends early only when the server closes; the attempt that follows then finds that out.
    await delay(ms, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
  }
}

function isWanted(subscription: WebhookSubscription, event: IncidentEvent): boolean {
  const { filter, events } = subscription;
  const isInScope = filter.type === 'account_reference' || filter.id === event.incident.serviceId;
  return isInScope && events.includes(event.type);
}

function isAccepted(outcome: DeliveryAttempt['outcome']): boolean {
  return outcome !== 'no-answer' && outcome >= 200 && outcome < 300;
}

function isRetried(outcome: DeliveryAttempt['outcome']): boolean {
  return outcome === 'no-answer' || outcome === 429 || outcome >= 500;
}
