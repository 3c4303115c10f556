import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { sha256 } from '../../src/ledger/rows.ts';
import { createIncidents } from '../../src/pagerduty/incidents.ts';
import { lookBackOf } from '../../src/review/facts/read-on-call.ts';
import { createRoster } from '../../src/roster/create-roster.ts';
import { shareSearches } from '../../src/roster/shared-reading.ts';
import { firstSights } from '../../src/ledger/first-addresses.ts';
import { sightings } from '../../src/ledger/sightings.ts';
import { createOnCallDirectory, createOwnershipDirectory } from '../../src/pagerduty/on-call-directory.ts';
import { createPulse } from '../../src/pagerduty/pulse.ts';
import { soleClaim } from '../../src/ports/claims.ts';
import type { StoredAddress, StoredWatched } from '../../src/ports/ledger-history.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import type { Reporter } from '../../src/ports/reporter.ts';
import type { Dependencies } from '../../src/review/dependencies.ts';
import { openPolicySource } from '../../src/review/policy-source.ts';
import { createWork } from '../../src/service/work.ts';
import { usageOf } from '../../src/service/usage-job.ts';
import { wayToResolve } from '../../src/service/way-to-resolve.ts';
import { grpcTeleportAdmin } from '../../src/teleport/admin.ts';
import type { IdentitySource } from '../../src/teleport/connection/identity-source.ts';
import { watchLoginStates } from '../../src/service/login-states.ts';
import { TeleportAccessRequests } from '../../src/teleport/access-requests.ts';
import { grpcAuditLog } from '../../src/teleport/audit-log.ts';
import { grpcLocks } from '../../src/teleport/locks.ts';
import { TeleportNodeNames } from '../../src/teleport/node-names.ts';
import { grpcTeleportUsers } from '../../src/teleport/users.ts';
import { RecordingReporter } from '../service/recording-reporter.ts';
import { CallLog as TeleportCalls } from '../sim/teleport/call-log.ts';
import { Cluster } from '../sim/teleport/cluster.ts';
import { Faults as TeleportFaults } from '../sim/teleport/faults.ts';
import { BOT_USER, CLUSTER_NAME, referenceWorld } from '../sim/teleport/reference-world.ts';
import type { StartTeleportOptions } from '../sim/teleport/start-teleport.ts';
import { anAccount } from './an-account.ts';
import { inProcessPagerDuty } from './in-process-pagerduty.ts';
import { inProcessTeleport } from './in-process-teleport.ts';
import { ManualTime } from './manual-time.ts';
import { watchOwners } from './watch-owners.ts';
import { usageInMemory } from './usage-in-memory.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { Scene, writeConfig, type SceneOptions } from './scene.ts';

export type WorldOptions = SceneOptions &
  Pick<
    StartTeleportOptions,
    | 'edition'
    | 'serverVersion'
    | 'annotations'
    | 'submitForUsers'
    | 'readLoginStates'
    | 'readAuditLog'
    | 'roles'
    | 'users'
  >;

const BEGIN = new Date('2026-03-03T02:14:07Z');

/** Waiting for a report lets time pass until it comes. */
class TimedReports extends RecordingReporter {
  readonly #time: ManualTime;

  constructor(time: ManualTime) {
    super();
    this.#time = time;
  }

  override async when<Name extends keyof Reporter>(
    name: Name,
    matches: (event: Parameters<Reporter[Name]>[0]) => boolean = () => true,
    deadlineMs = 10_000,
  ): Promise<Parameters<Reporter[Name]>[0]> {
    const found = await this.#time.until(() => this.of(name).find(matches), deadlineMs);
    if (found !== undefined) return found;
    const seen = this.events.map((each) => `${each.name} ${JSON.stringify(each.event).slice(0, 300)}`);
    throw new Error(`no ${name} within ${deadlineMs} ms; seen:\n${seen.join('\n')}`);
  }
}

