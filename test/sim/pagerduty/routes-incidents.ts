import { z } from 'zod';
import type { Account } from './account.ts';
import { DAY_MS } from './durations.ts';
import {
  acknowledge,
  delegate,
  escalate,
  reassign,
  reopen,
  resolve,
  setUrgency,
  unacknowledge,
} from './incident-life.ts';
import { incidentByIdOrNumber } from './incident-lookup.ts';
import { type Agent, type Incident, isOpen } from './incident-model.ts';
import { openIncident } from './incident-opening.ts';
import { alreadyResolved } from './incident-record.ts';
import { flagOf, instantOf, listOf, listOfKnown, paged, pageOf } from './query.ts';
import { badRange, invalidInput, notFound } from './refusal.ts';
import { renderIncident, renderLogEntry } from './render-incidents.ts';
import { ok, parseBody, type Call, type Reply, type Route } from './route.ts';
import { BASE_TYPE } from './routes-incident-types.ts';
import { sortIncidents } from './sort-incidents.ts';

const INCLUDES = [
  'acknowledgers',
  'agents',
  'assignees',
  'conference_bridge',
  'custom_fields',
  'escalation_policies',
  'first_trigger_log_entries',
  'priorities',
  'services',
  'teams',
  'users',
];
const LOG_INCLUDES = ['incidents', 'services', 'channels', 'teams'];
const DEFAULT_RANGE_MS = 30 * DAY_MS;
const MAX_RANGE_MS = 184 * DAY_MS;

const reference = (...types: readonly string[]) =>
  z.object({ id: z.string().min(1), type: z.enum([...types] as [string, ...string[]]) });
const assignments = z.array(z.object({ assignee: reference('user', 'user_reference') }));
const policy = reference('escalation_policy', 'escalation_policy_reference');

/** Fields of the real API that this account cannot use: refused, so that nobody relies on their being ignored. */
const notAvailable = z.never('not available on this account').optional();

const newIncidentSchema = z.object({
  incident: z.object({
    // Documented as required, and left out by Teleport's plugin, whose incidents are opened.
    type: z.literal('incident').optional(),
    title: z.string().trim().min(1),
    service: reference('service', 'service_reference'),
    urgency: z.enum(['high', 'low']).optional(),
    body: z.object({ type: z.literal('incident_body'), details: z.string().optional() }).optional(),
    incident_key: z.string().min(1).optional(),
    assignments: assignments.optional(),
    escalation_policy: policy.optional(),
    incident_type: z.object({ name: z.string() }).optional(),
  }),
});

const changedIncidentSchema = z.object({
  incident: z.object({
    type: z.enum(['incident', 'incident_reference']),
    status: z.enum(['triggered', 'acknowledged', 'resolved']).optional(),
    resolution: z.string().optional(),
    title: z.string().trim().min(1).optional(),
    urgency: z.enum(['high', 'low']).optional(),
    escalation_level: z.int().min(1).optional(),
    assignments: assignments.optional(),
    escalation_policy: policy.optional(),
    service: notAvailable,
    priority: notAvailable,
    conference_bridge: notAvailable,
  }),
});

export const incidentRoutes: readonly Route[] = [
  { method: 'GET', path: '/incidents', scope: 'incidents.read', handle: listIncidents },
  { method: 'POST', path: '/incidents', scope: 'incidents.write', handle: createIncident },
  { method: 'GET', path: '/incidents/:id', scope: 'incidents.read', handle: getIncident },
  { method: 'PUT', path: '/incidents/:id', scope: 'incidents.write', handle: updateIncident },
  { method: 'GET', path: '/incidents/:id/log_entries', scope: 'incidents.read', handle: listLogEntries },
  { method: 'GET', path: '/log_entries/:id', scope: 'incidents.read', handle: getLogEntry },
];

/**
 * PagerDuty: without `date_range=all` only the last month counts; an empty `incident_key` filters nothing; `user_ids[]`
 * are assignees, so resolved incidents never match.
 */
function listIncidents({ account, query }: Call): Reply {
  const includes = listOfKnown(query, 'include', INCLUDES);
  const statuses = listOfKnown(query, 'statuses', ['triggered', 'acknowledged', 'resolved']);
  const urgencies = listOfKnown(query, 'urgencies', ['high', 'low']);
  const serviceIds = listOf(query, 'service_ids');
  const userIds = listOf(query, 'user_ids');
  const incidentKey = query.get('incident_key') ?? '';
  const isInRange = dateRange(account, query);
  const found = account.incidents
    .all()
    .filter((incident) => statuses.size === 0 || statuses.has(incident.status))
    .filter((incident) => urgencies.size === 0 || urgencies.has(incident.urgency))
    .filter((incident) => serviceIds.length === 0 || serviceIds.includes(incident.serviceId))
    .filter((incident) => incidentKey === '' || incident.incidentKey === incidentKey)
    .filter(
      (incident) =>
        userIds.length === 0 || incident.assignments.some(({ userId }) => userIds.includes(userId)),
    )
    .filter(isInRange);
  const sorted = sortIncidents(found, query.get('sort_by'));
  return ok(
    paged('incidents', sorted, pageOf(query), (incident) => renderIncident(account, incident, includes)),
  );
}

function getIncident(call: Call): Reply {
  const includes = listOfKnown(call.query, 'include', INCLUDES);
  return ok({ incident: renderIncident(call.account, requireIncident(call), includes) });
}

