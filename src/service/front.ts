import { createLiveView, type LiveView } from './live-view.ts';
import type { Basis, Outside } from './outside.ts';
import { keepRecord, type RecordKeeping } from './record-keeping.ts';
import { createWebhookIntake, type WebhookIntake } from './webhook-intake.ts';

/** What people and PagerDuty see of the service: pages, health, metrics, and the route for webhooks. */
export interface Front {
  readonly view: LiveView;
  readonly record: RecordKeeping;
  readonly webhooks: WebhookIntake;
  /** Where it answers; null without a server of its own. */
  readonly url: string | null;
  /** Teleport's web address is known now. */
  linksTo(proxyPublicAddr: string): void;
}

/** Answers before Teleport is reached, so that health says what is waited for; `resources` closes it. */
export async function openFront(
  { config, clock, reporter, monitoring }: Basis,
  { ledger: { ledger }, pagerduty, teleport }: Outside,
  resources: AsyncDisposableStack,
): Promise<Front> {
  let proxyPublicAddr = '';
  const view = createLiveView();
  const record = resources.use(
    await keepRecord({
      ...{ config, ledger, clock, reporter, live: view.live },
      proxyPublicAddr: () => proxyPublicAddr,
    }),
  );
  const webhooks = createWebhookIntake({ secrets: config.webhookSecrets, clock, reporter });
  const listener = await monitoring?.listen({
    plugins: (readiness) => {
      view.watch(readiness);
      return [...record.plugins, ...webhooks.plugins];
    },
    forecast: view.rules,
    roster: view.roster,
    ledger,
    pagerduty,
    identityExpires: () => teleport.identityExpires(),
  });
  resources.use(listener);
  return {
    ...{ view, record, webhooks, url: listener?.url ?? null },
    linksTo(address) {
      proxyPublicAddr = address;
    },
  };
}
