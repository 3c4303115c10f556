import type { Config } from '../config/load.ts';
import type { RequestId } from '../core/access-request.ts';
import { sha256 } from '../ledger/rows.ts';
import type { Clock } from '../ports/clock.ts';
import type { Reporter } from '../ports/reporter.ts';
import { TeleportError, type Cluster } from '../ports/teleport.ts';
import type { Dependencies, ResolveWith, WayToResolve } from '../review/dependencies.ts';
import { lookBackOf, targetsIn } from '../review/facts/read-on-call.ts';
import { openPolicySource, type PolicySource } from '../review/policy-source.ts';
import type { OnCallDirectory } from '../ports/pagerduty.ts';
import { pinnedDirectory } from '../roster/pinned-directory.ts';
import { OwnershipWatch } from '../roster/ownership-watch.ts';
import { createRoster, type RunningRoster } from '../roster/create-roster.ts';
import { shareSearches, shareUsers } from '../roster/shared-reading.ts';
import { reachTeleport, rootClusterOf } from './connections.ts';
import { combineReporters } from '../telemetry/combine-reporters.ts';
import type { OpenTelemetry } from '../telemetry/otlp/connect.ts';
import { VERSION } from '../version.ts';
import { keepForecast } from './foresight.ts';
import { openFront, type Front } from './front.ts';
import { watchLoginStates, type WatchedLoginStates } from './login-states.ts';
import type { Monitoring } from './monitoring.ts';
import { OwnedServices, ownedThings } from './owned-services.ts';
import { connectOutside, type Basis, type Outside } from './outside.ts';
import { PRUNE_EVERY } from './record-keeping.ts';
import { createReloading, type ConfigurationSource } from './reloading.ts';
import { systemClock } from './system-clock.ts';
import { usageJob } from './usage-job.ts';
import { wayToResolve } from './way-to-resolve.ts';
import type { WebhookIntake } from './webhook-intake.ts';
import { createWork, type Work } from './work.ts';

export interface Service {
  readonly cluster: Cluster;
  readonly resolveWith: ResolveWith;
  /** Where its own HTTP server answers; null without one. */
  readonly url: string | null;
  /** Looks for work that no event brings, now instead of on schedule, and waits until it is handled. */
  sweepNow(): Promise<void>;
  /** Looks at one request again now, and waits until it is handled: a webhook told of something new. */
  lookAgain(requestId: RequestId): Promise<void>;
  /** Reads rules, identities and keys again, and puts them in force once they are recorded; wrong ones change nothing, and are told. */
  reload(): Promise<void>;
  /** Stops taking in, lets what is under way finish, closes everything; gives how many requests were left for the next start. */
  stop(): Promise<number>;
}

