import type { ResourceId } from './resources/resource.ts';
import type { Instant } from './values/instant.ts';

/** Teleport's id of a request: the `metadata.name` of `types.AccessRequestV3`, a UUID. */
export type RequestId = string;

/** Teleport's states; `unknown` stands for one that a newer Teleport may add. */
export type RequestState = 'pending' | 'approved' | 'denied' | 'promoted' | 'unknown';

/**
 * `short-term` is an ordinary request. `long-term` (Teleport 18) asks for membership of an access list and
 * is resolved by promotion in Teleport. `unknown` stands for a kind that a newer Teleport may add.
 */
export type RequestKind = 'short-term' | 'long-term' | 'unknown';

export interface Threshold {
  readonly name: string;
  readonly filter: string;
  /** Reviews needed; 0 means that this threshold never approves (or denies). */
  readonly approve: number;
  readonly deny: number;
}

export interface Review {
  readonly author: string;
  readonly proposedState: RequestState;
  readonly reason: string;
  readonly created: Instant | null;
  /** Who sent it, where that is not the author (Teleport's `submitted_by`, 18.11). */
  readonly submittedBy: string | null;
}

/** Teleport's access request, as far as this service reads it. Absent times are null. */
export interface AccessRequest {
  readonly id: RequestId;
  /** Changes with every write to the request (`metadata.revision`). */
  readonly revision: string;
  readonly requester: string;
  readonly roles: readonly string[];
  /** Empty: the roles for all that they allow. */
  readonly resources: readonly ResourceId[];
  readonly state: RequestState;
  readonly kind: RequestKind;
  readonly dryRun: boolean;
  /** The requester's own words: never trusted, never interpreted. */
  readonly reason: string;
  readonly created: Instant | null;
  /** When the access would end (`spec.expires`), not when the request does. */
  readonly accessExpires: Instant | null;
  /** When the request itself ends (`spec.resource_expiry`, before 15.x `metadata.expires`). */
  readonly requestExpires: Instant | null;
  /** When the access would begin, where the requester asked for a later start (`assume_start_time`). */
  readonly startsAt: Instant | null;
  /** System annotations: set by the requester's roles, frozen at creation. */
  readonly annotations: Readonly<Record<string, readonly string[]>>;
  readonly suggestedReviewers: readonly string[];
  readonly thresholds: readonly Threshold[];
  readonly reviews: readonly Review[];
  readonly resolveReason: string;
}

/** What is held in memory of a request that waits: whose it is, and whether it has changed. Its words, which may be long, are not. */
export type SeenRequest = Pick<AccessRequest, 'id' | 'revision' | 'requester' | 'state' | 'created'>;

export function seenOf({ id, revision, requester, state, created }: SeenRequest): SeenRequest {
  return { id, revision, requester, state, created };
}

export function isWhole(request: AccessRequest | SeenRequest): request is AccessRequest {
  return 'roles' in request;
}

/**
 * Whether two readings of a request ask for the same under the same thresholds: what a decision, or an approver, was shown. Its
 * state, its reviews and its deadline are left out: they change as it is worked on.
 */
export function asksForTheSame(one: AccessRequest, other: AccessRequest): boolean {
  const [first, second] = [asked(one), asked(other)];
  // What was read in the same way has the same text as it is; to bring maps into one order costs ten times as much.
  return JSON.stringify(first) === JSON.stringify(second) || canonical(first) === canonical(second);
}

/** Whether somebody asks for the same roles on the same resources, whatever they say about it and for however long. */
export function asksAlike(one: AccessRequest, other: AccessRequest): boolean {
  const thing = ({ requester, roles, resources, kind }: AccessRequest) =>
    canonical([requester, [...new Set(roles)].sort(), resources, kind]);
  return thing(one) === thing(other);
}

function asked(request: AccessRequest): unknown {
  const { requester, roles, resources, kind, dryRun, reason, accessExpires, startsAt } = request;
  const { annotations, thresholds } = request;
  return [
    requester,
    roles,
    resources,
    kind,
    dryRun,
    reason,
    accessExpires,
    startsAt,
    annotations,
    thresholds,
  ];
}

/** Keys in order, and without what is absent: neither maps on the wire nor fields of a newer version make a difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    const present = Object.entries(each).filter(([, part]) => !isAbsent(part));
    return Object.fromEntries(present.sort(([name], [next]) => (name < next ? -1 : 1)));
  });
}

function isAbsent(part: unknown): boolean {
  return part === null || part === undefined || (Array.isArray(part) && part.length === 0);
}

export type ResolvedState = Extract<RequestState, 'approved' | 'denied' | 'promoted'>;

/** A request that Teleport has settled: approved, denied, or promoted to an access list. */
export function isResolved<Request extends Pick<AccessRequest, 'state'>>(
  request: Request,
): request is Request & { readonly state: ResolvedState } {
  return request.state === 'approved' || request.state === 'denied' || request.state === 'promoted';
}
