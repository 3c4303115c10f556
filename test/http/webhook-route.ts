import { randomUUID } from 'node:crypto';
import { instantOf, type Instant } from '../../src/core/values/instant.ts';
import { pagerDutyWebhook, WEBHOOK_PATH, type WebhookSeen } from '../../src/http/pagerduty-webhook.ts';
import { startHttpServer } from '../../src/http/server.ts';
import type { WebhookSecret } from '../../src/http/webhook-event.ts';
import type { IncidentNews } from '../../src/ports/webhooks.ts';
import { signWebhook } from '../sim/pagerduty/render-webhook.ts';

export const SECRET = 'webhook-secret-1';

/** The webhook route on a server of its own, and what it told of. */
export interface WebhookRoute extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly WebhookSeen[];
  readonly news: readonly IncidentNews[];
  readonly failures: readonly { readonly route: string; readonly cause: string }[];
  outcomes(): readonly string[];
  /** Lets the route's own time pass. */
  passMs(ms: number): void;
  now(): Instant;
}

export async function startRoute(
  options: { readonly secrets?: readonly WebhookSecret[]; readonly onNews?: () => void } = {},
): Promise<WebhookRoute> {
  const seen: WebhookSeen[] = [];
  const news: IncidentNews[] = [];
  const failures: { readonly route: string; readonly cause: string }[] = [];
  let nowMs = Date.now();
  const now = () => instantOf(nowMs);
  const route = pagerDutyWebhook({
    secrets: options.secrets ?? [secret(SECRET)],
    clock: { now },
    onWebhook: (event) => seen.push(event),
    onNews(each) {
      news.push(each);
      options.onNews?.();
    },
  });
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    plugins: [route],
    onFailure: (failure) => failures.push(failure),
  });
  return {
    url: server.url + WEBHOOK_PATH,
    seen,
    news,
    failures,
    outcomes: () => seen.map(({ outcome }) => outcome),
    passMs: (ms) => (nowMs += ms),
    now,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

export function secret(text: string): WebhookSecret {
  return { reveal: () => text };
}

/** The body of a webhook about a note on incident PINCDT1, unless told otherwise. */
export function aWebhook(event: Record<string, unknown> = {}): string {
  return JSON.stringify({
    event: {
      id: randomUUID(),
      event_type: 'incident.annotated',
      resource_type: 'incident',
      occurred_at: new Date().toISOString(),
      agent: { id: 'PSAM1RE', type: 'user_reference' },
      client: null,
      data: { id: 'PNOTE01', type: 'incident_note', content: 'approve', incident: { id: 'PINCDT1' } },
      ...event,
    },
  });
}

/** Sends a body as PagerDuty would, signed with `SECRET` unless told; a null signature is left out. */
export async function post(
  url: string,
  body: string,
  { signature = signWebhook(body, [SECRET]) }: { readonly signature?: string | null } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-webhook-id': randomUUID(),
      ...(signature === null ? {} : { 'x-pagerduty-signature': signature }),
    },
  });
  return { status: answer.status, text: await answer.text() };
}
