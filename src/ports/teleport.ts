import type { LabelValues } from '../core/resources/labels-reading.ts';
import type { LockFact } from '../core/locks.ts';
import type { AccessRequest, RequestId, SeenRequest } from '../core/access-request.ts';
import type { Held, TeleportUser } from '../core/identity.ts';
import type { Instant } from '../core/values/instant.ts';

export interface Cluster {
  readonly name: string;
  /** Semantic version without `v`. */
  readonly version: string;
  /** Teleport Enterprise: access reviews and thresholds exist. */
  readonly advancedWorkflows: boolean;
  /** The web address users see, for links; empty when the cluster has none. */
  readonly proxyPublicAddr: string;
}

/** A request as Teleport has it now, whole or what is held of it while it waits; null when Teleport has it no more. */
export interface ObservedRequest {
  readonly id: RequestId;
  readonly request: AccessRequest | SeenRequest | null;
  /** Asked for by id when its turn comes: Teleport may have listed it from a cache that is some seconds behind. */
  readonly listed?: true;
}

/** What the watch yields. There is no replay: whatever happened before `init` must be listed. */
export type AccessRequestEvent =
  | { readonly kind: 'init' }
  | { readonly kind: 'put'; readonly request: AccessRequest }
  | { readonly kind: 'delete'; readonly id: RequestId }
  | { readonly kind: 'malformed'; readonly detail: string };

export type ProposedState = 'approved' | 'denied';

export interface AccessRequests {
  /**
   * Ends by throwing a TeleportError, or quietly when the server closes the stream or the signal aborts. `onSuperseded` is called
   * when the next watch would run as a renewed identity; this one goes on as the old identity as long as Teleport lets it.
   */
  watch(signal: AbortSignal, onSuperseded?: () => void): AsyncIterable<AccessRequestEvent>;
  /** All pending requests, every page; a request that cannot be read is handed to `onMalformed` and left out. */
  listPending(signal: AbortSignal, onMalformed: (detail: string) => void): Promise<readonly SeenRequest[]>;
  /** One request by id; null when Teleport has it no more. */
  find(id: RequestId, signal: AbortSignal): Promise<AccessRequest | null>;
  /**
   * SubmitAccessReview; gives the request as it is afterwards. As the service's own user, or in the name of `onBehalfOf`, which
   * Teleport allows from 18.11 on where the service's role has `submit_for_users`; elsewhere it throws kind `denied`.
   */
  review(
    review: { id: RequestId; propose: ProposedState; reason: string; onBehalfOf?: string },
    signal: AbortSignal,
  ): Promise<AccessRequest>;
  /** SetAccessRequestState: resolves at once, whatever the thresholds. The way of Teleport Community. */
  setState(
    change: { id: RequestId; state: ProposedState; reason: string },
    signal: AbortSignal,
  ): Promise<void>;
}

/** What an auditor compares the ledger with. */
export interface AccessRequestArchive {
  /** Every request that Teleport still has, whatever its state; one that cannot be read is handed to `onMalformed`. */
  listAll(signal: AbortSignal, onMalformed: (detail: string) => void): Promise<readonly AccessRequest[]>;
}

/** A user's roles and traits as of their last login, and of these what Access Lists granted. */
export interface LoginState {
  readonly effective: Held;
  readonly fromLists: Held;
}

export interface TeleportUsers {
  /** Throws a TeleportError of kind `not-found` for a user that does not exist. */
  user(name: string, signal: AbortSignal): Promise<TeleportUser>;
  /**
   * Null for who has not logged in since Teleport writes it down, or never does. Throws kind `denied` where the service may not read
   * login states, and `unsupported` on a Teleport before 14.
   */
  loginState(name: string, signal: AbortSignal): Promise<LoginState | null>;
  /**
   * All users for which this holds, every page looked through. Throws kind `denied` where the service may not list users, and
   * `unsupported` on a Teleport before 15.
   */
  search(matches: (user: TeleportUser) => boolean, signal: AbortSignal): Promise<readonly TeleportUser[]>;
}

