import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { SimulatedClock } from '../../sim/pagerduty/clock.ts';
import { FULL_ACCESS_KEY } from '../../sim/pagerduty/reference-world.ts';
import { startPagerDuty, type SimulatedPagerDuty } from '../../sim/pagerduty/start-pagerduty.ts';
import { buildAccount } from '../../sim/pagerduty/world.ts';
import { BOT_USER, referenceWorld } from '../../sim/teleport/reference-world.ts';
import { startTeleport, type SimulatedTeleport } from '../../sim/teleport/start-teleport.ts';

/** People, and the services that they look after, each with a policy of its own. */
export interface Size {
  readonly users: number;
  readonly services: number;
  /** Shared by the services in turn; as many as these unless told. */
  readonly policies?: number;
  /** What one role is for, by one rule: each belongs to the service that its label names. */
  readonly databases?: number;
  /** It belongs to the team of the service instead, one for each policy. */
  readonly byTeams?: true;
}

export interface WorldOptions {
  readonly latencyMs: number;
  readonly size?: Size;
  readonly freshness?: string;
  /** With one the ledger is to be sealed by it. */
  readonly key?: string;
}

const SMALL: Size = { users: 50, services: 20 };
/** One request in five is for a service that its requester is not on call for: a person is paged. */
export const OTHERS_EVERY = 5;
export const BOT_EMAIL = 'oncall-approver@example.com';
const LONG_AGO = '2020-01-06T00:00:00Z';

export interface Asked {
  readonly id: string;
  readonly expects: 'approve' | 'escalate';
}

/** 50 people who look after 20 services unless told, each with a role of its own, in both simulators; PagerDuty with its real rate limit. */
export class BenchWorld implements AsyncDisposable {
  readonly teleport: SimulatedTeleport;
  readonly pagerDuty: SimulatedPagerDuty;
  readonly folder: string;
  readonly #size: Size;
  readonly #freshness: string | undefined;
  #asked = 0;

  private constructor(
    teleport: SimulatedTeleport,
    pagerDuty: SimulatedPagerDuty,
    folder: string,
    { size = SMALL, freshness }: WorldOptions,
  ) {
    this.teleport = teleport;
    this.pagerDuty = pagerDuty;
    this.folder = folder;
    this.#size = size;
    this.#freshness = freshness;
  }

  static async open(options: WorldOptions): Promise<BenchWorld> {
    const { latencyMs, size = SMALL, key } = options;
    const teleport = await startTeleport(cluster(size));
    const account = buildAccount(accountWorld(size), new SimulatedClock());
    const pagerDuty = await startPagerDuty({ account, latencyMs });
    for (const database of numbers(size.databases ?? 0)) {
      const service = database % size.services;
      const labels =
        size.byTeams === undefined
          ? { owner: serviceOf(service) }
          : { team: teamOf(service % (size.policies ?? size.services)) };
      teleport.cluster.labelled.push({ kind: 'db', name: databaseOf(database), labels });
    }
    const folder = await mkdtemp(join(tmpdir(), 'oncall-approver-bench-'));
    const world = new BenchWorld(teleport, pagerDuty, folder, options);
    await writeFile(join(folder, 'identity'), teleport.identityFileFor(BOT_USER), { mode: 0o600 });
    await writeFile(join(folder, 'pagerduty-key'), FULL_ACCESS_KEY, { mode: 0o600 });
    if (key !== undefined) await writeFile(join(folder, 'ledger-key'), key, { mode: 0o600 });
    await writeFile(join(folder, 'config.yaml'), world.#config(key !== undefined));
    return world;
  }

  get configFile(): string {
    return join(this.folder, 'config.yaml');
  }

  get ledgerFile(): string {
    return join(this.folder, 'ledger.sqlite');
  }

  /** The next request of an even mixture. With `onlyOnCall` each is for the requester's own service. */
  ask({ onlyOnCall = false }: { readonly onlyOnCall?: boolean } = {}): Asked {
    const number = this.#asked;
    this.#asked += 1;
    const { users, services } = this.#size;
    const user = number % users;
    const own = onlyOnCall || number % OTHERS_EVERY !== OTHERS_EVERY - 1;
    const service = (user + (own ? 0 : 1)) % services;
    const cluster = this.teleport.clusterName;
    const { id } = this.teleport.cluster.createRequest({
      user: emailOf(user),
      ...(this.#size.databases === undefined
        ? { roles: [roleOf(service)] }
        : {
            roles: ['prod'],
            resourceIds: [{ cluster, kind: 'db', name: databaseOf(service), subResource: '' }],
          }),
      reason: `request ${number + 1} of the benchmark`,
    });
    return { id, expects: own ? 'approve' : 'escalate' };
  }

  /** A request of this person, who is not on call for it, with a reason as long as Teleport lets it be. */
  askInVain(user: number): Asked {
    this.#asked += 1;
    const role = roleOf((user + 1) % this.#size.services);
    const reason = `request ${this.#asked} ${'x'.repeat(3_900)}`;
    const { id } = this.teleport.cluster.createRequest({ user: emailOf(user), roles: [role], reason });
    return { id, expects: 'escalate' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.teleport[Symbol.asyncDispose]();
    await this.pagerDuty[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true });
  }

  #config(isSealed: boolean): string {
    return stringify({
      teleport: { addr: this.teleport.authAddr, via: 'direct', identity: 'identity' },
      pagerduty: {
        api_url: this.pagerDuty.url,
        api_key_file: 'pagerduty-key',
        from: BOT_EMAIL,
        ...(this.#freshness === undefined ? {} : { freshness: this.#freshness }),
      },
      identities: [{ username_is_email: true }],
      rules: this.#size.databases === undefined ? this.#rules() : [ownerRule(this.#size)],
      ledger: { sqlite: 'ledger.sqlite', ...(isSealed ? { key_file: 'ledger-key' } : {}) },
    });
  }

  #rules() {
    return numbers(this.#size.services).map((service) => ({
      name: roleOf(service),
      roles: [roleOf(service)],
      on_call: { services: [serviceOf(service)] },
      require: { reason: true },
      otherwise: 'escalate',
      escalate: { service: 'Access requests' },
    }));
  }
}

