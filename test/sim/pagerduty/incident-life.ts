import type { Account } from './account.ts';
import { isOpen } from './incident-model.ts';
import type { Agent, Incident } from './incident-model.ts';
import {
  alreadyResolved,
  assignedTo,
  firstReachedLevel,
  nextEscalation,
  nobodyOnCall,
  record,
  statusChange,
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
      acknowledgementEndsAt: timeout === null ? null : new Date(at.getTime() + timeout * 1000),
    },
    { type: 'acknowledge_log_entry', event: 'incident.acknowledged', agent, at },
  );
}

/** The acknowledgement ran out (or was taken back): the incident is triggered again. */
export function unacknowledge(account: Account, incidentId: string, at = account.clock.now()): Incident {
  const incident = requireOpen(account, incidentId);
  const agent: Agent = { type: 'service', id: incident.serviceId };
  return record(
    account,
    incident,
    {
      ...statusChange('triggered', at, agent),
      acknowledgements: [],
      acknowledgementEndsAt: null,
      escalatesAt: nextEscalation(incident, incident.escalationLevel, at),
    },
    { type: 'unacknowledge_log_entry', event: 'incident.unacknowledged', agent, at },
  );
}

/** @throws Refusal 400/1001 when already resolved */
export function resolve(
  account: Account,
  incidentId: string,
  agent: Agent,
  options: { readonly resolution?: string } = {},
): Incident {
  const incident = requireOpen(account, incidentId);
  const at = account.clock.now();
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
    },
    { type: 'resolve_log_entry', event: 'incident.resolved', agent, at },
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
  const route = { escalationRules: policy.rules, numLoops: policy.numLoops, loopsDone: 0 };
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

/** Does what PagerDuty does by itself up to now: overdue escalations, and acknowledgements that ran out. */
export function letTimePass(account: Account): void {
  const now = account.clock.now();
  for (const { id } of account.incidents.all()) {
    const { acknowledgementEndsAt } = account.incidents.require(id);
    if (acknowledgementEndsAt !== null && acknowledgementEndsAt <= now) {
      unacknowledge(account, id, acknowledgementEndsAt);
    }
    let due = account.incidents.require(id).escalatesAt;
    while (due !== null && due <= now) due = escalate(account, id, { at: due }).escalatesAt;
  }
}

function requireOpen(account: Account, incidentId: string): Incident {
  const incident = account.incidents.require(incidentId);
  if (!isOpen(incident)) throw alreadyResolved();
  return incident;
}
