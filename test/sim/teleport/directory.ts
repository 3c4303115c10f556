import { accessDenied, notFound } from './errors.ts';
import type { Caller, Edition, Grants, LoginState, Role, Traits, User } from './model.ts';
import type { Reviewer } from './permissions.ts';

interface DirectoryEvents {
  readonly userPut: (user: User) => void;
  readonly rolePut: (role: Role) => void;
}

/** The users and roles of the cluster. */
export class Directory {
  readonly #users = new Map<string, User>();
  readonly #roles = new Map<string, Role>();
  /** In order, until there is another role. */
  #roleNames: readonly string[] | null = null;
  readonly #granted = new Map<string, Grants>();
  /** Login states of another time than now. */
  readonly #asOfLogin = new Map<string, LoginState | null>();
  #edition: Edition;
  readonly #events: DirectoryEvents;

  constructor(edition: Edition, events: DirectoryEvents) {
    this.#edition = edition;
    this.#events = events;
  }

  set edition(edition: Edition) {
    this.#edition = edition;
  }

  putUser(user: User): void {
    for (const role of user.roles) this.role(role);
    this.#users.set(user.name, user);
    this.#events.userPut(user);
  }

  /** Teleport: the login state outlives the user record, as it does a single sign-on session. */
  deleteUser(name: string): void {
    this.#asOfLogin.set(name, this.loginState(name) ?? null);
    this.#users.delete(name);
  }

  /** What Access Lists grant the user from their next login on, which is now. */
  grantByAccessList(name: string, grants: Partial<Grants>): void {
    this.#granted.set(name, { roles: [], traits: {}, ...grants });
  }

  /** The user has not logged in since: whatever changes, the login state does not. Null for one who never has. */
  keepLoginState(name: string, state: LoginState | null | undefined = this.loginState(name)): void {
    this.#asOfLogin.set(name, state ?? null);
  }

  /** The login state, by default of a login at this moment; bots have none. */
  loginState(name: string): LoginState | undefined {
    const kept = this.#asOfLogin.get(name);
    if (kept !== undefined) return kept ?? undefined;
    const user = this.#users.get(name);
    if (user === undefined || user.bot === true) return undefined;
    const original = { roles: user.roles, traits: user.traits };
    const accessLists = this.#granted.get(name) ?? { roles: [], traits: {} };
    return { ...joined(original, accessLists), original, accessLists };
  }

  /** Of users, and of those whose record is gone. */
  namesWithLoginState(): readonly string[] {
    return [...new Set([...this.#users.keys(), ...this.#asOfLogin.keys()])];
  }

  /** The user as Teleport judges requesters and reviewers: by the login state where there is one; bots by their record. */
  effective(name: string): User {
    const user = this.user(name);
    const { roles, traits } = (user.bot === true ? undefined : this.loginState(name)) ?? user;
    return { ...user, roles, traits };
  }

  /** Teleport: Community refuses roles with reviews, thresholds or resource requests in them. */
  putRole(role: Role): void {
    if (this.#edition === 'community') refuseEnterpriseFields(role);
    this.#roles.set(role.name, role);
    this.#roleNames = null;
    this.#events.rolePut(role);
  }

  hasRole(name: string): boolean {
    return this.#roles.has(name);
  }

  users(): readonly User[] {
    return [...this.#users.values()];
  }

  findUser(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** The user called `name`; NOT_FOUND when there is none. */
  user(name: string): User {
    const user = this.#users.get(name);
    if (user === undefined) throw notFound(`user "${name}" not found`);
    return user;
  }

  roleNames(): readonly string[] {
    this.#roleNames ??= [...this.#roles.keys()].sort();
    return this.#roleNames;
  }

  /** The role called `name`; NOT_FOUND when there is none. */
  role(name: string): Role {
    const role = this.#roles.get(name);
    if (role === undefined) throw notFound(`role ${name} is not found`);
    return role;
  }

  /** The roles with these names; a role which was deleted since a certificate was issued grants nothing. */
  rolesNamed(names: readonly string[]): readonly Role[] {
    return names.flatMap((name) => this.#roles.get(name) ?? []);
  }

  /**
   * The caller as a reviewer. Teleport: the user's current roles count, not those of the certificate, except for a bot.
   * `undefined` when the user is not in the cluster any more.
   */
  reviewer(caller: Caller): Reviewer | undefined {
    if (!this.#users.has(caller.user)) return undefined;
    const user = this.effective(caller.user);
    return { user, roles: this.rolesNamed(user.bot === true ? caller.roles : user.roles) };
  }
}

function joined(one: Grants, other: Grants): Grants {
  const values = (traits: Traits, name: string) => traits[name] ?? [];
  const names = new Set([...Object.keys(one.traits), ...Object.keys(other.traits)]);
  return {
    roles: [...new Set([...one.roles, ...other.roles])],
    traits: Object.fromEntries(
      [...names].map((name) => [
        name,
        [...new Set([...values(one.traits, name), ...values(other.traits, name)])],
      ]),
    ),
  };
}

function refuseEnterpriseFields({ allow, deny }: Role): void {
  const fields = {
    'allow.review_requests': allow.reviewRequests,
    'deny.review_requests': deny?.reviewRequests,
    'allow.request.thresholds': allow.request?.thresholds,
    'allow.request.search_as_roles': allow.request?.searchAsRoles,
  };
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined) {
      throw accessDenied(`role field ${field} is only available in enterprise subscriptions`);
    }
  }
}
