import type { Config } from '../config/load.ts';
import type { RequestId } from '../core/access-request.ts';
import { instantOf } from '../core/values/instant.ts';
import { sha256 } from '../ledger/chain.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import type { Monitoring } from './monitoring.ts';
import { connectPagerDuty } from '../pagerduty/connect.ts';
import type { Clock } from '../ports/clock.ts';
import type { Reporter } from '../ports/reporter.ts';
import { TeleportError, type Cluster } from '../ports/teleport.ts';
import type { Dependencies, ResolveWith, WayToResolve } from '../review/dependencies.ts';
import { lookBackOf, targetsIn } from '../review/facts/read-on-call.ts';
import { openPolicySource } from '../review/policy-source.ts';
import { keepRecord, PRUNE_EVERY } from './record-keeping.ts';
import { createRoster } from '../roster/create-roster.ts';
import { shareSearches } from '../roster/shared-searches.ts';
import { connectTeleport } from '../teleport/connect.ts';
import { VERSION } from '../version.ts';
import { reachTeleport, rootClusterOf, teleportOptions } from './connections.ts';
import { watchLoginStates } from './login-states.ts';
import { keepForecast } from './foresight.ts';
import { createLiveView } from './live-view.ts';
import { createWebhookIntake } from './webhook-intake.ts';
import { wayToResolve } from './way-to-resolve.ts';
import { createWork } from './work.ts';

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
  const monitoring = await monitored(config, options.reporter, clock);
  const reporter = monitoring?.reporter ?? options.reporter;
  await using resources = new AsyncDisposableStack();

  const { ledger, claims, addresses, sightings, keyMac } = resources.use(
    await openLedger(config.ledger, signal, ({ requestId, message }) =>
      reporter.recordForged({ requestId, cause: message }),
    ),
  );
  const pagerduty = resources.use(
    connectPagerDuty({
      ...config.pagerduty,
      version: VERSION,
      clock,
      random,
      onExchange: (exchange) => monitoring?.onExchange(exchange),
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
    ledger,
    pagerduty,
    identityExpires: () => teleport.identityExpires(),
  });
  resources.use(listener);
  const cluster = await reachTeleport(teleport.admin, reporter, random, signal);
  ({ proxyPublicAddr } = cluster);

  const policies = await openPolicySource(config.policyNow, { ledger, clock, digest: sha256, reporter });
  const loginStates = watchLoginStates(teleport.users, reporter);
  const resolving = wayToResolve(config, cluster, { admin: teleport.admin, reporter });
  const running = new AbortController();
  const { freshMs } = config.pagerduty;
  const roster = createRoster({
    directory: pagerduty.directory,
    clock,
    sightings,
    freshnessMs: freshMs,
    lookBackMs: () => lookBackOf(policies.inForce().policy),
    signal: running.signal,
    ahead: {
      targets: () => targetsIn(policies.inForce().policy),
      share: config.rosterShare,
      limits: () => pagerduty.limits(),
    },
  });
  const incidents = shareSearches(pagerduty.incidents, { freshMs, stop: running.signal });
  const dependencies: Dependencies = {
    requests: teleport.requests,
    users: loginStates.users,
    locks: teleport.locks,
    nodes: teleport.nodes,
    rootCluster: rootClusterOf(cluster),
    webhookCameSince: (since) => webhooks.cameSince(since),
    directory: pagerduty.directory,
    roster,
    incidents,
    addresses,
    pulse: pagerduty.pulse,
    ledger,
    reporter,
    clock,
    random,
    digest: sha256,
    policyInForce: policies.inForce,
    setting: {
      proxyPublicAddr: cluster.proxyPublicAddr,
      get resolveWith() {
        return resolving.now();
      },
      keyMac,
    },
    resolving,
    ownUser: teleport.admin.ownUser(),
  };

  const { lookAhead } = pagerduty;
  const forecast = keepForecast(
    () => ({
      policy: policies.inForce().policy,
      directory: pagerduty.directory,
      roster,
      users: teleport.users,
      pagerDuty: lookAhead,
      teleport: teleport.lookAhead,
    }),
    clock,
  );
  view.begin({ dependencies, lookAhead, forecast });
  const foretell = () => forecast.refresh(running.signal);
  const probeLoginStates = () => loginStates.probe(dependencies, running.signal);
  const work = createWork(dependencies, {
    claims,
    openHistory: () => record.openSealed(),
    signal: running.signal,
    jobs: [
      { name: 'edition', expression: '0 7 * * * *', run: () => askAnew(resolving, running.signal) },
      { name: 'login-states', expression: '30 * * * * *', run: probeLoginStates },
      ...(config.http === undefined
        ? []
        : [{ name: 'forecast', expression: '45 */10 * * * *', run: foretell }]),
      { name: 'prune', expression: PRUNE_EVERY, run: () => record.prune() },
      { name: 'policy', expression: '*/10 * * * * *', run: () => policies.refresh() },
    ],
  });
  webhooks.listen({
    incidents,
    signal: running.signal,
    lookAgain: (id) => work.look(id),
  });
  void probeLoginStates();
  const renewing = roster.run();
  // Pages are looked at when something is wrong: they wait for no schedule.
  if (config.pages !== null) void foretell();
  // Who is put under a target from now on is new there.
  await roster.ready();
  await work.start();
  const owned = resources.move();
  return {
    cluster,
    url: listener?.url ?? null,
    resolveWith: resolving.now(),
    sweepNow: () => work.sweepNow(),
    async lookAgain(requestId) {
      await work.look(requestId);
      await work.idle();
    },
    async stop() {
      running.abort();
      const left = await work.stop();
      await renewing;
      await owned.disposeAsync();
      return left;
    },
  };
}

/** The edition that cannot be asked for now is asked for the next hour; before a state is set it is asked for anyway. */
async function askAnew(resolving: WayToResolve, signal: AbortSignal): Promise<void> {
  try {
    await resolving.askAnew(signal);
  } catch (error) {
    if (!signal.aborted && !(error instanceof TeleportError)) throw error;
  }
}

/** Health and metrics, where they are asked for: else the service need not carry their libraries in memory. */
async function monitored(
  { http, ledger }: Config,
  reporter: Reporter,
  clock: Clock,
): Promise<Monitoring | null> {
  if (http === undefined) return null;
  const monitoring = await import('./monitoring.ts');
  return monitoring.monitor({ http, reporter, clock, isSealed: ledger.key !== undefined });
}
