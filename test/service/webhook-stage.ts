import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WEBHOOK_PATH } from '../../src/http/pagerduty-webhook.ts';
import { aSubscription } from '../sim/pagerduty/builders.ts';
import type { WebhookSubscription } from '../sim/pagerduty/model.ts';
import { Stage, type StageOptions } from './stage.ts';

export const WEBHOOK_SECRET = 'a secret of the webhook subscription';
const SECRET_FILES = ['webhook-secret', 'webhook-secret-next'];
/** The `http` section that goes with `writeSecrets`. */
export const WEBHOOKS = { listen: '127.0.0.1:0', pagerduty_webhook: { secret_files: SECRET_FILES } };

export interface WebhookStage extends AsyncDisposable {
  readonly stage: Stage;
  readonly subscription: WebhookSubscription;
}

/** A stage on which PagerDuty tells the service of everything. */
export async function openWithWebhooks(options: StageOptions = {}): Promise<WebhookStage> {
  const stage = await Stage.open({ ...options, config: { http: WEBHOOKS, ...options.config }, start: false });
  await writeSecrets(stage, [WEBHOOK_SECRET, 'another secret, for the next rotation']);
  await stage.startService();
  const url = webhookUrl(stage);
  const subscription = stage.pagerDuty.account.addWebhookSubscription(
    aSubscription({ url, secrets: [WEBHOOK_SECRET] }),
  );
  return { stage, subscription, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

export function webhookUrl(stage: Stage): string {
  return `${stage.service.url ?? ''}${WEBHOOK_PATH}`;
}

/** What the service finds in the files of its secrets, at its next look. */
export async function writeSecrets(stage: Stage, secrets: readonly string[]): Promise<void> {
  for (const [index, file] of SECRET_FILES.entries()) {
    await writeFile(join(stage.folder, file), secrets[index] ?? '', { mode: 0o600 });
  }
}
