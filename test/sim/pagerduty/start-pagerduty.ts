import type { Account } from './account.ts';
import { CallLog } from './call-log.ts';
import { SimulatedClock } from './clock.ts';
import { createControlServer } from './control-server.ts';
import { SECOND_MS } from './durations.ts';
import { Faults } from './faults.ts';
import { letTimePass } from './incident-life.ts';
import { listen, stop } from './listening.ts';
import { RateLimit, type RateLimitOptions } from './rate-limit.ts';
import { recordTo } from './recorder.ts';
import { referenceWorld } from './reference-world.ts';
import { createRestServer } from './rest-server.ts';
import { Webhooks, type WebhookOptions } from './webhooks.ts';
import { buildAccount } from './world.ts';

export interface PagerDutyOptions {
  /** Default: the reference world, laid out around the clock's now. */
  readonly account?: Account;
  /** Default: any free port. */
  readonly port?: number;
  /** Default: no control API. */
  readonly controlPort?: number;
  /** Added to every call, in milliseconds. */
  readonly latencyMs?: number;
  /** A file to which every exchange is appended, as JSON Lines. */
  readonly record?: string | undefined;
  readonly rateLimit?: RateLimitOptions;
  readonly webhooks?: WebhookOptions;
}

export interface SimulatedPagerDuty extends AsyncDisposable {
  /** Base URL of the REST API, without a slash at the end. */
  readonly url: string;
  /** Base URL of the control API; undefined when it was not asked for. */
  readonly controlUrl: string | undefined;
  readonly account: Account;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly webhooks: Webhooks;
  setLatency(ms: number): void;
  /** To so many requests a minute and key, from the next minute on. */
  raiseLimit(perMinute: number): void;
  /**
   * Resolves as soon as the condition holds, looking again after every change and every call.
   * @throws Error after `deadlineMs` (5000)
   */
  until(condition: () => boolean, options?: { readonly deadlineMs?: number }): Promise<void>;
}

/** Starts a simulated PagerDuty on loopback. Disposing of it cuts every connection. */
export async function startPagerDuty(options: PagerDutyOptions = {}): Promise<SimulatedPagerDuty> {
  const account = options.account ?? defaultAccount();
  const faults = new Faults();
  const calls = new CallLog();
  const webhooks = new Webhooks(account, options.webhooks);
  let latencyMs = options.latencyMs ?? 0;

  const rateLimit = new RateLimit(options.rateLimit);
  const restServer = createRestServer({
    account,
    calls,
    faults,
    rateLimit,
    latencyMs: () => latencyMs,
    record: options.record === undefined ? undefined : recordTo(options.record),
  });
  const controlServer =
    options.controlPort === undefined ? undefined : createControlServer({ account, faults, calls, webhooks });

  const url = await listen(restServer, options.port ?? 0);
  const controlUrl = controlServer && (await listen(controlServer, options.controlPort ?? 0));
  const escalation = setInterval(() => letTimePass(account), SECOND_MS).unref();
  const ignoreClock = account.clock.onChange(() => letTimePass(account));

  return {
    url,
    controlUrl,
    account,
    faults,
    calls,
    webhooks,
    setLatency: (ms) => void (latencyMs = ms),
    raiseLimit: (perMinute) => rateLimit.raise(perMinute),
    until: (condition, { deadlineMs = 5 * SECOND_MS } = {}) =>
      until({ account, calls, condition, deadlineMs }),
    async [Symbol.asyncDispose]() {
      clearInterval(escalation);
      ignoreClock();
      await Promise.all([webhooks.close(), stop(restServer), controlServer && stop(controlServer)]);
    },
  };
}

function defaultAccount(): Account {
  const clock = new SimulatedClock();
  return buildAccount(referenceWorld(clock.now()), clock);
}

async function until(options: {
  readonly account: Account;
  readonly calls: CallLog;
  readonly condition: () => boolean;
  readonly deadlineMs: number;
}): Promise<void> {
  const { account, calls, condition, deadlineMs } = options;
  if (condition()) return;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const look = () => {
    try {
      if (condition()) resolve(undefined);
    } catch (error) {
      // Thrown on, it would strike whoever made the change that is being looked at.
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const ignoreChanges = account.onChange(look);
  const ignoreCalls = calls.onChange(look);
  const deadline = setTimeout(() => {
    reject(new Error(`condition did not hold within ${deadlineMs} ms`));
  }, deadlineMs);
  try {
    await promise;
  } finally {
    clearTimeout(deadline);
    ignoreChanges();
    ignoreCalls();
  }
}
