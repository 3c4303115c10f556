import type { Account } from './account.ts';
import { isInMaintenance } from './administration.ts';
import { serviceIncidentStatus } from './incident-lookup.ts';
import { isoInZone, isoUtc } from './iso-time.ts';
import type {
  EscalationPolicy,
  MaintenanceWindow,
  Service,
  Team,
  User,
  WebhookSubscription,
} from './model.ts';
import {
  apiUrl,
  escalationPolicyReference,
  htmlUrl,
  scheduleReference,
  serviceReference,
  teamReference,
  userReference,
} from './references.ts';

/** Names given in `include[]`: which references are written out as full objects. */
export type Includes = ReadonlySet<string>;

export function renderUser(account: Account, user: User): unknown {
  return {
    ...userReference(account, user.id),
    type: 'user',
    name: user.name,
    email: user.email,
    time_zone: user.timeZone,
    color: 'purple',
    avatar_url: 'https://secure.gravatar.com/avatar/0.png?d=mm&r=PG',
    billed: true,
    role: user.role,
    description: null,
    invitation_sent: user.invitationSent,
    job_title: user.jobTitle,
    created_via_sso: false,
    teams: [],
    contact_methods: [],
    notification_rules: [],
    coordinated_incidents: [],
  };
}

/** A user where another object names them: full when included, except for stubs of deleted users. */
export function renderUserIn(account: Account, id: string, isFull: boolean): unknown {
  const live = account.liveUser(id);
  return isFull && live !== undefined ? renderUser(account, live) : userReference(account, id);
}

export function renderEscalationPolicy(
  account: Account,
  policy: EscalationPolicy,
  includes: Includes,
): unknown {
  const withTargets = includes.has('targets');
  return {
    ...escalationPolicyReference(account, policy.id),
    type: 'escalation_policy',
    name: policy.name,
    description: policy.description,
    escalation_rules: policy.rules.map((rule) => ({
      id: rule.id,
      escalation_delay_in_minutes: rule.escalationDelayInMinutes,
      targets: rule.targets.map((target) =>
        target.kind === 'user'
          ? renderUserIn(account, target.id, withTargets)
          : scheduleReference(account, target.id),
      ),
      ...(includes.has('escalation_rule_assignment_strategies')
        ? { escalation_rule_assignment_strategy: { type: rule.strategy } }
        : {}),
    })),
    services: account
      .servicesOf(policy.id)
      .map((service) =>
        includes.has('services')
          ? renderService(account, service, new Set())
          : serviceReference(account, service.id),
      ),
    num_loops: policy.numLoops,
    on_call_handoff_notifications: 'if_has_services',
    teams: teamsOf(account, policy),
    privilege: null,
  };
}

export function renderService(account: Account, service: Service, includes: Includes): unknown {
  const incidents = account.incidents.all().filter((incident) => incident.serviceId === service.id);
  const last = incidents.at(-1);
  const policy = account.escalationPolicies.require(service.escalationPolicyId);
  return {
    ...serviceReference(account, service.id),
    type: 'service',
    name: service.name,
    description: service.description,
    created_at: isoInZone(service.createdAt, account.timeZone),
    updated_at: isoInZone(service.createdAt, account.timeZone),
    status: statusOf(account, service),
    teams: teamsOf(account, policy),
    alert_creation: 'create_alerts_and_incidents',
    addons: [],
    scheduled_actions: [],
    support_hours: null,
    last_incident_timestamp: last === undefined ? null : isoUtc(last.createdAt),
    escalation_policy: includes.has('escalation_policies')
      ? renderEscalationPolicy(account, policy, new Set())
      : escalationPolicyReference(account, policy.id),
    incident_urgency_rule: { type: 'constant', urgency: service.urgency ?? 'high' },
    acknowledgement_timeout: service.acknowledgementTimeoutSeconds,
    auto_resolve_timeout: service.autoResolveTimeoutSeconds,
    integrations: [],
    response_play: null,
  };
}

function teamsOf(account: Account, { teamId }: EscalationPolicy): readonly unknown[] {
  return teamId === undefined ? [] : [teamReference(account, teamId)];
}

export function renderTeam(account: Account, { id, name }: Team): unknown {
  return {
    ...{ ...teamReference(account, id), type: 'team', name, description: null },
    ...{ default_role: 'manager', parent: null },
  };
}

/** PagerDuty gives every field of the account, with null where the service has no value. */
export function renderServiceFields({ serviceFields }: Account, { customFields = {} }: Service): unknown {
  return serviceFields.all().map(({ id, name, displayName, dataType, fieldType }) => ({
    ...{ id, name, type: 'field_value', display_name: displayName, description: null },
    ...{ data_type: dataType, field_type: fieldType, value: customFields[name] ?? null },
  }));
}

export function renderMaintenanceWindow(account: Account, window: MaintenanceWindow): unknown {
  return {
    id: window.id,
    type: 'maintenance_window',
    summary: window.description,
    self: apiUrl(account, `/maintenance_windows/${window.id}`),
    html_url: htmlUrl(account, `/maintenance_windows#/show/${window.id}`),
    sequence_number: account.maintenanceWindows.all().indexOf(window) + 1,
    start_time: isoInZone(window.start, account.timeZone),
    end_time: isoInZone(window.end, account.timeZone),
    description: window.description,
    created_by: null,
    services: window.serviceIds.map((id) => serviceReference(account, id)),
    teams: [],
  };
}

/** PagerDuty shows a signing secret only in the answer that creates the subscription, so never here. */
export function renderWebhookSubscription(account: Account, subscription: WebhookSubscription): unknown {
  const disabledUntil = subscription.temporarilyDisabledUntil;
  return {
    id: subscription.id,
    type: 'webhook_subscription',
    active: subscription.active,
    delivery_method: {
      id: subscription.id,
      type: 'http_delivery_method',
      url: subscription.url,
      secret: null,
      custom_headers: [],
      temporarily_disabled: disabledUntil !== null && disabledUntil > account.clock.now(),
    },
    description: subscription.description,
    events: subscription.events,
    filter: subscription.filter,
  };
}

function statusOf(account: Account, service: Service): string {
  if (service.disabled) return 'disabled';
  if (isInMaintenance(account, service.id, account.clock.now())) return 'maintenance';
  return serviceIncidentStatus(account, service.id);
}
