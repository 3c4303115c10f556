import type { Account } from './account.ts';
import { isOpen, type Agent, type Incident } from './incident-model.ts';
import type { Urgency } from './model.ts';
import {
  after,
  alreadyResolved,
  assignedTo,
  firstReachedLevel,
  nextEscalation,
  nobodyOnCall,
  record,
  statusChange,
  TIMEOUT_CHANNEL,
} from './incident-record.ts';
import { invalidInput, Refusal } from './refusal.ts';

/**
 * PagerDuty: acknowledging stops the escalation and makes the acknowledging user an assignee.
 * @throws Refusal 400/1001 when resolved, 400/1002 when this agent has acknowledged already
 */
export function acknowledge(account: Account, incidentId: string, agent: Agent): Incident {
  const incident = requireOpen(account, incidentId);
  const hasAcknowledged = incident.acknowledgements.some(
    ({ acknowledger }) => acknowledger.type === agent.type && acknowledger.id === agent.id,
  );
  if (hasAcknowledged) {
    throw new Refusal({ status: 400, code: 1002, message: 'Incident Already Acknowledged' });
  }
  const at = account.clock.now();
  const isNewAssignee =
    agent.type === 'user' && !incident.assignments.some((assignment) => assignment.userId === agent.id);
  const timeout = account.services.require(incident.serviceId).acknowledgementTimeoutSeconds;
  return record(
    account,
    incident,
    {
      ...statusChange('acknowledged', at, agent),
      acknowledgements: [...incident.acknowledgements, { at, acknowledger: agent }],
      assignments: isNewAssignee
        ? [...incident.assignments, ...assignedTo([agent.id], at)]
        : incident.assignments,
      escalatesAt: null,
      acknowledgementEndsAt: after(at, timeout),
    },
    {
      type: 'acknowledge_log_entry',
      event: 'incident.acknowledged',
      agent,
      at,
      acknowledgementTimeoutSeconds: timeout,
    },
  );
}

/** The acknowledgement ran out, or somebody (`agent`) took it back: the incident is triggered again. */
export function unacknowledge(
  account: Account,
  incidentId: string,
  options: { readonly at?: Date; readonly agent?: Agent } = {},
): Incident {
  const incident = requireOpen(account, incidentId);
  const at = options.at ?? account.clock.now();
  const agent: Agent = options.agent ?? { type: 'service', id: incident.serviceId };
  return record(
    account,
    incident,
    {
      ...statusChange('triggered', at, agent),
      acknowledgements: [],
      acknowledgementEndsAt: null,
      escalatesAt: nextEscalation(incident, incident.escalationLevel, at),
    },
    {
      type: 'unacknowledge_log_entry',
      event: 'incident.unacknowledged',
      agent,
      at,
      ...(options.agent === undefined ? { channel: TIMEOUT_CHANNEL } : {}),
    },
  );
}

/**
 * PagerDuty, since September 2025: a resolved incident that is set to triggered goes to its policy again, one that is set to
 * acknowledged to whoever did so. The type of the log entry is not documented.
 * @throws Refusal 400/1015 when nobody is on call
 */
export function reopen(
  account: Account,
  incidentId: string,
  agent: Agent,
  isAcknowledged: boolean,
): Incident {
  const incident = account.incidents.require(incidentId);
  const at = account.clock.now();
  const rules = incident.escalationRules;
  const reached = isAcknowledged
    ? { level: incident.escalationLevel, userIds: agent.type === 'user' ? [agent.id] : [] }
    : firstReachedLevel(account, { rules, fromLevel: 1, at, turn: incident.number });
  if (reached === undefined) throw nobodyOnCall();
  const service = account.services.require(incident.serviceId);
  const opened = { ...incident, loopsDone: 0 };
  return record(
    account,
    opened,
    {
      ...statusChange(isAcknowledged ? 'acknowledged' : 'triggered', at, agent),
      resolvedAt: null,
      resolution: null,
      assignments: assignedTo(reached.userIds, at),
      acknowledgements: isAcknowledged ? [{ at, acknowledger: agent }] : [],
      assignedVia: isAcknowledged ? 'direct_assignment' : 'escalation_policy',
      escalationLevel: reached.level,
      escalatesAt: isAcknowledged ? null : nextEscalation(opened, reached.level, at),
      acknowledgementEndsAt: isAcknowledged ? after(at, service.acknowledgementTimeoutSeconds) : null,
      resolvesAt: after(at, service.autoResolveTimeoutSeconds),
    },
    { type: 'reopen_log_entry', event: 'incident.reopened', agent, at, assigneeIds: reached.userIds },
  );
}

