import { accessDenied, notFound } from './errors.ts';
import type { Caller, Edition, Role, User } from './model.ts';
import type { Reviewer } from './permissions.ts';

interface DirectoryEvents {
  readonly userPut: (user: User) => void;
  readonly rolePut: (role: Role) => void;
}

/** The users and roles of the cluster. */
export class Directory {
  readonly #users = new Map<string, User>();
  readonly #roles = new Map<string, Role>();
  readonly #edition: Edition;
  readonly #events: DirectoryEvents;

  constructor(edition: Edition, events: DirectoryEvents) {
    this.#edition = edition;
    this.#events = events;
  }

  putUser(user: User): void {
    for (const role of user.roles) this.role(role);
    this.#users.set(user.name, user);
    this.#events.userPut(user);
  }

  deleteUser(name: string): void {
    this.#users.delete(name);
  }

  /** Teleport: Community refuses roles with reviews, thresholds or resource requests in them. */
  putRole(role: Role): void {
    if (this.#edition === 'community') refuseEnterpriseFields(role);
    this.#roles.set(role.name, role);
    this.#events.rolePut(role);
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

  hasRole(name: string): boolean {
    return this.#roles.has(name);
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
    const user = this.#users.get(caller.user);
    if (user === undefined) return undefined;
    return { user, roles: this.rolesNamed(user.bot === true ? caller.roles : user.roles) };
  }
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
