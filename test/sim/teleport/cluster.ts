import { randomUUID } from 'node:crypto';
import { newAccessRequest, type AccessRequestProposal } from './access-requests.ts';
import { AuditLog } from './audit-log.ts';
import { Directory } from './directory.ts';
import { badParameter, noSuchRequest } from './errors.ts';
import { LockStore } from './locks.ts';
import type { AccessRequest, Edition, Labelled, MonitoringRule, Node, Role, User } from './model.ts';
import type { Reviewer } from './permissions.ts';
import { PluginDataStore } from './plugin-data.ts';
import { changeState, checkStateChange, type StateChange } from './request-state.ts';
import { applyReview, checkReview, type ReviewSubmission } from './reviews.ts';
import { capabilitiesOf, type Capabilities } from './server-version.ts';
import { WatchFanout, type WatchFanoutOptions } from './watch-fanout.ts';
import { accessRequestToWire, lockToWire, roleToWire, userToWire } from './wire.ts';

export interface ClusterOptions {
  readonly clusterName: string;
  readonly edition: Edition;
  readonly serverVersion: string;
  readonly roles: readonly Role[];
  readonly users: readonly User[];
  /** Whether admin actions need MFA, which a plugin with a person's identity cannot give. */
  readonly mfaForAdminActions?: boolean;
  readonly fanout?: WatchFanoutOptions;
  /** How long after its time a pending request, which is listed no more, is removed and its DELETE sent, in milliseconds; at once. */
  readonly expiryGraceMs?: number;
  readonly now?: () => Date;
}

/** A state that was set. */
export interface AppliedStateChange extends Pick<StateChange, 'state' | 'reason'> {
  readonly at: Date;
}

const BLANK_PROPOSAL = {
  reason: '',
  suggestedReviewers: [],
  resourceIds: [],
  maxDuration: null,
  assumeStartTime: null,
  pendingExpiry: null,
  dryRun: false,
  state: 'PENDING',
  certificateExpires: null,
} as const;

const BLANK_REVIEW = {
  reason: '',
  roles: [],
  annotations: {},
  created: null,
  assumeStartTime: null,
  submittedBy: '',
  submittedOnBehalfOfAuthor: false,
} as const;

const BLANK_STATE_CHANGE = {
  reason: '',
  delegator: '',
  annotations: {},
  roles: [],
  assumeStartTime: null,
} as const;

/**
 * The state of a simulated cluster. Its methods act with the full rights of the auth server itself; what callers may do
 * is decided by the gRPC methods in front of it. Every write gives the resource a new revision and reaches the watchers.
 */
export class Cluster {
  readonly clusterName: string;
  capabilities: Capabilities;
  readonly mfaForAdminActions: boolean;
  readonly directory: Directory;
  readonly locks: LockStore;
  readonly pluginData: PluginDataStore;
  /** Knob: what Teleport reviews by itself, to be listed; nothing acts by it. */
  readonly monitoringRules: MonitoringRule[] = [];
  readonly auditLog: AuditLog;
  readonly watches: WatchFanout;
  readonly now: () => Date;
  /** By their ids. */
  readonly nodes = new Map<string, Node>();
  readonly labelled: Labelled[] = [];
  /** What the audit log has of looks at resources by more roles than one's own (`access_request.search`). */
  readonly searches: { readonly roles: readonly string[]; readonly predicate: string }[] = [];
  readonly #requests = new Map<string, AccessRequest>();
  /** In order, until one changes. */
  #inOrder: readonly AccessRequest[] | null = null;
  readonly #stateChanges = new Map<string, readonly AppliedStateChange[]>();
  readonly #expiryGraceMs: number;
  #staleListing: readonly AccessRequest[] | null = null;