function createIncident(call: Call): Reply {
  const { account } = call;
  const from = call.from();
  const { incident } = parseBody(newIncidentSchema, call.body);
  if (incident.assignments !== undefined && incident.escalation_policy !== undefined) {
    throw invalidInput('Assignments and escalation policy cannot both be given');
  }
  if (incident.assignments !== undefined && incident.assignments.length !== 1) {
    throw invalidInput('An incident is created with exactly one assignee');
  }
  const type = incident.incident_type?.name;
  const isThere = [BASE_TYPE, ...account.incidentTypes.all()].some(
    ({ name, enabled }) => enabled && name === type,
  );
  if (type !== undefined && !isThere) throw invalidInput('Incident type not found');
  const assigneeId = incident.assignments?.[0]?.assignee.id;
  const created = openIncident(
    account,
    {
      title: incident.title,
      serviceId: incident.service.id,
      ...(incident.urgency === undefined ? {} : { urgency: incident.urgency }),
      ...(incident.body?.details === undefined ? {} : { details: incident.body.details }),
      ...(incident.incident_key === undefined ? {} : { incidentKey: incident.incident_key }),
      ...(incident.escalation_policy === undefined
        ? {}
        : { escalationPolicyId: incident.escalation_policy.id }),
      ...(assigneeId === undefined ? {} : { assigneeId }),
      ...(type === undefined ? {} : { incidentType: type }),
    },
    { type: 'user', id: from.id },
  );
  return { status: 201, body: { incident: renderIncident(account, created, new Set()) } };
}

function updateIncident(call: Call): Reply {
  const { account } = call;
  const agent: Agent = { type: 'user', id: call.from().id };
  const incident = requireIncident(call);
  const { incident: change } = parseBody(changedIncidentSchema, call.body);
  const moves = [change.status, change.escalation_level, change.assignments, change.escalation_policy];
  if (moves.filter((move) => move !== undefined).length > 1) {
    throw invalidInput(
      'Only one of status, escalation_level, assignments and escalation_policy can be given',
    );
  }
  const isReopened = !isOpen(incident) && (change.status === 'triggered' || change.status === 'acknowledged');
  if (!isOpen(incident) && !isReopened) throw alreadyResolved();

  if (isReopened) reopen(account, incident.id, agent, change.status === 'acknowledged');
  else if (change.status === 'acknowledged') acknowledge(account, incident.id, agent);
  else if (change.status === 'triggered' && incident.status === 'acknowledged') {
    unacknowledge(account, incident.id, { agent });
  }
  if (change.status === 'resolved') {
    resolve(
      account,
      incident.id,
      agent,
      change.resolution === undefined ? {} : { resolution: change.resolution },
    );
  }
  if (change.escalation_level !== undefined) {
    escalate(account, incident.id, { level: change.escalation_level, agent });
  }
  if (change.assignments !== undefined) {
    reassign(
      account,
      incident.id,
      change.assignments.map(({ assignee }) => assignee.id),
      agent,
    );
  }
  if (change.escalation_policy !== undefined)
    delegate(account, incident.id, change.escalation_policy.id, agent);

  if (change.urgency !== undefined) setUrgency(account, incident.id, change.urgency, agent);

  const moved = account.incidents.require(incident.id);
  const updated = account.incidents.put({ ...moved, title: change.title ?? moved.title });
  return ok({ incident: renderIncident(account, updated, new Set()) });
}

/** Newest first, as PagerDuty lists them. */
function listLogEntries(call: Call): Reply {
  const { account, query } = call;
  const includes = listOfKnown(query, 'include', LOG_INCLUDES);
  const incident = requireIncident(call);
  const since = instantOf(query, 'since');
  const until = instantOf(query, 'until');
  flagOf(query, 'is_overview');
  const entries = incident.logEntries
    .filter((entry) => since === undefined || entry.at >= since)
    .filter((entry) => until === undefined || entry.at <= until)
    .toReversed();
  return ok(
    paged('log_entries', entries, pageOf(query), (entry) =>
      renderLogEntry(account, incident, entry, includes),
    ),
  );
}

function getLogEntry(call: Call): Reply {
  const includes = listOfKnown(call.query, 'include', LOG_INCLUDES);
  const { incident, entry } = requireLogEntry(call);
  return ok({ log_entry: renderLogEntry(call.account, incident, entry, includes) });
}

function requireLogEntry({ account, params, key }: Call) {
  for (const incident of account.incidents.all()) {
    const entry = incident.logEntries.find(({ id }) => id === params['id']);
    if (entry !== undefined && !key.hiddenIds.includes(incident.serviceId)) return { incident, entry };
  }
  throw notFound();
}

/** @throws Refusal 404 when there is no such incident, by id or number */
export function requireIncident(call: Call): Incident {
  const incident = incidentByIdOrNumber(call.account, call.params['id'] ?? '');
  if (incident === undefined || call.key.hiddenIds.includes(incident.serviceId)) throw notFound();
  return incident;
}

function dateRange(account: Account, query: URLSearchParams): (incident: Incident) => boolean {
  const range = query.get('date_range');
  if (range !== null && range !== 'all') throw invalidInput('date_range is invalid');
  if (range === 'all') return () => true;
  const until = instantOf(query, 'until') ?? account.clock.now();
  const since = instantOf(query, 'since') ?? new Date(until.getTime() - DEFAULT_RANGE_MS);
  if (until < since) throw badRange('until must not be before since');
  if (until.getTime() - since.getTime() > MAX_RANGE_MS) throw badRange('the range must not exceed 6 months');
  return (incident) => since <= incident.createdAt && incident.createdAt <= until;
}
