import type { Setting } from '../core/effects/effect-context.ts';
import type { Instant } from '../core/values/instant.ts';
import type { Policy } from '../core/rule.ts';
import type { Clock } from '../ports/clock.ts';
import type { FirstAddresses } from '../ports/pins.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Incidents, OnCallDirectory, Pulse } from '../ports/pagerduty.ts';
import type { Ownership } from '../ports/ownership.ts';
import type { Roster } from '../ports/roster.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { AccessRequests, Locks, NodeNames, TeleportUsers } from '../ports/teleport.ts';

/** Teleport Enterprise counts reviews; Teleport Community only knows setting the state. */
export type ResolveWith = 'review' | 'state';

export interface WayToResolve {
  /** By what was last heard of the cluster's edition. */
  now(): ResolveWith;
  /** Asked of Teleport anew: before a state is set, past all thresholds, and after a review was refused. Throws TeleportError. */
  askAnew(signal: AbortSignal): Promise<ResolveWith>;
}

/** A policy and the digest by which decisions name it; recorded in the ledger before the first decision under it. */
export interface PolicyInForce {
  readonly policy: Policy;
  readonly policyDigest: string;
  /** The digest of the claims that hold for it; absent where nothing is claimed. */
  readonly claimsDigest?: string;
}

/** Everything that the use cases work with. */
export interface Dependencies {
  readonly requests: AccessRequests;
  readonly users: TeleportUsers;
  readonly locks: Locks;
  /** Null where names are not asked for. */
  readonly nodes: NodeNames | null;
  /** Teleport's name of its root cluster; null where it is not known. */
  readonly rootCluster: string | null;
  readonly directory: OnCallDirectory;
  readonly roster: Roster;
  readonly ownership: Ownership;
  readonly addresses: FirstAddresses;
  readonly incidents: Incidents;
  readonly pulse: Pulse;
  readonly ledger: Ledger;
  readonly reporter: Reporter;
  readonly clock: Clock;
  /** Evenly spread over [0, 1). */
  readonly random: () => number;
  /** SHA-256 of the text, in hex. */
  readonly digest: (text: string) => string;
  /** Changes when an identity map is changed: taken once for each request that is handled. */
  readonly policyInForce: () => PolicyInForce;
  readonly setting: Setting;
  readonly resolving: WayToResolve;
  /** Whether a webhook of PagerDuty's came at this time or later: then answers are told at once, and asked for less often. */
  readonly webhookCameSince: (since: Instant) => boolean;
  /** The Teleport user by whose name our reviews are known. */
  readonly ownUser: string;
}
