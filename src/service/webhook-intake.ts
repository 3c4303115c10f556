import type { Secret } from '../config/secret.ts';
import type { RequestId } from '../core/access-request.ts';
import type { Instant } from '../core/values/instant.ts';
import { pagerDutyWebhook } from '../http/pagerduty-webhook.ts';
import type { HttpPlugin } from '../http/server.ts';
import type { Clock } from '../ports/clock.ts';
import type { Incidents } from '../ports/pagerduty.ts';
import type { Reporter } from '../ports/reporter.ts';
import { createWebhookHearing, type WebhookHearing } from '../review/follow-up/hear-webhooks.ts';

export interface WebhookIntakeOptions {
  /** None: there is no route for webhooks. */
  readonly secrets: readonly Secret[];
  readonly clock: Clock;
  readonly reporter: Reporter;
}

/** What only exists once Teleport was reached, later than the listener. */
export interface WebhookDependencies {
  readonly incidents: Incidents;
  readonly signal: AbortSignal;
  readonly lookAgain: (requestId: RequestId) => Promise<void>;
}

/** PagerDuty's webhooks, from the route to the request that they are about. */
export interface WebhookIntake {
  readonly plugins: readonly HttpPlugin[];
  /** From now on webhooks are heard. Those from before are answered only: a start looks at everything that is open anyway. */
  listen(dependencies: WebhookDependencies): void;
  /** Whether one came at this time or later. */
  cameSince(since: Instant): boolean;
}

export function createWebhookIntake({ secrets, clock, reporter }: WebhookIntakeOptions): WebhookIntake {
  let hearing: WebhookHearing | null = null;
  const route = pagerDutyWebhook({
    secrets,
    clock,
    onWebhook: (seen) => reporter.webhook(seen),
    onNews: (news) => void hearing?.hear(news),
  });
  return {
    plugins: secrets.length === 0 ? [] : [route],
    listen(dependencies) {
      hearing = createWebhookHearing({ ...dependencies, clock, reporter });
    },
    cameSince: (since) => hearing?.cameSince(since) ?? false,
  };
}
