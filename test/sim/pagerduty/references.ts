import type { Account } from './account.ts';
import type { Agent, Incident, LogEntry } from './incident-model.ts';
import { isoUtc } from './iso-time.ts';

/** PagerDuty's secondary shape of any object: enough to name it, never enough to use it. */
export interface Reference {
  readonly id: string;
  readonly type: string;
  readonly summary: string;
  readonly self: string | null;
  readonly html_url: string | null;
  /** Undocumented, and seen on references to deleted objects. */
  readonly deleted_at?: string;
}

export function apiUrl(account: Account, path: string): string {
  return `https://api.${account.region === 'eu' ? 'eu.' : ''}pagerduty.com${path}`;
}

export function htmlUrl(account: Account, path: string): string {
  return `https://${account.subdomain}.${account.region === 'eu' ? 'eu.' : ''}pagerduty.com${path}`;
}

export function userReference(account: Account, id: string): Reference {
  const user = account.users.require(id);
  const reference = { id, type: 'user_reference', summary: user.name };
  if (user.deletedAt !== null) {
    return { ...reference, self: null, html_url: null, deleted_at: isoUtc(user.deletedAt) };
  }
  return { ...reference, self: apiUrl(account, `/users/${id}`), html_url: htmlUrl(account, `/users/${id}`) };
}

export function scheduleReference(account: Account, id: string): Reference {
  const schedule = account.schedules.require(id);
  const isShiftBased = schedule.kind === 'shifts';
  return {
    id,
    type: isShiftBased ? 'schedule_v3_reference' : 'schedule_reference',
    summary: schedule.name,
    self: apiUrl(account, isShiftBased ? `/v3/schedules/${id}` : `/schedules/${id}`),
    html_url: htmlUrl(account, `/schedules/${id}`),
  };
}

export function escalationPolicyReference(account: Account, id: string): Reference {
  return {
    id,
    type: 'escalation_policy_reference',
    summary: account.escalationPolicies.require(id).name,
    self: apiUrl(account, `/escalation_policies/${id}`),
    html_url: htmlUrl(account, `/escalation_policies/${id}`),
  };
}

export function serviceReference(account: Account, id: string): Reference {
  return {
    id,
    type: 'service_reference',
    summary: account.services.require(id).name,
    self: apiUrl(account, `/services/${id}`),
    html_url: htmlUrl(account, `/service-directory/${id}`),
  };
}

export function teamReference(account: Account, id: string): Reference {
  return {
    id,
    type: 'team_reference',
    summary: account.teams.require(id).name,
    self: apiUrl(account, `/teams/${id}`),
    html_url: htmlUrl(account, `/teams/${id}`),
  };
}

export function incidentReference(account: Account, incident: Incident): Reference {
  return {
    id: incident.id,
    type: 'incident_reference',
    summary: `[#${incident.number}] ${incident.title}`,
    self: apiUrl(account, `/incidents/${incident.id}`),
    html_url: htmlUrl(account, `/incidents/${incident.id}`),
  };
}

export function logEntryReference(account: Account, entry: LogEntry): Reference {
  return {
    id: entry.id,
    type: `${entry.type}_reference`,
    summary: entry.channel.summary,
    self: apiUrl(account, `/log_entries/${entry.id}`),
    html_url: null,
  };
}

/** Whoever acted: a user, or a service where an integration or PagerDuty itself did. */
export function agentReference(account: Account, agent: Agent): Reference {
  return agent.type === 'user' ? userReference(account, agent.id) : serviceReference(account, agent.id);
}

/** The author of a note: automations show up as a bot user that carries the service's name. */
export function noteAuthorReference(account: Account, author: Agent): Reference {
  if (author.type === 'user') return userReference(account, author.id);
  return { ...serviceReference(account, author.id), type: 'bot_user_reference' };
}
