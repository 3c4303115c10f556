import { randomUUID } from 'node:crypto';
import { checkAssumeStartTime, checkReason } from './access-requests.ts';
import { badParameter } from './errors.ts';
import type { AccessRequest, RequestState, Traits } from './model.ts';

/** A `SetAccessRequestState` call. */
export interface StateChange {
  readonly id: string;
  readonly state: RequestState;
  readonly reason: string;
  /** Who really decided; goes into the audit event only. */
  readonly delegator: string;
  readonly annotations: Traits;
  readonly roles: readonly string[];
  readonly assumeStartTime: Date | null;
}

/** Teleport: refuses with INVALID_ARGUMENT what can be refused before the request is looked up. */
export function checkStateChange({ state, roles, reason }: StateChange): void {
  if (state === 'NONE') throw badParameter('missing request state');
  if (state === 'PROMOTED') {
    throw badParameter('state promoted can be only set when promoting to access list');
  }
  if (roles.length > 0 && state !== 'APPROVED') {
    throw badParameter(`cannot override roles when setting state: ${state}`);
  }
  checkReason(reason, 'resolve');
}

/**
 * Teleport: sets the state at once, without regard to thresholds. A denied request stays denied, a promoted one
 * promoted; an approved one may still be denied, and may be approved again with another reason or fewer roles.
 */
export function changeState(request: AccessRequest, change: StateChange): AccessRequest {
  if (request.state === 'DENIED') {
    if (change.state === 'DENIED') {
      const resolved = { resolveReason: change.reason, resolveAnnotations: change.annotations };
      return { ...request, revision: randomUUID(), ...resolved };
    }
    throw badParameter(`cannot set request-state "${change.state}" (already denied)`);
  }
  if (request.state === 'PROMOTED') {
    throw badParameter(`cannot set request-state "${change.state}" (already promoted)`);
  }
  const foreign = change.roles.find((role) => !request.roles.includes(role));
  if (foreign !== undefined) {
    throw badParameter(
      `role "${foreign}" not in original request, overrides must be a subset of original role list`,
    );
  }
  checkAssumeStartTime(change.assumeStartTime, request);
  return {
    ...request,
    revision: randomUUID(),
    state: change.state,
    resolveReason: change.reason,
    resolveAnnotations: change.annotations,
    roles: change.roles.length > 0 ? change.roles : request.roles,
    assumeStartTime: change.assumeStartTime ?? request.assumeStartTime,
    resourceExpiry: change.state === 'APPROVED' ? request.expires : request.resourceExpiry,
  };
}
