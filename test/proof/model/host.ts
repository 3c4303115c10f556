import { WEBHOOK_PATH } from '../../../src/http/pagerduty-webhook.ts';
import { aSubscription } from '../../sim/pagerduty/builders.ts';
import { ServiceProcess } from '../../service/process.ts';
import type { Stage } from '../../service/stage.ts';
import { WEBHOOK_SECRET } from '../../service/webhook-stage.ts';

/** The service of a run: here, or as a process that can be killed. PagerDuty's webhooks follow it to its port. */
export class Host implements AsyncDisposable {
  readonly #stage: Stage;
  readonly #subscriptionId: string;
  #process: ServiceProcess | null = null;
  #isHere = false;

  constructor(stage: Stage, { hasWebhooks }: { readonly hasWebhooks: boolean }) {
    this.#stage = stage;
    const { account } = stage.pagerDuty;
    const nowhere = aSubscription({
      url: 'http://127.0.0.1:9/',
      secrets: [WEBHOOK_SECRET],
      active: hasWebhooks,
    });
    this.#subscriptionId = account.addWebhookSubscription(nowhere).id;
  }

  /** Whether it can be asked to look at something now. */
  get isHere(): boolean {
    return this.#isHere;
  }

  async startHere(): Promise<void> {
    const { url } = await this.#stage.startService();
    this.#isHere = true;
    this.#tellPagerDuty(url ?? '');
  }

  async startProcess(): Promise<void> {
    const service = new ServiceProcess(this.#stage.configFile);
    this.#process = service;
    await service.watching();
    const line = service.lines.find((text) => text.includes('"url"')) ?? '{}';
    this.#tellPagerDuty((JSON.parse(line) as { url?: string }).url ?? '');
  }

  /** Stopped in order, and started again. */
  async restart(): Promise<void> {
    if (this.#process !== null) {
      await this.#process.end('SIGTERM');
      await this.startProcess();
      return;
    }
    await this.#stage.stopService();
    await this.startHere();
  }

  /** Killed in the middle of whatever it does, and started again; in order where there is nothing to kill. */
  async crash(): Promise<void> {
    if (this.#process === null) return this.restart();
    await this.#process.end('SIGKILL');
    await this.startProcess();
  }

  /** From now on the service is here, so that it can be asked to finish. */
  async comeHere(): Promise<void> {
    if (this.#process === null) return;
    await this.#process.end('SIGKILL');
    this.#process = null;
    await this.startHere();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.end('SIGKILL');
  }

  #tellPagerDuty(url: string): void {
    const { webhookSubscriptions } = this.#stage.pagerDuty.account;
    const subscription = webhookSubscriptions.require(this.#subscriptionId);
    webhookSubscriptions.put({ ...subscription, url: url + WEBHOOK_PATH, temporarilyDisabledUntil: null });
  }
}
