import type { Cause } from './cause.ts';
import type { Identity } from './identity.ts';
import type { OnCallReading, Reference } from './on-call.ts';
import type { Target } from './rule.ts';

/** What a configured name turned out to be in PagerDuty. */
export type TargetFact = Target &
  (
    | {
        readonly state: 'known';
        readonly id: string;
        readonly name: string;
        /** The escalation policy of a service; null for the other kinds. */
        readonly policy: Reference | null;
      }
    | { readonly state: 'unknown'; readonly cause: Cause }
  );

/** Everything that was looked up for one decision, the failures included. Stored whole, so that the decision can be derived again. */
export interface Facts {
  readonly requester: Identity;
  readonly targets: readonly TargetFact[];
  /** The requester's on-call rows. */
  readonly onCall: OnCallReading;
  /** Teleport refused the service's approval for good: a person is needed after all. Null in the ordinary case. */
  readonly reviewRefused: Cause | null;
  /** How many PagerDuty reads it took. */
  readonly reads: number;
}
