import { setTimeout as delay } from 'node:timers/promises';
import { localUrlOf } from '../config/http-address.ts';
import type { Config } from '../config/load.ts';
import { SECOND } from '../core/values/instant.ts';
import { failed, ok, type Finding } from '../doctor/finding.ts';
import { WEBHOOK_SUBJECT } from '../doctor/check-webhooks.ts';
import type { Clock } from '../ports/clock.ts';
import type { PagerDutyAdmin } from '../ports/pagerduty.ts';

/** PagerDuty sends a test event within moments. */
const ARRIVES_WITHIN_MS = 15 * SECOND;
const LOOK_EVERY_MS = 250;
const SCRAPE_DEADLINE_MS = 3 * SECOND;
const COUNTED = /^oncall_approver_webhooks_total\{outcome="(\w+)"\} (\d+)$/gmu;

/** How many webhooks came, by outcome. */
type Counts = ReadonlyMap<string, number>;

export interface PingOptions {
  readonly configFile: string;
  readonly config: Pick<Config, 'http' | 'webhookSecrets'>;
  readonly admin: Pick<PagerDutyAdmin, 'pingWebhook'>;
  readonly subscriptionIds: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Has PagerDuty send a test event by each subscription, and waits until it arrives with a right signature: at the service that
 * runs on this machine, as its metrics tell, or at a listener of our own where none runs. Throws PagerDutyError, HttpListenError.
 */
export async function pingWebhooks(options: PingOptions): Promise<readonly Finding[]> {
  await using counter = await openCounter(options);
  const findings: Finding[] = [];
  for (const id of options.subscriptionIds) findings.push(await ping(id, counter, options));
  return findings;
}

async function ping(id: string, counter: WebhookCounter, { admin, signal }: PingOptions): Promise<Finding> {
  const before = await counter.counts();
  await admin.pingWebhook(id, { signal });
  const until = performance.now() + ARRIVES_WITHIN_MS;
  for (;;) {
    const came = since(before, await counter.counts());
    if (came.some(([outcome]) => outcome === 'ping')) {
      const text = `the test event of subscription ${id} came to ${counter.name}, rightly signed`;
      return ok(WEBHOOK_SUBJECT, text);
    }
    if (performance.now() > until) return notArrived(id, counter.name, came);
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

function notArrived(id: string, name: string, came: readonly (readonly [string, number])[]): Finding {
  const text = `the test event of subscription ${id} did not come to ${name} within ${ARRIVES_WITHIN_MS / SECOND} s`;
  const refused = came.filter(([outcome]) => !['accepted', 'ignored', 'duplicate'].includes(outcome));
  if (refused.length === 0) {
    const remedy =
      "look whether the reverse proxy passes it on, to this instance, and whether PagerDuty's addresses are let through";
    return failed(WEBHOOK_SUBJECT, `${text}: ${remedy}`);
  }
  const outcomes = refused.map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const remedy =
    'the secret in `secret_files` has to be that of the subscription, and the reverse proxy must leave the body as it is';
  return failed(WEBHOOK_SUBJECT, `${text}, but something that was refused did (${outcomes}): ${remedy}`);
}

function since(before: Counts, after: Counts): readonly (readonly [string, number])[] {
  return [...after]
    .map(([outcome, count]) => [outcome, count - (before.get(outcome) ?? 0)] as const)
    .filter(([, count]) => count > 0);
}

interface WebhookCounter extends AsyncDisposable {
  readonly name: string;
  counts(): Promise<Counts>;
}

async function openCounter(options: PingOptions): Promise<WebhookCounter> {
  const url = localUrlOf(options.configFile) ?? '';
  const running = await countsAt(url);
  return running === null
    ? listen(options)
    : { ...theService(url), [Symbol.asyncDispose]: () => Promise.resolve() };
}

function theService(url: string) {
  return {
    name: `the service at ${url}`,
    async counts() {
      const counts = await countsAt(url);
      if (counts === null) throw new Error(`the service at ${url} does not answer any more: look at its log`);
      return counts;
    },
  };
}

/** Null where no service of ours answers. */
export async function countsAt(url: string): Promise<Counts | null> {
  try {
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(SCRAPE_DEADLINE_MS) });
    const page = await answer.text();
    if (!page.includes('oncall_approver_info{')) return null;
    return new Map([...page.matchAll(COUNTED)].map(([, outcome = '', count]) => [outcome, Number(count)]));
  } catch {
    return null;
  }
}

/** The route of the service, in its place. */
async function listen({ config, clock }: PingOptions): Promise<WebhookCounter> {
  const { http, webhookSecrets: secrets } = config;
  if (http === undefined) throw new Error('there is no `http` section');
  const [{ startHttpServer }, { pagerDutyWebhook }] = await Promise.all([
    import('../http/server.ts'),
    import('../http/pagerduty-webhook.ts'),
  ]);
  const counts = new Map<string, number>();
  const route = pagerDutyWebhook({
    secrets,
    clock,
    onWebhook: ({ outcome }) => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1),
    onNews: () => undefined,
  });
  const server = await startHttpServer({ listen: http.listen, plugins: [route], onFailure: () => undefined });
  return {
    name: `${server.url}, where no service runs`,
    counts: () => Promise.resolve(new Map(counts)),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