function ownerRule({ byTeams }: Size) {
  const label = byTeams === undefined ? { label: 'owner' } : { team_label: 'team' };
  return {
    ...{ name: 'prod', roles: ['prod'], require: { reason: true }, escalate: { owner: true } },
    on_call: { owner: { ...label, unowned: 'Access requests', settled: '0s' } },
  };
}

function teamOf(policy: number): string {
  return `Team ${two(policy)}`;
}

function databaseOf(service: number): string {
  return `db-${two(service)}`;
}

function serviceOf(service: number): string {
  return `Service ${two(service)}`;
}

function roleOf(service: number): string {
  return `service-${two(service)}`;
}

function emailOf(user: number): string {
  return `user-${two(user)}@example.com`;
}

function accountWorld({ users, services, policies = services, byTeams }: Size) {
  const owners = (policy: number) =>
    policy < users ? numbers(users).filter((user) => user % policies === policy) : [0];
  return {
    users: [
      ...numbers(users).map((user) => ({ name: `User ${two(user)}`, email: emailOf(user) })),
      { name: 'On-call approver', email: BOT_EMAIL },
    ],
    schedules: numbers(policies).map((policy) => ({
      name: `Schedule ${two(policy)}`,
      shifts: [{ users: owners(policy).map(emailOf), start: LONG_AGO }],
    })),
    teams: numbers(byTeams === undefined ? 0 : policies).map((policy) => ({ name: teamOf(policy) })),
    escalation_policies: numbers(policies).map((policy) => ({
      ...(byTeams === undefined ? {} : { team: teamOf(policy) }),
      name: `Policy ${two(policy)}`,
      levels: [{ targets: [{ schedule: `Schedule ${two(policy)}` }] }],
    })),
    services: [
      ...numbers(services).map((service) => ({
        name: serviceOf(service),
        escalation_policy: `Policy ${two(service % policies)}`,
      })),
      { name: 'Access requests', escalation_policy: 'Policy 00' },
    ],
    keys: [{ key: FULL_ACCESS_KEY, kind: 'account-full' as const }],
  };
}

function cluster(size: Size) {
  const { roles, users } = referenceWorld({ edition: 'enterprise' });
  const wanted = numbers(size.services).map(roleOf);
  const bot = users.filter(({ name }) => name === BOT_USER);
  const reviewer = roles.filter(({ name }) => name === 'access-reviewer');
  return {
    roles: [
      ...reviewer.map((role) => ({
        ...role,
        allow: { ...role.allow, reviewRequests: { roles: [...wanted, 'prod'], previewAsRoles: ['prod'] } },
      })),
      { name: 'engineers', allow: { request: { roles: wanted, searchAsRoles: ['prod'] } } },
      { name: 'prod', allow: { dbLabels: { '*': ['*'] } } },
      ...wanted.map((name) => ({ name, allow: {} })),
    ],
    users: [
      ...bot,
      ...numbers(size.users).map((user) => ({
        name: emailOf(user),
        roles: ['engineers'],
        traits: { email: [emailOf(user)] },
        connector: { type: 'saml', id: 'okta', identity: emailOf(user) },
      })),
    ],
  };
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
