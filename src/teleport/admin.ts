import { TeleportError, type TeleportAdmin } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { listedBy } from './paging.ts';
import type { IdentitySource } from './connection/identity-source.ts';
import { authService, monitoringRulesService } from './connection/services.ts';
import { rolePermissionsOf } from './wire.ts';

const PING: Action = {
  does: 'answer a ping',
  needs: "the service's user needs to exist and not to be locked",
};
const OWN_ROLES: Action = {
  does: 'tell which roles the service has',
  needs: "the service's user needs to exist and not to be locked",
};

const MONITORING_RULES: Action = {
  does: 'list access monitoring rules',
  needs: "the service's user needs a role that allows the verbs list and read on access_monitoring_rule",
};
const PAGE_SIZE = 100;

/** What the cluster is, and what we are in it. */
export function grpcTeleportAdmin(
  client: TeleportClient,
  identities: Pick<IdentitySource, 'current'>,
): TeleportAdmin {
  return {
    async ping(signal) {
      const answer = await client.call(authService.Ping, {}, { action: PING, signal });
      return {
        name: answer.ClusterName,
        version: answer.ServerVersion,
        advancedWorkflows: answer.ServerFeatures?.AdvancedAccessWorkflows ?? false,
        proxyPublicAddr: answer.ProxyPublicAddr,
      };
    },
    ownUser: () => identities.current.user,
    async ownRoles(signal) {
      const options = { action: OWN_ROLES, signal };
      return (await client.collect(authService.GetCurrentUserRoles, {}, options)).map(rolePermissionsOf);
    },
    async automaticReviewRules(signal) {
      try {
        const rules = await listedBy(
          client,
          {
            what: 'access monitoring rules',
            method: monitoringRulesService.ListAccessMonitoringRulesWithFilter,
            requestAt: (page_token) => ({ page_size: PAGE_SIZE, page_token, subjects: ['access_request'] }),
            rows: (page) => page.rules,
            next: (page) => page.next_page_token,
          },
          { action: MONITORING_RULES, signal },
        );
        return rules.flatMap(({ metadata, spec }) => {
          const review = spec?.automatic_review ?? null;
          // Teleport: without the desired state a rule with an automatic review does nothing.
          if (spec === null || review === null || spec.desired_state !== 'reviewed') return [];
          const { decision, integration } = review;
          return [{ name: metadata?.name ?? '', decision, integration, condition: spec.condition }];
        });
      } catch (error) {
        // Older than automatic reviews.
        if (error instanceof TeleportError && error.kind === 'unsupported') return [];
        throw error;
      }
    },
  };
}