/** PagerDuty: raising the urgency takes acknowledgements back; of low urgency nothing goes up the policy by itself. */
export function setUrgency(account: Account, incidentId: string, urgency: Urgency, agent: Agent): Incident {
  const incident = account.incidents.require(incidentId);
  const changed = account.incidents.put({ ...incident, urgency });
  if (urgency === incident.urgency) return changed;
  if (urgency === 'high' && incident.status === 'acknowledged') {
    return unacknowledge(account, incidentId, { agent });
  }
  const mayClimb = incident.status === 'triggered' && incident.assignedVia === 'escalation_policy';
  const escalatesAt = mayClimb
    ? nextEscalation(changed, incident.escalationLevel, account.clock.now())
    : null;
  return account.incidents.put({ ...changed, escalatesAt });
}

/** @throws Refusal 400/1001 when already resolved */
export function resolve(
  account: Account,
  incidentId: string,
  agent: Agent,
  options: { readonly resolution?: string; readonly at?: Date } = {},
): Incident {
  const incident = requireOpen(account, incidentId);
  const at = options.at ?? account.clock.now();
  return record(
    account,
    incident,
    {
      ...statusChange('resolved', at, agent),
      resolvedAt: at,
      resolution: options.resolution ?? null,
      // PagerDuty: a resolved incident has neither assignees nor acknowledgements any more.
      assignments: [],
      acknowledgements: [],
      escalatesAt: null,
      acknowledgementEndsAt: null,
      resolvesAt: null,
    },
    {
      type: 'resolve_log_entry',
      event: 'incident.resolved',
      agent,
      at,
      ...(options.at === undefined ? {} : { channel: TIMEOUT_CHANNEL }),
    },
  );
}

export interface EscalateOptions {
  /** Without it: the next level with somebody on call, or the first again while loops are left. */
  readonly level?: number;
  readonly agent?: Agent;
  readonly at?: Date;
}

/**
 * Goes up the incident's own copy of its escalation policy. At the policy's end nothing happens, as with PagerDuty.
 * @throws Refusal 400 for a level the policy does not have (2001) or where nobody is on call (1015)
 */
export function escalate(account: Account, incidentId: string, options: EscalateOptions = {}): Incident {
  const incident = requireOpen(account, incidentId);
  const at = options.at ?? account.clock.now();
  const agent: Agent = options.agent ?? { type: 'service', id: incident.serviceId };
  const rules = incident.escalationRules;
  if (incident.urgency === 'low') throw invalidInput('An incident of low urgency cannot be escalated');
  if (options.level !== undefined && rules[options.level - 1] === undefined) {
    throw invalidInput('Escalation level is invalid');
  }

  const search = { rules, at, turn: incident.number + incident.loopsDone };
  let loopsDone = incident.loopsDone;
  let reached = firstReachedLevel(account, {
    ...search,
    fromLevel: options.level ?? incident.escalationLevel + 1,
  });
  if (options.level !== undefined && reached?.level !== options.level) throw nobodyOnCall();
  if (reached === undefined && loopsDone < incident.numLoops) {
    loopsDone += 1;
    reached = firstReachedLevel(account, { ...search, fromLevel: 1 });
  }
  if (reached === undefined) return account.incidents.put({ ...incident, escalatesAt: null });

  return record(
    account,
    incident,
    {
      ...statusChange('triggered', at, agent),
      assignments: assignedTo(reached.userIds, at),
      acknowledgements: [],
      acknowledgementEndsAt: null,
      assignedVia: 'escalation_policy',
      escalationLevel: reached.level,
      loopsDone,
      escalatesAt: nextEscalation({ ...incident, loopsDone }, reached.level, at),
    },
    { type: 'escalate_log_entry', event: 'incident.escalated', agent, at, assigneeIds: reached.userIds },
  );
}

