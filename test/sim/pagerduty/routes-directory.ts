import type { Account } from './account.ts';
import type { ApiKey, EscalationPolicy, MaintenanceWindow, Service, User } from './model.ts';
import { contains, listOf, listOfKnown, paged, pageOf } from './query.ts';
import { invalidInput, notFound } from './refusal.ts';
import {
  renderEscalationPolicy,
  renderMaintenanceWindow,
  renderService,
  renderServiceFields,
  renderTeam,
  renderUser,
} from './render-config.ts';
import { ok, visibleTo, type Call, type Reply, type Route } from './route.ts';

const USER_INCLUDES = ['contact_methods', 'notification_rules', 'teams', 'subdomains'];
const POLICY_INCLUDES = ['services', 'teams', 'targets', 'escalation_rule_assignment_strategies'];
const SERVICE_INCLUDES = [
  'escalation_policies',
  'teams',
  'integrations',
  'auto_pause_notifications_parameters',
];
const WINDOW_FILTERS = ['past', 'future', 'ongoing', 'open', 'all'];

/** Users, services, escalation policies, maintenance windows and the account itself: all read-only here. */
export const directoryRoutes: readonly Route[] = [
  { method: 'GET', path: '/users', scope: 'users.read', handle: listUsers },
  { method: 'GET', path: '/users/:id', scope: 'users.read', handle: getUser },
  { method: 'GET', path: '/services', scope: 'services.read', handle: listServices },
  { method: 'GET', path: '/services/:id', scope: 'services.read', handle: getService },
  {
    method: 'GET',
    path: '/services/:id/custom_fields/values',
    scope: 'services.read',
    handle: getServiceFields,
  },
  { method: 'GET', path: '/teams', scope: 'teams.read', handle: listTeams },
  { method: 'GET', path: '/teams/:id', scope: 'teams.read', handle: getTeam },
  { method: 'GET', path: '/escalation_policies', scope: 'escalation_policies.read', handle: listPolicies },
  { method: 'GET', path: '/escalation_policies/:id', scope: 'escalation_policies.read', handle: getPolicy },
  { method: 'GET', path: '/maintenance_windows', scope: 'services.read', handle: listMaintenanceWindows },
  { method: 'GET', path: '/abilities', scope: 'abilities.read', handle: listAbilities },
];

/** PagerDuty: `query` is a substring match over name and e-mail, so `e.doe@` finds `joe.doe@` as well. */
function listUsers({ account, key, query }: Call): Reply {
  listOfKnown(query, 'include', USER_INCLUDES);
  const part = query.get('query');
  const users = liveUsers(account, key).filter(
    (user) => contains(user.name, part) || contains(user.email, part),
  );
  return ok(paged('users', users, pageOf(query), (user) => renderUser(account, user)));
}

function getUser({ account, key, params, query }: Call): Reply {
  listOfKnown(query, 'include', USER_INCLUDES);
  const user = liveUsers(account, key).find((one) => one.id === params['id']);
  if (user === undefined) throw notFound();
  return ok({ user: renderUser(account, user) });
}

function listServices({ account, key, query }: Call): Reply {
  const includes = listOfKnown(query, 'include', SERVICE_INCLUDES);
  const name = query.get('name');
  const teams = listOf(query, 'team_ids');
  const services = visibleTo(key, account.services.all())
    .filter((service) => isInTeam(teams, account.escalationPolicies.get(service.escalationPolicyId)))
    .filter((service) => contains(service.name, query.get('query')))
    .filter((service) => name === null || service.name === name);
  return ok(
    paged('services', services, pageOf(query), (service) => renderService(account, service, includes)),
  );
}

function getService({ account, key, params, query }: Call): Reply {
  const includes = listOfKnown(query, 'include', SERVICE_INCLUDES);
  const service = findVisible<Service>(key, account.services.all(), params['id']);
  return ok({ service: renderService(account, service, includes) });
}

function getServiceFields({ account, key, params }: Call): Reply {
  const service = findVisible<Service>(key, account.services.all(), params['id']);
  return ok({ custom_fields: renderServiceFields(account, service) });
}

function listTeams({ account, key, query }: Call): Reply {
  const teams = visibleTo(key, account.teams.all()).filter(({ name }) => contains(name, query.get('query')));
  return ok(paged('teams', teams, pageOf(query), (team) => renderTeam(account, team)));
}

function getTeam({ account, key, params }: Call): Reply {
  return ok({ team: renderTeam(account, findVisible(key, account.teams.all(), params['id'])) });
}

function isInTeam(teams: readonly string[], policy: EscalationPolicy | undefined): boolean {
  return teams.length === 0 || (policy?.teamId !== undefined && teams.includes(policy.teamId));
}

function listPolicies({ account, key, query }: Call): Reply {
  const includes = listOfKnown(query, 'include', POLICY_INCLUDES);
  const userIds = listOf(query, 'user_ids');
  const teams = listOf(query, 'team_ids');
  const policies = visibleTo(key, account.escalationPolicies.all())
    .filter((policy) => isInTeam(teams, policy))
    .filter((policy) => contains(policy.name, query.get('query')))
    .filter(
      (policy) =>
        userIds.length === 0 ||
        policy.rules.some((rule) =>
          rule.targets.some((target) => target.kind === 'user' && userIds.includes(target.id)),
        ),
    );
  return ok(
    paged('escalation_policies', policies, pageOf(query), (policy) =>
      renderEscalationPolicy(account, policy, includes),
    ),
  );
}

function getPolicy({ account, key, params, query }: Call): Reply {
  const includes = listOfKnown(query, 'include', POLICY_INCLUDES);
  const policy = findVisible(key, account.escalationPolicies.all(), params['id']);
  return ok({ escalation_policy: renderEscalationPolicy(account, policy, includes) });
}

function listMaintenanceWindows({ account, query }: Call): Reply {
  const filter = query.get('filter') ?? 'all';
  if (!WINDOW_FILTERS.includes(filter)) throw invalidInput('filter is invalid');
  const serviceIds = listOf(query, 'service_ids');
  const now = account.clock.now();
  const windows = account.maintenanceWindows
    .all()
    .filter((window) => serviceIds.length === 0 || window.serviceIds.some((id) => serviceIds.includes(id)))
    .filter((window) => contains(window.description, query.get('query')))
    .filter((window) => matchesFilter(window, filter, now));
  return ok(
    paged('maintenance_windows', windows, pageOf(query), (window) =>
      renderMaintenanceWindow(account, window),
    ),
  );
}

function matchesFilter(window: MaintenanceWindow, filter: string, now: Date): boolean {
  const isOngoing = window.start <= now && now < window.end;
  const isFuture = window.start > now;
  if (filter === 'ongoing') return isOngoing;
  if (filter === 'future') return isFuture;
  if (filter === 'open') return isOngoing || isFuture;
  if (filter === 'past') return window.end <= now;
  return true;
}

function listAbilities({ account }: Call): Reply {
  return ok({ abilities: [...account.abilities] });
}

function liveUsers(account: Account, key: ApiKey): readonly User[] {
  return visibleTo(key, account.users.all()).filter((user) => user.deletedAt === null);
}

function findVisible<T extends { readonly id: string }>(
  key: ApiKey,
  items: readonly T[],
  id: string | undefined,
): T {
  const item = visibleTo(key, items).find((one) => one.id === id);
  if (item === undefined) throw notFound();
  return item;
}
