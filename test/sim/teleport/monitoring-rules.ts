import { notImplemented } from './errors.ts';
import type { MonitoringRule } from './model.ts';
import { requireVerb } from './permissions.ts';
import { unary, type CallContext, type Method } from './rpc.ts';

/** The methods of `teleport.accessmonitoringrules.v1.AccessMonitoringRulesService`. */
export const monitoringRulesMethods: Readonly<Record<string, Method>> = {
  ListAccessMonitoringRulesWithFilter: unary(listRules),
};

const DEFAULT_PAGE = 100;

/** Teleport: pages in order of name; needs `list` and `read`. */
function listRules(
  request: { readonly page_size: string; readonly page_token: string; readonly subjects: readonly string[] },
  { cluster, roles }: CallContext,
) {
  if (!cluster.capabilities.monitoringRulesWithFilter) {
    throw notImplemented('unknown method ListAccessMonitoringRulesWithFilter');
  }
  requireVerb(roles, 'access_monitoring_rule', 'list');
  requireVerb(roles, 'access_monitoring_rule', 'read');
  const ofRequests = request.subjects.length === 0 || request.subjects.includes('access_request');
  const rest = [...(ofRequests ? cluster.monitoringRules : [])]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .filter(({ name }) => name >= request.page_token);
  const size = Number(request.page_size) === 0 ? DEFAULT_PAGE : Number(request.page_size);
  return { rules: rest.slice(0, size).map(ruleToWire), next_page_token: rest[size]?.name ?? '' };
}

function ruleToWire({ name, condition, decision, integration, desiredState }: MonitoringRule) {
  return {
    metadata: { name },
    spec: {
      subjects: ['access_request'],
      condition,
      automatic_review: { integration, decision },
      desired_state: desiredState,
    },
  };
}
