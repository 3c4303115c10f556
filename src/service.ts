import type { Config } from './config/load.ts';
import { backoffMs, type Backoff } from './core/backoff.ts';
import { isResolved, type RequestId } from './core/access-request.ts';
import { instantOf, SECOND } from './core/instant.ts';
import { sha256 } from './ledger/chain.ts';
import { openLedger } from './ledger/open-ledger.ts';
import type { Observation as Observing } from './observation.ts';
import { connectPagerDuty } from './pagerduty/connect.ts';
import type { Claims } from './ports/claims.ts';
import type { Clock } from './ports/clock.ts';
import { AlreadyRecordedError } from './ports/ledger.ts';
import type { Reporter } from './ports/reporter.ts';
import { TeleportError, type Cluster, type TeleportAdmin } from './ports/teleport.ts';
import { claimed, createTakeOver } from './review/claimed.ts';
import type { Dependencies, ResolveWith } from './review/dependencies.ts';
import { keepNamesWarm } from './review/keep-names-warm.ts';
import { createRequestHandler, type Observation } from './review/handle-request.ts';
import { openPolicySource } from './review/policy-source.ts';
import { createSweep } from './review/sweep.ts';
import { keepRecord, PRUNE_EVERY } from './record-keeping.ts';
import { createSchedule } from './schedule/cron.ts';
import { connectTeleport } from './teleport/connect.ts';
import { VERSION } from './version.ts';
import { createWebhookIntake } from './webhook-intake.ts';
import { KeyedQueue } from './watcher/keyed-queue.ts';
import { createWatcher } from './watcher/watch-requests.ts';
import { setTimeout as delay } from 'node:timers/promises';

/** How many requests are handled at once. */
const CONCURRENCY = 32;
/** What is under way at shutdown may take this long; the rest is resumed by the next start. */
const DRAIN_DEADLINE_MS = 10 * SECOND;
const HANDLING_BACKOFF: Backoff = { firstMs: 2 * SECOND, maxMs: 30 * SECOND };
const START_BACKOFF: Backoff = { firstMs: SECOND, maxMs: 30 * SECOND };

export interface Service {
  readonly cluster: Cluster;
  readonly resolveWith: ResolveWith;
  /** Where its own HTTP server answers; null without one. */
  readonly url: string | null;
  /** Looks for work that no event brings, now instead of on schedule, and waits until it is handled. */
  sweepNow(): Promise<void>;
  /** Looks at one request again now, and waits until it is handled: a webhook told of something new. */
  lookAgain(requestId: RequestId): Promise<void>;
  /** Stops taking in, lets what is under way finish, closes everything; gives how many requests were left for the next start. */
  stop(): Promise<number>;
}

export interface ServiceOptions {
  readonly config: Config;
  readonly reporter: Reporter;
  /** Aborts a start that is still trying to reach Teleport. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly random?: () => number;
}

const systemClock: Clock = { now: () => instantOf(Date.now()) };

/**
 * The composition root: the one place that knows every part. Connects, records the policy in force, and starts to watch.
 * Waits for a Teleport that is down; throws TeleportError or LedgerUnavailableError for what only a person can mend.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, signal } = options;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const observation = await observe(config, options.reporter, clock);
  const reporter = observation?.reporter ?? options.reporter;
  await using resources = new AsyncDisposableStack();

  const { ledger, claims } = resources.use(await openLedger(config.ledger, signal));
  const pagerduty = resources.use(
    connectPagerDuty({
      ...config.pagerduty,
      version: VERSION,
      clock,
      random,
      onExchange: (exchange) => observation?.onExchange(exchange),
    }),
  );
  const teleport = resources.adopt(
    await connectTeleport({
      ...teleportOptions(config),
      onIdentityRenewed: ({ expires }) => reporter.identityRenewed({ expires }),
      onIdentityProblem: ({ message }) => reporter.identityProblem({ cause: message }),
    }),
    (each) => each.close(),
  );
  let proxyPublicAddr = '';
  const record = resources.use(
    await keepRecord({ config, ledger, clock, reporter, proxyPublicAddr: () => proxyPublicAddr }),
  );
  const webhooks = createWebhookIntake({ secrets: config.webhookSecrets, clock, reporter });
  const listener = await observation?.listen({
    plugins: [...record.plugins, ...webhooks.plugins],
    ledger,
    pagerduty,
    identityExpires: () => teleport.identityExpires(),
  });
  resources.use(listener);
  const cluster = await reachTeleport(teleport.admin, reporter, random, signal);
  ({ proxyPublicAddr } = cluster);

  const policies = await openPolicySource(config.policyNow, { ledger, clock, digest: sha256, reporter });
  const resolveWith = resolveWithOf(config, cluster);
  const dependencies: Dependencies = {
    requests: teleport.requests,
    users: teleport.users,
    locks: teleport.locks,
    webhookCameSince: (since) => webhooks.cameSince(since),
    directory: pagerduty.directory,
    incidents: pagerduty.incidents,
    ledger,
    reporter,
    clock,
    random,
    digest: sha256,
    policyInForce: policies.inForce,
    setting: { proxyPublicAddr: cluster.proxyPublicAddr },
    resolveWith,
    ownUser: teleport.admin.ownUser(),
  };

  const queue = createQueue(dependencies, claims);
  const watcher = createWatcher({
    requests: teleport.requests,
    clock,
    random,
    reporter,
    onSighting: (sighting) => queue.push(sighting),
  });
  const sweep = createSweep({
    ...dependencies,
    listPending: (each) => watcher.list(each),
    isBusy: (id) => queue.isBusy(id),
    repeating: (id) => queue.repeating(id),
    handle: (observed) => queue.push(observed),
  });
  const takeOver = createTakeOver({
    ...dependencies,
    claims,
    isBusy: (id) => queue.isBusy(id),
    handle: (observed) => queue.push(observed),
  });
  const running = new AbortController();
  webhooks.listen({
    incidents: pagerduty.incidents,
    signal: running.signal,
    async lookAgain(id) {
      queue.push({ id, request: await teleport.requests.find(id, running.signal) });
    },
  });
  const schedule = createSchedule([
    { name: 'sweep', expression: '0 * * * * *', run: () => sweep.sweep(running.signal) },
    { name: 'names', expression: '*/20 * * * * *', run: () => keepNamesWarm(dependencies, running.signal) },
    { name: 'prune', expression: PRUNE_EVERY, run: () => record.prune() },
    { name: 'policy', expression: '*/10 * * * * *', run: () => policies.refresh() },
    { name: 'take-over', expression: '*/3 * * * * *', run: () => takeOver(running.signal) },
    { name: 'resume', expression: '*/20 * * * * *', run: () => sweep.resume(running.signal) },
  ]);

  const watching = watcher.run(running.signal);
  await schedule.start();
  void keepNamesWarm(dependencies, running.signal);
  await sweep.resume(running.signal);
  const owned = resources.move();
  return {
    cluster,
    url: listener?.url ?? null,
    resolveWith,
    async sweepNow() {
      await sweep.sweep(running.signal);
      await queue.idle();
    },
    async lookAgain(requestId) {
      queue.push({ id: requestId, request: await teleport.requests.find(requestId, running.signal) });
      await queue.idle();
    },
    async stop() {
      running.abort();
      await Promise.all([watching, schedule.stop()]);
      const left = await queue.drain(DRAIN_DEADLINE_MS);
      await owned.disposeAsync();
      return left;
    },
  };
}

