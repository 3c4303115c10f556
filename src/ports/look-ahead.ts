import type { LockFact } from '../core/locks.ts';
import type { RequestRights } from '../core/forecast/accounts.ts';
import type { Stretch } from '../core/forecast/stretch.ts';
import type { Reference } from '../core/on-call.ts';
import type { Instant } from '../core/values/instant.ts';
import type { Ask, IncidentStatus } from './pagerduty.ts';
import type { LoginState } from './teleport.ts';

/** What PagerDuty tells of the time to come. Every method throws PagerDutyError when it cannot answer in full. */
export interface PagerDutyLookAhead {
  /** By service id: the maintenance windows that go on or are to come. */
  maintenance(serviceIds: readonly string[], ask: Ask): Promise<ReadonlyMap<string, readonly Stretch[]>>;
  /** How far an incident has come on its escalation policy; null where it is gone. Two reads. */
  escalation(incidentId: string, ask: Ask): Promise<IncidentEscalation | null>;
}

export interface IncidentEscalation {
  readonly status: IncidentStatus;
  readonly assignees: readonly Reference[];
  /** Since when they have it; null where nobody has. */
  readonly since: Instant | null;
  readonly policyId: string;
  /** How long each level of the policy has, the first one first. */
  readonly delaysMs: readonly number[];
}

/** What Teleport tells of people who may ask one day. Every method throws TeleportError, kind `denied` for want of a permission. */
export interface TeleportLookAhead {
  /** Of everybody who has logged in, by user name. Kind `unsupported` on a Teleport that lists none. */
  loginStates(signal: AbortSignal): Promise<ReadonlyMap<string, LoginState>>;
  /** What the role lets its holders ask for. */
  requestRights(role: string, signal: AbortSignal): Promise<RequestRights>;
  /** The locks that are in force, whatever they lock. */
  locks(signal: AbortSignal): Promise<readonly LockFact[]>;
}