/** What Teleport tells of resources beside what requests say. Of a node, the host itself says what it is called, and labelled. */
export interface NodeNames {
  /**
   * Host names of nodes of the root cluster, by id. Those that the service may not see are absent, like those that are gone. Throws
   * TeleportError.
   */
  hostNames(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /**
   * The labels of these names that resources of one kind of the root cluster have, by the name of the resource: a set for each server
   * that says something else. What a host's commands say is none. Those that the service may not see are absent. Throws TeleportError.
   */
  labels(wanted: WantedLabels, signal: AbortSignal): Promise<ReadonlyMap<string, readonly LabelValues[]>>;
}

/** A resource of the root cluster as one server says that it is. */
export interface ListedResource {
  readonly name: string;
  /** Of a node that has one. */
  readonly hostName: string | null;
  readonly labels: LabelValues;
}

export interface ResourceList {
  /**
   * Everything of one kind that the service may see, by pages as Teleport has them, with the labels of these names: what several servers
   * carry comes as often. Throws TeleportError.
   */
  pages(
    wanted: Omit<WantedLabels, 'resources'>,
    signal: AbortSignal,
  ): AsyncIterable<readonly ListedResource[]>;
}

export interface WantedLabels {
  /** As requests have it: node, app, db, kube_cluster, windows_desktop, git_server. */
  readonly kind: string;
  readonly resources: readonly string[];
  readonly names: readonly string[];
}

export interface Locks {
  /** Cuts the access granted by one request, until `expires`. Repeating it under the same name changes nothing. */
  lockRequest(
    lock: { name: string; id: RequestId; message: string; expires: Instant | null },
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Takes the lock of this name away, if it still is what this service set: for this request, with this message and end. False where it
   * is not, and stays; true also where it is gone.
   */
  lift(
    lock: { name: string; id: RequestId; message: string; expires: Instant | null },
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Whether the lock of this name is there; Teleport does not say who took one away. */
  exists(name: string, signal: AbortSignal): Promise<boolean>;
  /** Those in force, whatever they lock. Throws TeleportError, kind `denied` for want of a permission. */
  inForce(signal: AbortSignal): Promise<readonly LockFact[]>;
}

/** What one of the service user's roles lets it do, as far as `check` judges it. */
export interface RolePermissions {
  readonly role: string;
  readonly allow: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
  readonly deny: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
  /** Role patterns (globs, or `^regex$`) whose requests it may review. */
  readonly mayReview: readonly string[];
  readonly mayNotReview: readonly string[];
  /** Roles whose resources it may look at in requests that it reviews: `preview_as_roles`. */
  readonly mayPreview?: readonly string[];
  /** Users, or patterns, in whose name it may submit reviews: `submit_for_users`, from 18.11 on. */
  readonly maySubmitFor: readonly string[];
  readonly mayNotSubmitFor: readonly string[];
}

/** A rule by which Teleport, or a plugin of that name, reviews access requests without asking anybody. */
export interface AutomaticReviewRule {
  readonly name: string;
  /** `APPROVED` or `DENIED`. */
  readonly decision: string;
  /** Teleport's predicate over the request and its user. */
  readonly condition: string;
  /** Who carries it out: `builtin`, or the name of a plugin. */
  readonly integration: string;
}

export interface TeleportAdmin {
  /** The active ones; none on a Teleport that knows none. Throws kind `denied` where the service may not list them. */
  automaticReviewRules(signal: AbortSignal): Promise<readonly AutomaticReviewRule[]>;
  ping(signal: AbortSignal): Promise<Cluster>;
  /** The name in the client certificate: the author of our reviews. */
  ownUser(): string;
  ownRoles(signal: AbortSignal): Promise<readonly RolePermissions[]>;
}

export type TeleportErrorKind =
  | 'unavailable'
  | 'timeout'
  | 'denied'
  | 'not-found'
  | 'already-exists'
  | 'invalid'
  | 'conflict'
  | 'limited'
  | 'unsupported'
  | 'malformed'
  /** The service's own identity is missing, unreadable, expired, or of another cluster. */
  | 'identity'
  | 'unknown';

/**
 * Whom a refused review was refused to: the person in whose name it was to be given, who may not review the request; or this service,
 * which may not, or cannot, speak for them.
 */
export type RefusedTo = 'reviewer' | 'stand-in';

/** Any failure of a call to Teleport, typed at the edge; the message is a sentence with a remedy. */
export class TeleportError extends Error {
  override readonly name = 'TeleportError';
  readonly kind: TeleportErrorKind;
  readonly transient: boolean;
  /** Null where Teleport does not tell, and for all that is no refused review. */
  readonly refusedTo: RefusedTo | null;

  constructor(
    kind: TeleportErrorKind,
    message: string,
    options: { transient?: boolean; refusedTo?: RefusedTo | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.transient = options.transient ?? false;
    this.refusedTo = options.refusedTo ?? null;
  }
}

/** The answer, or null where Teleport refuses for one of these causes. */
export async function unless<T>(
  answer: Promise<T>,
  ...kinds: readonly TeleportErrorKind[]
): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof TeleportError && kinds.includes(error.kind)) return null;
    throw error;
  }
}

/** One call of Teleport's API that has ended. */
export interface TeleportCall {
  /** Service and method: `proto.AuthService/SubmitAccessReview`. */
  readonly method: string;
  /** What kind of failure it was; null for an answer, or when its caller gave up. */
  readonly failure: TeleportError['kind'] | null;
  readonly durationMs: number;
}