  constructor(options: ClusterOptions) {
    this.clusterName = options.clusterName;
    this.capabilities = capabilitiesOf(options.serverVersion, options.edition);
    this.mfaForAdminActions = options.mfaForAdminActions ?? false;
    this.now = options.now ?? (() => new Date());
    this.auditLog = new AuditLog({ clusterName: this.clusterName, now: this.now });
    this.#expiryGraceMs = options.expiryGraceMs ?? 0;
    this.watches = new WatchFanout(options.fanout);
    this.directory = new Directory(options.edition, {
      userPut: (user) => this.#publishPut('user', user.name, { User: userToWire(user) }),
      rolePut: (role) => this.#publishPut('role', role.name, { Role: roleToWire(role) }),
    });
    this.locks = new LockStore({
      now: this.now,
      events: {
        put: (lock) => {
          this.#publishPut('lock', lock.name, { Lock: lockToWire(lock) });
          const target = { user: lock.target.user, access_request: lock.target.accessRequest };
          this.auditLog.emit('lock.created', { name: lock.name, user: lock.createdBy, lock: { target } });
        },
        deleted: (name) => this.#publishDelete('lock', name),
      },
    });
    this.pluginData = new PluginDataStore({
      now: this.now,
      accessExpiry: (requestId) => this.#requests.get(requestId)?.expires,
    });
    for (const role of options.roles) this.directory.putRole(role);
    for (const user of options.users) this.directory.putUser(user);
  }

  /** Another licence, while the cluster runs: features are told as they are at each Ping, and roles stay what they are. */
  changeEdition(edition: Edition): void {
    this.capabilities = capabilitiesOf(this.capabilities.serverVersion, edition);
    this.directory.edition = edition;
  }

  /** What nobody but an administrator of the cluster's storage can do: another content under the same id. */
  changeRequest(id: string, change: Partial<AccessRequest>): void {
    this.putRequest({ ...this.request(id), revision: randomUUID(), ...change });
  }

  /** Creates a request as its requester would; a dry run is answered but not kept. */
  createRequest(
    proposal: Pick<AccessRequestProposal, 'user' | 'roles'> & Partial<AccessRequestProposal>,
  ): AccessRequest {
    const user = this.directory.effective(proposal.user);
    const request = newAccessRequest(
      { ...BLANK_PROPOSAL, ...proposal },
      {
        user,
        userRoles: this.directory.rolesNamed(user.roles),
        rolesNamed: (names) => this.directory.rolesNamed(names),
        allRoles: this.directory.roleNames(),
        now: this.now(),
      },
    );
    if (request.resourceIds.length > 0 && this.capabilities.edition === 'community') {
      throw badParameter('resource access requests are only available in enterprise subscriptions');
    }
    if (!request.dryRun) this.putRequest(request);
    return request;
  }

  /** Stores a request and tells the watchers; for what no RPC does, e.g. a promotion, too. */
  putRequest(request: AccessRequest): void {
    this.#keep(request);
    this.watches.publish({
      type: 'PUT',
      kind: 'access_request',
      name: request.id,
      filterable: { id: request.id, user: request.user, state: request.state },
      member: { AccessRequest: accessRequestToWire(request, this.capabilities) },
    });
  }

  findRequest(id: string): AccessRequest | undefined {
    return this.#requests.get(id);
  }

  /** The request with this id; NOT_FOUND when it never was or is gone, in the words of what it was wanted for. */
  request(id: string, wantedTo?: string): AccessRequest {
    const request = this.#requests.get(id);
    if (request === undefined) throw noSuchRequest(id, wantedTo);
    return request;
  }