/**
 * The use cases between both simulated systems, over the ports: as the service puts them together, but without sockets, files and
 * timetable, and with a time that passes only where the test lets it.
 */
export class World extends Scene implements AsyncDisposable {
  readonly time: ManualTime;
  readonly teleport: {
    readonly cluster: Cluster;
    readonly faults: TeleportFaults;
    readonly calls: TeleportCalls;
  };
  readonly pagerDuty: ReturnType<typeof anAccount>;
  readonly folder: string;
  ledger: Ledger = new SqliteLedger(':memory:');
  reports: RecordingReporter;
  /** What the next start puts in the place of its own parts. */
  replaced: Partial<Dependencies> = {};
  configFile = '';
  #service: Awaited<ReturnType<World['compose']>> | null = null;
  readonly #seen = new Map<string, StoredAddress>();
  readonly #sights = firstSights(
    {
      find: (key) => Promise.resolve(this.#seen.get(key)),
      all: () => Promise.resolve([...this.#seen.values()]),
      insert: (rows) => {
        for (const row of rows) this.#seen.set(row.user_id, row);
        return Promise.resolve();
      },
      seal: () => Promise.resolve(),
    },
    null,
  );
  readonly #watched = new Map<string, StoredWatched>();
  /** What was read of the audit log: it outlives the service, like the ledger. */
  readonly usage = usageInMemory();
  readonly #sightings = sightings(
    {
      find: (target) => Promise.resolve(this.#watched.get(target)),
      put: (row) => Promise.resolve(void this.#watched.set(row.target, row)),
      all: () => Promise.resolve([]),
      entries: () => Promise.resolve([]),
    },
    null,
  );

  private constructor(options: WorldOptions, folder: string) {
    super();
    const { edition = 'enterprise', serverVersion = '18.11.0' } = options;
    this.time = new ManualTime(BEGIN);
    const now = () => new Date(this.time.epochMs);
    const world = referenceWorld({
      edition,
      annotations: options.annotations ?? {},
      submitForUsers: options.submitForUsers ?? false,
      readLoginStates: options.readLoginStates ?? true,
      readAuditLog: options.readAuditLog ?? false,
    });
    const cluster = new Cluster({
      ...world,
      ...options,
      clusterName: CLUSTER_NAME,
      edition,
      serverVersion,
      now,
    });
    this.teleport = { cluster, faults: new TeleportFaults(), calls: new TeleportCalls() };
    this.pagerDuty = anAccount(this.time);
    this.folder = folder;
    this.reports = new TimedReports(this.time);
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'oncall-approver-'));
    const world = new World(options, folder);
    world.configFile = writeConfig(folder, options, {
      teleport: { addr: `${CLUSTER_NAME}:443` },
      pagerduty: {},
    });
    if (options.start !== false) await world.startService();
    return world;
  }

  get service() {
    if (this.#service === null) throw new Error('the service is not running');
    return this.#service;
  }

  override request(...asked: Parameters<Scene['request']>): string {
    this.time.tick();
    return super.request(...asked);
  }

  async startService() {
    this.reports = new TimedReports(this.time);
    this.#service = await this.compose();
    return this.#service;
  }

  async stopService(): Promise<number> {
    const left = await this.service.stop();
    this.#service = null;
    return left;
  }

  /** Like `expect.poll`, by the time of the test. */
  poll<T>(look: () => T | Promise<T>, { timeout = 10_000 }: { readonly timeout?: number } = {}) {
    const holds = async (check: (value: T) => void): Promise<void> => {
      const held = await this.time.until(async () => holdsFor(await look(), check), timeout);
      if (held === undefined) check(await look());
    };
    return {
      toBe: (expected: T) => holds((value) => expect(value).toBe(expected)),
      toEqual: (expected: unknown) => holds((value) => expect(value).toEqual(expected)),
    };
  }

  async events(requestId: string): Promise<readonly LedgerEvent[]> {
    return (await this.ledger.entriesOf(requestId)).map(({ event }) => event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service?.stop();
    this.time[Symbol.dispose]();
    rmSync(this.folder, { recursive: true });
  }

  async compose() {
    const { time, ledger } = this;
    const { cluster } = this.teleport;
    const { reporter } = this.reports;
    const config = loadConfig(this.configFile, {}, { offline: true });
    const teleport = inProcessTeleport(this.teleport);
    const pagerDuty = inProcessPagerDuty(this.pagerDuty);
    const clock = { now: time.now };
    const now = () => time.epochMs;
    const ruled = () => ({ policy: config.policyNow() });
    const policies = await openPolicySource(ruled, { ledger, clock, digest: sha256, reporter });
    const admin = grpcTeleportAdmin(teleport, { current: { user: BOT_USER } } as unknown as IdentitySource);
    const known = await admin.ping(new AbortController().signal);
    const resolving = wayToResolve(config, known, { admin, reporter });
    const requests = new TeleportAccessRequests(teleport);
    const running = new AbortController();
    const { signal } = running;
    const { freshMs } = config.pagerduty;
    const directory = createOnCallDirectory(pagerDuty);
    const nodes = new TeleportNodeNames(teleport);
    const { ownership, look } = watchOwners(
      { ...directory, ...createOwnershipDirectory(pagerDuty) },
      { resources: nodes, policy: () => policies.inForce().policy },
      { clock, sightings: this.#sightings, pins: this.#sights.pins },
    );
    const dependencies: Dependencies = {
      requests,
      users: watchLoginStates(grpcTeleportUsers(teleport), reporter).users,
      locks: grpcLocks(teleport),
      nodes,
      rootCluster: cluster.clusterName,
      directory,
      roster: createRoster({
        ...{ directory, clock, freshnessMs: freshMs, signal, sightings: this.#sightings },
        pins: this.#sights.pins,
        onTaken: ({ kind, asked }, cause) => reporter.nameTaken({ name: `${kind} ${asked}`, cause }),
        lookBackMs: () => lookBackOf(policies.inForce().policy),
      }),
      ownership,
      addresses: this.#sights.addresses,
      incidents: shareSearches(createIncidents(pagerDuty, { now }), { freshMs, stop: signal }),
      pulse: createPulse(pagerDuty),
      ledger,
      reporter,
      clock,
      random: () => 0.5,
      digest: sha256,
      policyInForce: policies.inForce,
      setting: {
        proxyPublicAddr: `${cluster.clusterName}:443`,
        get resolveWith() {
          return resolving.now();
        },
        keyMac: (text) => sha256(text).slice(0, 22),
      },
      resolving,
      webhookCameSince: () => false,
      ownUser: BOT_USER,
      ...this.replaced,
    };
    const claims = { take: () => Promise.resolve(soleClaim), abandoned: () => Promise.resolve([]) };
    const work = createWork(dependencies, {
      claims,
      tracing: null,
      openHistory: () => Promise.resolve(null),
      jobs: [],
      signal,
    });
    await work.start();
    await this.reports.when('watchLive');
    const log = grpcAuditLog(teleport);
    const onWritten = (id: string) => void work.look(id);
    const usage = usageOf(config, { ...dependencies, log, store: this.usage, claims, onWritten });
    const lookAgain = async (id: string): Promise<void> => {
      await work.look(id);
      await work.idle();
    };
    return {
      dependencies,
      cluster: known,
      resolveWith: resolving.now(),
      policies,
      sweepNow: () => time.during(work.sweepNow()),
      lookAtOwners: () => time.during(look(signal)),
      readUsage: async () => {
        await time.during(usage?.poll(signal) ?? Promise.resolve());
        await time.during(work.idle());
      },
      lookAgain: (id: string) => time.during(lookAgain(id)),
      stop: () => {
        running.abort();
        return time.during(work.stop());
      },
    };
  }
}

function holdsFor<T>(value: T, check: (value: T) => void): true | undefined {
  try {
    check(value);
    return true;
  } catch {
    return undefined;
  }
}