export interface ServiceOptions {
  readonly config: Config;
  readonly reporter: Reporter;
  /** Aborts a start that is still trying to reach Teleport. */
  readonly signal: AbortSignal;
  /** Where the configuration is read again; without it, it stays as it is. */
  readonly source?: ConfigurationSource;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/**
 * The composition root: the one place that knows every part. Connects, records the policy in force, and starts to watch.
 * Waits for a Teleport that is down; throws TeleportError or LedgerUnavailableError for what only a person can mend.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  await using resources = new AsyncDisposableStack();
  const basis = await basisOf(options, resources);
  const outside = await connectOutside(basis, resources);
  const front = await openFront(basis, outside, resources);
  const { admin } = outside.teleport;
  const cluster = await reachTeleport(admin, basis.reporter, basis.random, basis.signal);
  front.linksTo(cluster.proxyPublicAddr);
  const running = new AbortController();
  // What is under way at the end still needs the answers that it waits for.
  const reading = new AbortController();
  const inner = await assemble(basis, outside, { cluster, webhooks: front.webhooks, signal: reading.signal });
  const renewing = inner.roster.run();
  const work = createWorkOf({ ...inner, signal: running.signal }, basis, outside, front);
  // Who is put under a target from now on is new there.
  await inner.roster.ready();
  await work.start();
  const owned = resources.move();
  return {
    cluster,
    url: front.url,
    resolveWith: inner.dependencies.resolving.now(),
    sweepNow: () => work.sweepNow(),
    async lookAgain(requestId) {
      await work.look(requestId);
      await work.idle();
    },
    async reload() {
      await basis.reloading.reload();
      await inner.policies.refresh();
    },
    async stop() {
      running.abort();
      const left = await work.stop();
      reading.abort();
      await renewing;
      await owned.disposeAsync();
      return left;
    },
  };
}

async function basisOf(
  { config, signal, ...options }: ServiceOptions,
  resources: AsyncDisposableStack,
): Promise<Basis> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const otlp = await openTelemetry(config, options.reporter);
  // Closed last: it tells of all that was closed before.
  resources.use(otlp);
  const tracing = otlp?.tracing ?? null;
  const told = tracing === null ? options.reporter : combineReporters([options.reporter, tracing.reporter]);
  const monitoring = await monitored(config, told, clock, otlp);
  const reporter = monitoring?.reporter ?? told;
  const source = options.source ?? { read: () => config, text: () => '' };
  const reloading = createReloading(config, source, reporter);
  return { config, reloading, clock, random, reporter, monitoring, tracing, signal };
}

/** What the use cases work with, and what of it has to be kept going. */
interface Inner {
  readonly dependencies: Dependencies;
  readonly policies: PolicySource;
  readonly roster: RunningRoster;
  readonly owned: OwnedServices;
  readonly ownership: OwnershipWatch;
  readonly loginStates: WatchedLoginStates;
  /** Aborts when the service stops. */
  readonly signal: AbortSignal;
}

/** Records the policy in force. Throws LedgerUnavailableError. */
async function assemble(
  { config, reloading, clock, random, reporter }: Basis,
  { ledger: { ledger, addresses, pins, sightings, keyMac }, pagerduty, teleport }: Outside,
  { cluster, webhooks, signal }: { cluster: Cluster; webhooks: WebhookIntake; signal: AbortSignal },
): Promise<Inner> {
  const policies = await openPolicySource(() => reloading.policyNow(), {
    ledger,
    clock,
    digest: sha256,
    reporter,
  });
  const loginStates = watchLoginStates(teleport.users, reporter);
  const resolving = wayToResolve(config, cluster, { admin: teleport.admin, reporter });
  const { directory } = pagerduty;
  const { freshMs } = config.pagerduty;
  const owned = new OwnedServices({
    ...{ directory, resources: teleport.nodes },
    policy: () => policies.inForce().policy,
  });
  const rules = () => policies.inForce().policy.rules;
  const ownership = new OwnershipWatch({
    ...{ clock, sightings, pins, rules },
    directory: { ...pinnedDirectory(directory, { pins, clock }), ...pagerduty.ownershipDirectory },
    labelled: () => owned.found(),
  });
  const known: OnCallDirectory = {
    ...directory,
    escalationPolicy: async (asked, ask) =>
      ownership.policy(asked) ?? (await directory.escalationPolicy(asked, ask)),
  };
  const roster = createRoster({
    ...{ directory: known, clock, sightings, pins, signal, freshnessMs: freshMs },
    onTaken: ({ kind, asked }, cause) => reporter.nameTaken({ name: `${kind} ${asked}`, cause }),
    lookBackMs: () => lookBackOf(policies.inForce().policy),
    ahead: {
      targets: () => [
        ...targetsIn(policies.inForce().policy),
        ...owned.found().services,
        ...ownership.targets(),
      ],
      share: config.rosterShare,
      limits: () => pagerduty.limits(),
    },
  });
  const dependencies: Dependencies = {
    requests: teleport.requests,
    users: shareUsers(loginStates.users, { freshMs, stop: signal }),
    locks: teleport.locks,
    nodes: teleport.nodes,
    rootCluster: rootClusterOf(cluster),
    webhookCameSince: (since) => webhooks.cameSince(since),
    incidents: shareSearches(pagerduty.incidents, { freshMs, stop: signal }),
    pulse: pagerduty.pulse,
    digest: sha256,
    policyInForce: policies.inForce,
    setting: {
      proxyPublicAddr: cluster.proxyPublicAddr,
      timeZone: config.timeZone,
      get resolveWith() {
        return resolving.now();
      },
      keyMac,
    },
    ownUser: teleport.admin.ownUser(),
    ...{ directory, roster, ownership, addresses, ledger, reporter, clock, random, resolving },
  };
  return { dependencies, policies, roster, owned, ownership, loginStates, signal };
}

/** What is done by events and on schedule; pages and webhooks are told of it. */
function createWorkOf(
  { dependencies, policies, roster, owned, ownership, loginStates, signal }: Inner,
  { config, reloading, clock, tracing }: Basis,
  { ledger: { claims, usage: store }, pagerduty: { directory, lookAhead, pageType }, teleport }: Outside,
  { view, record, webhooks }: Front,
): Work {
  const forecast = keepForecast(() => {
    const { policy } = policies.inForce();
    const { users, lookAhead: inTeleport } = teleport;
    return { policy, directory, roster, ownership, users, pagerDuty: lookAhead, teleport: inTeleport };
  }, clock);
  const { rootCluster } = dependencies;
  const owners = ownedThings(() => {
    const { rules } = policies.inForce().policy;
    return { rules, rootCluster, resources: teleport.nodes, ownership, directory };
  }, clock);
  view.begin({ dependencies, lookAhead, forecast, owners });
  const foretell = () => forecast.refresh(signal);
  async function lookForPolicy(): Promise<void> {
    if (config.reload === 'watch' && reloading.hasChanged()) await reloading.reload();
    await policies.refresh();
  }
  // What follows from an account is found by looking for what is due, where Teleport cannot be asked now.
  const onWritten = (id: RequestId) => void work.look(id).catch(() => undefined);
  const seePageType = () => pageType.refresh({ signal, priority: 'background' });
  const probeLoginStates = () => loginStates.probe(dependencies, signal);
  const work = createWork(dependencies, {
    claims,
    tracing,
    openHistory: () => record.openSealed(),
    signal,
    jobs: [
      { name: 'edition', expression: '0 7 * * * *', run: () => askAnew(dependencies.resolving, signal) },
      { name: 'page-type', expression: '20 7 * * * *', run: seePageType },
      { name: 'owners', expression: '50 20 * * * *', run: () => owned.look(signal) },
      { name: 'ownership', expression: '20 */15 * * * *', run: () => looked(ownership, signal) },
      { name: 'login-states', expression: '30 * * * * *', run: probeLoginStates },
      ...(config.http === undefined
        ? []
        : [{ name: 'forecast', expression: '45 */10 * * * *', run: foretell }]),
      ...usageJob(config, { ...dependencies, log: teleport.auditLog, store, claims, onWritten }, signal),
      { name: 'prune', expression: PRUNE_EVERY, run: () => record.prune() },
      { name: 'policy', expression: '*/10 * * * * *', run: () => lookForPolicy() },
    ],
  });
  webhooks.listen({ incidents: dependencies.incidents, signal, lookAgain: (id) => work.look(id) });
  void probeLoginStates();
  void seePageType();
  void owned.look(signal).then(() => looked(ownership, signal));
  // Pages are looked at when something is wrong: they wait for no schedule.
  if (config.pages !== null) void foretell();
  return work;
}

/** Ends quietly with the service. */
async function looked(ownership: OwnershipWatch, signal: AbortSignal): Promise<void> {
  try {
    await ownership.look(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
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
  otlp: OpenTelemetry | null,
): Promise<Monitoring | null> {
  if (http === undefined && otlp === null) return null;
  const monitoring = await import('./monitoring.ts');
  return monitoring.monitor({ http, reporter, clock, otlp, isSealed: ledger.key !== undefined });
}

/** Its libraries take memory, and are loaded where a collector is configured alone. */
async function openTelemetry({ otlp }: Config, reporter: Reporter): Promise<OpenTelemetry | null> {
  if (otlp === null) return null;
  const { connectOtlp } = await import('../telemetry/otlp/connect.ts');
  return connectOtlp({ ...otlp, version: VERSION, reporter });
}