/** Requests side by side, the events of one request in order; whatever fails is reported here and comes back. */
function createQueue(dependencies: Dependencies, claims: Claims): KeyedQueue<Observation> {
  const { reporter, random } = dependencies;
  const handleRequest = claimed(createRequestHandler(dependencies), claims);
  const failures = new Map<string, number>();
  return new KeyedQueue<Observation>({
    concurrency: CONCURRENCY,
    keyOf: ({ id }) => id,
    supersedes: (_newer, { request }) => request !== null && !isResolved(request),
    async handle(observed, signal) {
      try {
        const { comeBackInMs } = await handleRequest(observed, signal);
        failures.delete(observed.id);
        return comeBackInMs;
      } catch (error) {
        if (signal.aborted) return null;
        if (error instanceof AlreadyRecordedError) return 0;
        const attempt = (failures.get(observed.id) ?? 0) + 1;
        failures.set(observed.id, attempt);
        const retryInMs = backoffMs(HANDLING_BACKOFF, attempt, random());
        const cause = error instanceof Error ? error.message : String(error);
        reporter.handlingFailed({ requestId: observed.id, cause, retryInMs });
        return retryInMs;
      }
    },
  });
}

/** Health and metrics, where they are asked for: else the service need not carry their libraries in memory. */
async function observe({ http }: Config, reporter: Reporter, clock: Clock): Promise<Observing | null> {
  if (http === undefined) return null;
  const observation = await import('./observation.ts');
  return observation.observe({ http, reporter, clock });
}

/** Teleport Community has no reviews: there the state is set. */
export function resolveWithOf(config: Config, cluster: Cluster): ResolveWith {
  const { resolve_with: configured } = config.teleport;
  if (configured !== 'auto') return configured;
  return cluster.advancedWorkflows ? 'review' : 'state';
}

/** How to reach Teleport, in the adapter's terms. */
export function teleportOptions({ teleport, network }: Config): Parameters<typeof connectTeleport>[0] {
  const { addr, via, cluster, proxy_ca, identity, client_crt, client_key, root_cas } = teleport;
  return {
    addr,
    identity:
      identity === undefined
        ? { clientCrt: client_crt ?? '', clientKey: client_key ?? '', rootCas: root_cas ?? '' }
        : { file: identity },
    httpProxy: network.teleportProxy,
    connectionUpgrade: network.connectionUpgrade,
    ...(via === 'auto' ? {} : { via }),
    ...(cluster === undefined ? {} : { clusterName: cluster }),
    ...(proxy_ca === undefined ? {} : { proxyCaFile: proxy_ca }),
  };
}

async function reachTeleport(
  admin: TeleportAdmin,
  reporter: Reporter,
  random: () => number,
  signal: AbortSignal,
): Promise<Cluster> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await admin.ping(signal);
    } catch (error) {
      if (!(error instanceof TeleportError) || !error.transient) throw error;
      const retryInMs = backoffMs(START_BACKOFF, attempt, random());
      reporter.watchLost({ cause: error.message, retryInMs });
      await delay(retryInMs, undefined, { signal });
    }
  }
}