/** Gives the incident to named users; PagerDuty then stops following the policy. */
export function reassign(
  account: Account,
  incidentId: string,
  userIds: readonly string[],
  agent: Agent,
): Incident {
  const incident = requireOpen(account, incidentId);
  if (userIds.length === 0 || userIds.some((id) => account.liveUser(id) === undefined)) {
    throw invalidInput('Assignee not found');
  }
  const at = account.clock.now();
  return record(
    account,
    incident,
    {
      ...statusChange('triggered', at, agent),
      assignments: assignedTo(userIds, at),
      acknowledgements: [],
      acknowledgementEndsAt: null,
      assignedVia: 'direct_assignment',
      escalatesAt: null,
    },
    { type: 'assign_log_entry', event: 'incident.reassigned', agent, at, assigneeIds: userIds },
  );
}

/** Hands the incident to another escalation policy, from its first level. */
export function delegate(
  account: Account,
  incidentId: string,
  escalationPolicyId: string,
  agent: Agent,
): Incident {
  const incident = requireOpen(account, incidentId);
  const policy = account.escalationPolicies.get(escalationPolicyId);
  if (policy === undefined) {
    throw new Refusal({ status: 400, code: 1014, message: 'Escalation Policy Not Found' });
  }
  const at = account.clock.now();
  const reached = firstReachedLevel(account, {
    rules: policy.rules,
    fromLevel: 1,
    at,
    turn: incident.number,
  });
  if (reached === undefined) throw nobodyOnCall();
  const { urgency } = incident;
  const route = { escalationRules: policy.rules, numLoops: policy.numLoops, loopsDone: 0, urgency };
  return record(
    account,
    incident,
    {
      ...statusChange('triggered', at, agent),
      ...route,
      escalationPolicyId: policy.id,
      escalationLevel: reached.level,
      assignments: assignedTo(reached.userIds, at),
      acknowledgements: [],
      acknowledgementEndsAt: null,
      assignedVia: 'escalation_policy',
      escalatesAt: nextEscalation(route, reached.level, at),
    },
    { type: 'delegate_log_entry', event: 'incident.delegated', agent, at, assigneeIds: reached.userIds },
  );
}

/** Does what PagerDuty does by itself up to now: resolves, escalates, and lets acknowledgements run out. */
export function letTimePass(account: Account): void {
  const now = account.clock.now();
  for (const { id } of account.incidents.all()) {
    const { acknowledgementEndsAt, resolvesAt } = account.incidents.require(id);
    const end = resolvesAt !== null && resolvesAt <= now ? resolvesAt : now;
    if (acknowledgementEndsAt !== null && acknowledgementEndsAt <= end) {
      unacknowledge(account, id, { at: acknowledgementEndsAt });
    }
    let due = account.incidents.require(id).escalatesAt;
    while (due !== null && due <= end) due = escalate(account, id, { at: due }).escalatesAt;
    if (end === resolvesAt) resolve(account, id, serviceOf(account, id), { at: resolvesAt });
  }
}

function serviceOf(account: Account, incidentId: string): Agent {
  return { type: 'service', id: account.incidents.require(incidentId).serviceId };
}

function requireOpen(account: Account, incidentId: string): Incident {
  const incident = account.incidents.require(incidentId);
  if (!isOpen(incident)) throw alreadyResolved();
  return incident;
}
