/** The resources of a cluster as the simulator keeps them. Names are Teleport's; instants are `Date`s. */

/** In the order of `types.RequestState`, so that the index of a name is its number on the wire. */
export const REQUEST_STATES = ['NONE', 'PENDING', 'APPROVED', 'DENIED', 'PROMOTED'] as const;

export type RequestState = (typeof REQUEST_STATES)[number];
export type Edition = 'community' | 'enterprise';
export type Traits = Readonly<Record<string, readonly string[]>>;

export interface Threshold {
  readonly name: string;
  /** A predicate over the review; empty matches every review. */
  readonly filter: string;
  readonly approve: number;
  readonly deny: number;
}

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface RequestConditions {
  /** Names, globs or `^regex$`. */
  readonly roles?: readonly string[];
  readonly annotations?: Traits;
  readonly thresholds?: readonly Threshold[];
  readonly suggestedReviewers?: readonly string[];
  /** Roles by which resources may be searched and requested (Enterprise). */
  readonly searchAsRoles?: readonly string[];
  /** Longest access a request may ask for, in milliseconds. */
  readonly maxDurationMs?: number;
}

interface ReviewConditions {
  readonly roles?: readonly string[];
  /** A predicate over reviewer and request; empty is true. */
  readonly where?: string;
  /** Roles whose resources the reviewer may look at. */
  readonly previewAsRoles?: readonly string[];
  readonly submitForUsers?: readonly string[];
}

export interface RoleConditions {
  readonly logins?: readonly string[];
  readonly nodeLabels?: Traits;
  readonly appLabels?: Traits;
  readonly dbLabels?: Traits;
  readonly kubernetesLabels?: Traits;
  readonly windowsDesktopLabels?: Traits;
  /** `github_permissions`: organizations. */
  readonly githubOrganizations?: readonly string[];
  readonly request?: RequestConditions;
  readonly reviewRequests?: ReviewConditions;
  readonly rules?: readonly Rule[];
}

export interface Role {
  readonly name: string;
  readonly allow: RoleConditions;
  readonly deny?: RoleConditions;
  /** `options.max_session_ttl`, in milliseconds; Teleport's own bound of 30 h when absent. */
  readonly maxSessionTtlMs?: number;
}

export interface User {
  readonly name: string;
  readonly roles: readonly string[];
  readonly traits: Traits;
  /** The connector which created an SSO user; absent for a local user. */
  readonly connector?: { readonly type: string; readonly id: string; readonly identity: string };
  /** A Machine ID bot: reviews with the roles of its certificate, and is exempt from MFA for admin actions. */
  readonly bot?: boolean;
}

/** What an Access List grants its members. */
export interface Grants {
  readonly roles: readonly string[];
  readonly traits: Traits;
}

/** What a login wrote down of a user: all that they had then, and of that what their record and Access Lists gave. */
export interface LoginState extends Grants {
  readonly original: Grants;
  readonly accessLists: Grants;
}

export interface Review {
  readonly author: string;
  readonly proposedState: RequestState;
  readonly reason: string;
  readonly created: Date;
  readonly thresholdIndexes: readonly number[];
  readonly assumeStartTime: Date | null;
  readonly submittedBy: string;
  readonly submittedOnBehalfOfAuthor: boolean;
}

export interface ResourceId {
  readonly cluster: string;
  readonly kind: string;
  readonly name: string;
  readonly subResource: string;
  /** As on the wire, so that a newer Teleport's can be had as well. */
  readonly constraints?: Readonly<Record<string, unknown>>;
}

/** What is no host, by its kind as requests have it; several servers may carry one. */
export interface Labelled {
  readonly kind: 'app' | 'db' | 'kube_cluster' | 'windows_desktop' | 'git_server';
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** By commands on the host. */
  readonly dynamic?: Readonly<Record<string, string>>;
  /** Of a git server. */
  readonly organization?: string;
}

/** A host, by its id in the cluster; `hostname` is what it says itself. */
export interface Node {
  readonly id: string;
  readonly hostname: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface AccessRequest {
  readonly id: string;
  readonly revision: string;
  readonly user: string;
  readonly roles: readonly string[];
  readonly state: RequestState;
  readonly created: Date;
  /** When the granted access ends. */
  readonly expires: Date;
  readonly maxDuration: Date;
  readonly sessionTtl: Date;
  /** When the request itself is removed; for a pending request this is its deadline. */
  readonly resourceExpiry: Date;
  readonly assumeStartTime: Date | null;
  readonly requestReason: string;
  readonly resolveReason: string;
  readonly resolveAnnotations: Traits;
  readonly systemAnnotations: Traits;
  readonly thresholds: readonly Threshold[];
  /** Per role: every set must be met, and a set is met by any one of its threshold indexes. */
  readonly roleThresholdMapping: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly reviews: readonly Review[];
  readonly suggestedReviewers: readonly string[];
  readonly resourceIds: readonly ResourceId[];
  readonly dryRun: boolean;
}

export interface LockTarget {
  readonly user: string;
  readonly role: string;
  readonly accessRequest: string;
}

export interface Lock {
  readonly name: string;
  readonly revision: string;
  readonly target: LockTarget;
  readonly message: string;
  /** Until when it is in force. */
  readonly expires: Date | null;
  /** `Metadata.Expires`: when the backend removes it; without it it stays. */
  readonly removedAt: Date | null;
  readonly createdAt: Date;
  readonly createdBy: string;
}

/** A rule by which Teleport reviews access requests itself, as far as the simulator keeps it; it is never carried out here. */
export interface MonitoringRule {
  readonly name: string;
  readonly condition: string;
  readonly decision: 'APPROVED' | 'DENIED';
  /** `builtin`, or a plugin's name. */
  readonly integration: string;
  /** Teleport: only with `reviewed` it does anything. */
  readonly desiredState: 'reviewed' | '';
}

/** Who makes a call: taken from the client certificate. */
export interface Caller {
  readonly user: string;
  /** The roles in the certificate. */
  readonly roles: readonly string[];
}
