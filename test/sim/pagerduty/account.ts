import type { NewEscalationPolicy, NewLayerSchedule } from './builders.ts';
import { SimulatedClock } from './clock.ts';
import { Collection } from './collection.ts';
import { IdSource } from './ids.ts';
import type { Incident, IncidentEvent } from './incident-model.ts';
import type {
  ApiKey,
  EscalationPolicy,
  IncidentType,
  MaintenanceWindow,
  New,
  OAuthClient,
  Region,
  Schedule,
  Service,
  ServiceField,
  ShiftSchedule,
  Team,
  User,
  WebhookSubscription,
} from './model.ts';
import { onCallRows, type OnCallRow } from './on-calls.ts';

export interface AccountOptions {
  readonly clock?: SimulatedClock;
  readonly region?: Region;
  /** IANA zone in which schedules and on-call rows are written when the caller names none. */
  readonly timeZone?: string;
  readonly subdomain?: string;
  /** Plan features, e.g. `coordinated_responding`. */
  readonly abilities?: readonly string[];
}

const DEFAULT_ABILITIES = ['teams', 'urgencies', 'coordinated_responding', 'advanced_permissions'];

/** One PagerDuty account in memory: what it is configured with, and its incidents. */
export class Account {
  readonly clock: SimulatedClock;
  readonly ids = new IdSource();
  readonly region: Region;
  readonly timeZone: string;
  readonly subdomain: string;
  readonly abilities: ReadonlySet<string>;

  readonly users = this.#collection<User>();
  readonly schedules = this.#collection<Schedule>();
  readonly escalationPolicies = this.#collection<EscalationPolicy>();
  readonly services = this.#collection<Service>();
  readonly serviceFields = this.#collection<ServiceField>();
  readonly teams = this.#collection<Team>();
  readonly incidentTypes = this.#collection<IncidentType>();
  readonly maintenanceWindows = this.#collection<MaintenanceWindow>();
  readonly incidents = this.#collection<Incident>();
  readonly keys = this.#collection<ApiKey>();
  readonly oauthClients = this.#collection<OAuthClient>();
  readonly webhookSubscriptions = this.#collection<WebhookSubscription>();

  #byPolicy: {
    readonly of: readonly Service[];
    readonly groups: ReadonlyMap<string, readonly Service[]>;
  } | null = null;

  readonly #changeListeners = new Set<() => void>();
  readonly #eventListeners = new Set<(event: IncidentEvent) => void>();
  readonly #pingListeners = new Set<(subscriptionId: string) => void>();

  constructor(options: AccountOptions = {}) {
    this.clock = options.clock ?? new SimulatedClock();
    this.region = options.region ?? 'us';
    this.timeZone = options.timeZone ?? 'Etc/UTC';
    this.subdomain = options.subdomain ?? 'acme';
    this.abilities = new Set(options.abilities ?? DEFAULT_ABILITIES);
  }

  addUser(user: New<User>): User {
    return this.users.put({ id: this.ids.short(), ...user });
  }

  addSchedule(schedule: NewLayerSchedule | New<ShiftSchedule>): Schedule {
    const id = this.ids.short();
    if (schedule.kind === 'shifts') return this.schedules.put({ id, ...schedule });
    const layers = schedule.layers.map((layer) => ({ id: this.ids.short(), ...layer }));
    return this.schedules.put({ id, ...schedule, layers });
  }

  addEscalationPolicy(policy: NewEscalationPolicy): EscalationPolicy {
    const rules = policy.rules.map((rule) => ({ id: this.ids.short(), ...rule }));
    return this.escalationPolicies.put({ id: this.ids.short(), ...policy, rules });
  }

  addService(service: New<Service>): Service {
    return this.services.put({ id: this.ids.short(), ...service });
  }

  addKey(key: ApiKey): ApiKey {
    return this.keys.put(key);
  }

  addWebhookSubscription(subscription: New<WebhookSubscription>): WebhookSubscription {
    return this.webhookSubscriptions.put({ id: this.ids.short(), ...subscription });
  }

  /** A user who has not been deleted. E-mail addresses are compared without regard to case. */
  userByEmail(email: string): User | undefined {
    const wanted = email.toLowerCase();
    return this.users.find((user) => user.deletedAt === null && user.email.toLowerCase() === wanted);
  }

  /** PagerDuty: everybody may change their own, to any address that no other user has. */
  changeAddress(id: string, email: string): User {
    const user = this.users.require(id);
    if ((this.userByEmail(email) ?? user).id !== id) throw new RangeError(`${email} is another user's`);
    return this.users.put({ ...user, email });
  }

  liveUser(id: string): User | undefined {
    const user = this.users.get(id);
    return user?.deletedAt === null ? user : undefined;
  }

  /** On-call rows at an instant, or over a window, of some policies or all; overlap semantics as in GET /oncalls. */
  onCallRows(
    since: Date = this.clock.now(),
    until: Date = since,
    policies: readonly EscalationPolicy[] = this.escalationPolicies.all(),
  ): readonly OnCallRow[] {
    return onCallRows(policies, (id) => this.schedules.get(id), { since, until });
  }

  servicesOf(policyId: string): readonly Service[] {
    const services = this.services.all();
    if (this.#byPolicy?.of !== services) {
      this.#byPolicy = { of: services, groups: Map.groupBy(services, (each) => each.escalationPolicyId) };
    }
    return this.#byPolicy.groups.get(policyId) ?? [];
  }

  /** Told after every change of anything. Returns the function that ends it. */
  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  /** Told of every incident event, in order: what webhooks are made from. Returns the function that ends it. */
  onIncidentEvent(listener: (event: IncidentEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** Told of every test webhook that somebody asks for, by its subscription. Returns the function that ends it. */
  onWebhookPing(listener: (subscriptionId: string) => void): () => void {
    this.#pingListeners.add(listener);
    return () => this.#pingListeners.delete(listener);
  }

  requestWebhookPing(subscriptionId: string): void {
    for (const listener of this.#pingListeners) listener(subscriptionId);
  }

  publish(event: IncidentEvent): void {
    for (const listener of this.#eventListeners) listener(event);
  }

  #collection<T extends { readonly id: string }>(): Collection<T> {
    return new Collection<T>(() => {
      for (const listener of this.#changeListeners) listener();
    });
  }
}