  /** Whoever would decide a request whose time is over is told that there is none. */
  #undecided(id: string, wantedTo: string): AccessRequest {
    const request = this.request(id, wantedTo);
    if (request.resourceExpiry <= this.now()) throw noSuchRequest(id, wantedTo);
    return request;
  }

  /** In order of id, so (UUIDv7) of creation: the default order of listings. */
  requests(): readonly AccessRequest[] {
    this.#inOrder ??= [...this.#requests.values()].sort(byId);
    return this.#inOrder;
  }

  /** What a listing shows: no pending request whose time is over; older than what is found by id while it is kept stale. */
  listed(): readonly AccessRequest[] {
    const now = this.now();
    const listed = this.#staleListing ?? this.requests();
    return listed.filter(({ state, resourceExpiry }) => state !== 'PENDING' || resourceExpiry > now);
  }

  /** Knob: listings show what is there now until they are fresh again, as from a cache that is behind (up to 15 s in Teleport). */
  keepListingStale(): void {
    this.#staleListing = this.requests();
  }

  freshenListing(): void {
    this.#staleListing = null;
  }

  /** Reviews a request with the permissions of `reviewer`, by default those the author has now. */
  submitReview(
    submission: Pick<ReviewSubmission, 'requestId' | 'author' | 'proposedState'> & Partial<ReviewSubmission>,
    reviewer: Reviewer = this.#reviewerCalled(submission.author),
  ): AccessRequest {
    const complete = { ...BLANK_REVIEW, ...submission };
    checkReview(complete);
    const request = this.#undecided(complete.requestId, 'apply review to');
    const { capabilities } = this;
    const reviewed = applyReview(request, complete, { reviewer, capabilities, now: this.now() });
    this.putRequest(reviewed);
    return reviewed;
  }

  /** Sets the state of a request, as an administrator does. */
  setRequestState(change: Pick<StateChange, 'id' | 'state'> & Partial<StateChange>): AccessRequest {
    const complete = { ...BLANK_STATE_CHANGE, ...change };
    checkStateChange(complete);
    const request = this.#undecided(complete.id, 'set state of');
    const changed = changeState(request, complete);
    if (changed !== request) {
      const { id, state, reason } = complete;
      const before = this.#stateChanges.get(id) ?? [];
      this.#stateChanges.set(id, [...before, { state, reason, at: this.now() }]);
      this.putRequest(changed);
    }
    return changed;
  }

  /** Every state that was set, by the request's id, in order: a request itself shows only the last one. */
  get stateChanges(): ReadonlyMap<string, readonly AppliedStateChange[]> {
    return this.#stateChanges;
  }

  deleteRequest(id: string): void {
    this.request(id, 'delete');
    this.#requests.delete(id);
    this.#inOrder = null;
    this.#publishDelete('access_request', id);
  }

  /** Knob: the pending deadline of a request passes now: it is listed no more, and deleted when it is swept. */
  lapseRequest(id: string): AccessRequest {
    const request = this.request(id);
    const lapsed = { ...request, revision: randomUUID(), resourceExpiry: new Date(this.now().getTime() - 1) };
    this.#keep(lapsed);
    return lapsed;
  }

  /** Promotes a request to an access list, which Enterprise does through an API of its own. */
  promoteRequest(id: string): AccessRequest {
    const promoted: AccessRequest = { ...this.request(id), revision: randomUUID(), state: 'PROMOTED' };
    this.putRequest(promoted);
    return promoted;
  }

  /** The expiry service: removes what is over, pending requests after a grace period. Gives the ids removed. */
  sweepExpired(options: { readonly graceMs?: number } = {}): readonly string[] {
    const graceMs = options.graceMs ?? this.#expiryGraceMs;
    const now = this.now().getTime();
    const over = [...this.#requests.values()]
      .filter(
        ({ resourceExpiry, state }) => resourceExpiry.getTime() + (state === 'PENDING' ? graceMs : 0) <= now,
      )
      .sort(byId);
    for (const { id } of over) this.deleteRequest(id);
    return over.map(({ id }) => id);
  }

  #keep(request: AccessRequest): void {
    this.#requests.set(request.id, request);
    this.#inOrder = null;
  }

  #reviewerCalled(name: string): Reviewer {
    const user = this.directory.effective(name);
    return { user, roles: this.directory.rolesNamed(user.roles) };
  }

  #publishPut(kind: string, name: string, member: Readonly<Record<string, unknown>>): void {
    this.watches.publish({ type: 'PUT', kind, name, filterable: {}, member });
  }

  #publishDelete(kind: string, name: string): void {
    const ResourceHeader = { Kind: kind, Metadata: { Name: name } };
    this.watches.publish({ type: 'DELETE', kind, name, filterable: {}, member: { ResourceHeader } });
  }
}

function byId(one: AccessRequest, other: AccessRequest): number {
  return one.id < other.id ? -1 : 1;
}
