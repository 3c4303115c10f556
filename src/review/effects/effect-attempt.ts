import { setTimeout as delay } from 'node:timers/promises';
import type { AccessRequest } from '../../core/access-request.ts';
import type { Effect, Outcome } from '../../core/record/effect.ts';
import type { Look } from '../../core/silence.ts';
import type { Cause } from '../../core/values/cause.ts';
import { msBetween, SECOND, type Instant } from '../../core/values/instant.ts';
import type { RecordedDecision } from '../../core/record/ledger-entry.ts';
import type { Ask, Incident } from '../../ports/pagerduty.ts';
import type { Dependencies, PolicyInForce } from '../dependencies.ts';
import type { ListOnPage } from './list-on-page.ts';
import type { BegunPage } from './own-page.ts';

export type EffectDependencies = Pick<
  Dependencies,
  | 'requests'
  | 'users'
  | 'locks'
  | 'directory'
  | 'roster'
  | 'addresses'
  | 'incidents'
  | 'clock'
  | 'resolving'
  | 'ownUser'
  | 'setting'
  | 'reporter'
  | 'ledger'
> &
  Pick<PolicyInForce, 'policy'>;

/** How long PagerDuty may take with a call whose sender is gone. */
const ARRIVES_WITHIN_MS = 5 * SECOND;

/** What an effect is carried out for. */
export interface EffectAttempt {
  readonly requestId: string;
  /** The decision in force. */
  readonly decided: RecordedDecision;
  readonly effect: Effect;
  /** Tried before, so it may have happened although nobody heard: look before acting. */
  readonly again: boolean;
  /** When it was intended by a process that is gone, so that what it sent may still be under way; null where it was not. */
  readonly interruptedAt: Instant | null;
  /** Why nothing is done any more but to look up whether it has been done; null while it may be done. */
  readonly onlyLook: string | null;
  /**
   * Asked right before anything is changed outside; what it throws keeps that from being sent. Looking takes time, and so does
   * waiting for the rate limit: meanwhile this process may have been frozen, and another replica may have done it.
   */
  readonly ensureHeld: () => void;
  /** Told how PagerDuty answered when a page was to be opened: by silence with a cause, or null for anything that is an answer. */
  readonly heard: (look: Look, silence: Cause | null) => void;
  /** The request, asked for while the decision was written down; absent where it is to be asked for. */
  readonly seen?: Promise<AccessRequest | null>;
  /** Every page that was intended. */
  readonly pages: readonly BegunPage[];
  readonly listOnPage: ListOnPage;
}

/** What the request asks for is not what was decided upon: it is decided anew. */
export class RequestChangedError extends Error {
  override readonly name = 'RequestChangedError';
  readonly request: AccessRequest;

  constructor(request: AccessRequest) {
    super('the request was changed in Teleport after it was decided upon, it is decided anew');
    this.request = request;
  }
}

/** The requester in PagerDuty; null where that is not known. */
export function requesterIn({ facts: { requester } }: Pick<RecordedDecision, 'facts'>): string | null {
  return requester.state === 'recognised' ? requester.id : null;
}

export function outcome(summary: string): Outcome {
  return { summary, ours: true, incidentId: null, url: null };
}

export function notOurs(summary: string): Outcome {
  return { ...outcome(summary), ours: false };
}

export function ofIncident(incident: Incident, summary: string): Outcome {
  return { summary, ours: true, incidentId: incident.id, url: incident.htmlUrl };
}

/** Until what was sent at this time has arrived; no time at all where a clock was moved since. */
export async function arrival(
  sentAt: Instant,
  { clock }: EffectDependencies,
  { signal }: Ask,
): Promise<void> {
  const ageMs = Math.abs(msBetween(sentAt, clock.now()));
  await delay(Math.max(0, ARRIVES_WITHIN_MS - ageMs), undefined, { signal });
}
