import type { Cause } from './values/cause.ts';
import type { Held, Identity, TeleportUser } from './identity.ts';
import type { Instant } from './values/instant.ts';
import type { OnCallReading, Reference } from './on-call.ts';
import type { OwnershipReading } from './owners/reading.ts';
import type { PoliciesReading } from './roster/policies-seen.ts';
import type { ResourceFacts } from './resources/host-names.ts';
import type { Target } from './rule.ts';
import type { Lasting, Silence } from './silence.ts';
import { sanitise } from './values/words.ts';

/** What a configured name turned out to be in PagerDuty. */
export type TargetFact = Target &
  (
    | {
        readonly state: 'known';
        readonly id: string;
        readonly name: string;
        /** The escalation policy of a service; null for the other kinds. */
        readonly policy: Reference | null;
        /** A disabled service has no on-call of its own: it pages nobody. */
        readonly disabled: boolean;
      }
    | { readonly state: 'unknown'; readonly cause: Cause }
  );

/** The fact about this target. What was not looked up is as unknown as what could not be. */
export function factOf(target: Target, facts: readonly TargetFact[]): TargetFact {
  const fact = facts.find(({ kind, asked }) => kind === target.kind && asked === target.asked);
  if (fact !== undefined) return fact;
  const message = `${target.kind} ${sanitise(target.asked, 100)} was not looked up`;
  return { ...target, state: 'unknown', cause: { code: 'not-found', message, transient: true } };
}

/** What Teleport wrote down at a user's last login (`UserLoginState`). */
export type LoginReading =
  | {
      readonly state: 'known';
      /** By which Teleport itself judges: what Access Lists grant is in it. */
      readonly effective: Held;
      /** Of that, what Access Lists granted, as far as Teleport tells it apart. */
      readonly fromLists: Held;
    }
  | { readonly state: 'unknown'; readonly cause: Cause };

export type KnownLogin = LoginReading & { readonly state: 'known' };

/**
 * The requester's own record in Teleport. `absent`: Teleport has none (any more). Without a login state (Teleport has none, the
 * user is a bot, or an old version decided) the record alone counts.
 */
export type UserReading =
  | { readonly state: 'known'; readonly user: TeleportUser; readonly login?: LoginReading }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly cause: Cause }
  | { readonly state: 'not-asked' };

/** Who did something, with PagerDuty's type: a person, a service, an integration. */
export type Agent = Reference & { readonly type: string };

export type HelpRequestsReading =
  | {
      readonly state: 'known';
      /** `asked` is null where PagerDuty does not say whom. */
      readonly requests: readonly { readonly by: Agent; readonly asked: readonly string[] | null }[];
    }
  | { readonly state: 'unknown'; readonly cause: Cause };

/** An open incident as far as rules ask about it; names and words are PagerDuty's. */
export interface OpenIncident {
  readonly id: string;
  readonly title: string;
  readonly urgency: 'high' | 'low';
  readonly service: Reference;
  readonly assignees: readonly Reference[];
  /** People only: automation acknowledges too. */
  readonly acknowledgers: readonly Reference[];
  readonly responders: readonly {
    readonly user: Reference;
    readonly state: string;
    /** Whoever PagerDuty was told: believed in ledgers of earlier versions alone, where `helpRequests` is absent. */
    readonly requester: Reference | null;
  }[];
  readonly createdAt: Instant;
  /** The agent of its first log entry; null where PagerDuty does not say, absent in ledgers of earlier versions. */
  readonly openedBy?: Agent | null;
  /** Who opened it again after it was resolved; absent where nobody did, or it was not asked for. */
  readonly reopenedBy?: Agent | null;
  /** Who asked whom for help, by the incident's log; looked up where the requester may be one of them. */
  readonly helpRequests?: HelpRequestsReading;
  /** Somebody merged it into this one, which is open still; what people are to it is read there. */
  readonly mergedInto?: { readonly id: string; readonly title: string; readonly openedBy: Agent | null };
}

/** The incidents that are open on the services that rules ask about; the service's own pages are left out. */
export type IncidentsReading =
  | { readonly state: 'known'; readonly incidents: readonly OpenIncident[] }
  | { readonly state: 'unknown'; readonly cause: Cause }
  | { readonly state: 'not-asked' };

/** Whether anybody is on call where the page would go, or among those who may answer it. */
export type ReachReading =
  | {
      readonly state: 'known';
      readonly reachable: boolean;
      /** Where nobody is: how long that was found so. Absent in ledgers of earlier versions, to which once was enough. */
      readonly lasting?: Lasting;
    }
  | { readonly state: 'unknown'; readonly cause: Cause }
  | { readonly state: 'not-asked' };

/** Everything that was looked up for one decision, the failures included. Stored whole, so that the decision can be derived again. */
export interface Facts extends ResourceFacts {
  readonly requester: Identity;
  readonly user: UserReading;
  readonly targets: readonly TargetFact[];
  /** The requester's on-call rows. */
  readonly onCall: OnCallReading;
  /** Since when services were seen to have their policies: for rules by owners. Absent elsewhere, and where nothing could be had. */
  readonly policies?: PoliciesReading;
  /** What PagerDuty says of teams and by fields of services: for rules that go by them. Absent elsewhere. */
  readonly ownership?: OwnershipReading;
  readonly incidents: IncidentsReading;
  /** The on-call rows of those who asked the requester to help with an incident. */
  readonly helped: OnCallReading;
  readonly approvers: ReachReading;
  /** Absent in ledgers of earlier versions, to which every fact that could not be had was PagerDuty's silence. */
  readonly silence?: Silence;
  /** Teleport refused the service's approval for good: a person is needed after all. Null in the ordinary case. */
  readonly reviewRefused: Cause | null;
  /** How many PagerDuty reads it took. */
  readonly reads: number;
}
