import type { Account } from './account.ts';
import { isInMaintenance } from './administration.ts';
import { alreadyOpen } from './incident-lookup.ts';
import type { Agent, Incident } from './incident-model.ts';
import {
  after,
  assignedTo,
  firstReachedLevel,
  nextEscalation,
  nobodyOnCall,
  record,
  type ReachedLevel,
} from './incident-record.ts';
import type { EscalationPolicy, Service, Urgency } from './model.ts';
import { argumentsCausedError, invalidInput, Refusal } from './refusal.ts';

export interface NewIncident {
  readonly title: string;
  readonly serviceId: string;
  readonly urgency?: Urgency;
  readonly details?: string;
  readonly incidentKey?: string;
  /** Instead of the service's own policy; never together with `assigneeId`. */
  readonly escalationPolicyId?: string;
  readonly assigneeId?: string;
  readonly incidentType?: string;
}

/**
 * A person or a program opens an incident, as POST /incidents does.
 * @throws Refusal 400 when one with the same key is open on the service (2002), when nobody is on call (1015), when the
 * service is disabled or in maintenance (2001: during a window PagerDuty takes no new incidents)
 */
export function openIncident(account: Account, request: NewIncident, agent: Agent): Incident {
  const service = account.services.get(request.serviceId);
  if (service === undefined) {
    throw argumentsCausedError('Service not found');
  }
  if (service.disabled) throw invalidInput('Service is disabled');
  if (isInMaintenance(account, service.id, account.clock.now())) {
    throw invalidInput('Service is in maintenance');
  }
  if (
    request.incidentKey !== undefined &&
    alreadyOpen(account, service.id, request.incidentKey) !== undefined
  ) {
    throw argumentsCausedError('Open incident with matching dedup key already exists on this service');
  }
  return trigger(account, service, request, agent);
}

/**
 * Monitoring sends an alert through a service's integration. Returns the incident it opened or joined (same key, still
 * open), or undefined where PagerDuty opens none: service disabled or in maintenance, or nobody on call at any level.
 */
export function triggerAlert(account: Account, alert: NewIncident): Incident | undefined {
  const service = account.services.require(alert.serviceId);
  const now = account.clock.now();
  if (service.disabled || isInMaintenance(account, service.id, now)) return undefined;

  const agent: Agent = { type: 'service', id: service.id };
  const open =
    alert.incidentKey === undefined ? undefined : alreadyOpen(account, service.id, alert.incidentKey);
  if (open !== undefined) return account.incidents.put({ ...open, alertCount: open.alertCount + 1 });
  try {
    return account.incidents.put({ ...trigger(account, service, alert, agent), alertCount: 1 });
  } catch (error) {
    if (error instanceof Refusal && error.code === 1015) return undefined;
    throw error;
  }
}

function trigger(account: Account, service: Service, request: NewIncident, agent: Agent): Incident {
  const at = account.clock.now();
  const policy = policyFor(account, service, request);
  const number = account.incidents.all().length + 1;
  const reached = assigneesFor(account, policy, request, number);
  const selfAssigned = request.assigneeId !== undefined && request.assigneeId === agent.id;
  const urgency = request.urgency ?? service.urgency ?? 'high';
  const route = { escalationRules: policy.rules, numLoops: policy.numLoops, loopsDone: 0, urgency };
  const id = account.ids.incident();
  const incident: Incident = {
    ...route,
    id,
    number,
    title: request.title,
    details: request.details ?? null,
    incidentKey: request.incidentKey ?? `${id.toLowerCase()}-generated`,
    serviceId: service.id,
    escalationPolicyId: policy.id,
    escalationLevel: reached.level,
    escalatesAt:
      selfAssigned || request.assigneeId !== undefined ? null : nextEscalation(route, reached.level, at),
    acknowledgementEndsAt: null,
    resolvesAt: after(at, service.autoResolveTimeoutSeconds),
    // PagerDuty: an incident its creator assigns to themselves starts acknowledged and pages nobody.
    status: selfAssigned ? 'acknowledged' : 'triggered',
    assignedVia: request.assigneeId === undefined ? 'escalation_policy' : 'direct_assignment',
    assignments: assignedTo(reached.userIds, at),
    acknowledgements: selfAssigned ? [{ at, acknowledger: agent }] : [],
    responders: [],
    notes: [],
    ...(request.incidentType === undefined ? {} : { incidentType: request.incidentType }),
    logEntries: [],
    alertCount: 0,
    resolution: null,
    mergedInto: null,
    createdAt: at,
    updatedAt: at,
    resolvedAt: null,
    lastStatusChangeAt: at,
    // PagerDuty: also where a person opened it.
    lastStatusChangeBy: { type: 'service', id: service.id },
  };
  return record(
    account,
    incident,
    {},
    {
      type: 'trigger_log_entry',
      event: 'incident.triggered',
      agent,
      at,
      assigneeIds: reached.userIds,
      channel: {
        type: agent.type === 'service' ? 'api' : 'web_trigger',
        summary: request.title,
        details: request.details ?? null,
      },
    },
  );
}

function policyFor(account: Account, service: Service, request: NewIncident): EscalationPolicy {
  if (request.escalationPolicyId === undefined) {
    return account.escalationPolicies.require(service.escalationPolicyId);
  }
  const policy = account.escalationPolicies.get(request.escalationPolicyId);
  if (policy === undefined) {
    throw new Refusal({ status: 400, code: 1014, message: 'Escalation Policy Not Found' });
  }
  return policy;
}

function assigneesFor(
  account: Account,
  policy: EscalationPolicy,
  request: NewIncident,
  turn: number,
): ReachedLevel {
  if (request.assigneeId !== undefined) {
    if (account.liveUser(request.assigneeId) === undefined) throw invalidInput('Assignee not found');
    return { level: 1, userIds: [request.assigneeId] };
  }
  const reached = firstReachedLevel(account, {
    rules: policy.rules,
    fromLevel: 1,
    at: account.clock.now(),
    turn,
  });
  if (reached === undefined) throw nobodyOnCall();
  return reached;
}
