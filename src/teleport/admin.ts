import type { AutomaticReviewRule, Cluster, RolePermissions, TeleportAdmin } from '../ports/teleport.ts';
import { TeleportError } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
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
export class GrpcTeleportAdmin implements TeleportAdmin {
  readonly #client: TeleportClient;
  readonly #identities: IdentitySource;

  constructor(client: TeleportClient, identities: IdentitySource) {
    this.#client = client;
    this.#identities = identities;
  }

  async ping(signal: AbortSignal): Promise<Cluster> {
    const answer = await this.#client.call(authService.Ping, {}, { action: PING, signal });
    return {
      name: answer.ClusterName,
      version: answer.ServerVersion,
      advancedWorkflows: answer.ServerFeatures?.AdvancedAccessWorkflows ?? false,
      proxyPublicAddr: answer.ProxyPublicAddr,
    };
  }

  ownUser(): string {
    return this.#identities.current.user;
  }

  async ownRoles(signal: AbortSignal): Promise<readonly RolePermissions[]> {
    const roles = await this.#client.collect(
      authService.GetCurrentUserRoles,
      {},
      { action: OWN_ROLES, signal },
    );
    return roles.map(rolePermissionsOf);
  }

  async automaticReviewRules(signal: AbortSignal): Promise<readonly AutomaticReviewRule[]> {
    const found: AutomaticReviewRule[] = [];
    let page_token = '';
    do {
      const page = await this.#monitoringRules(page_token, signal);
      for (const { metadata, spec } of page.rules) {
        const review = spec?.automatic_review ?? null;
        // Teleport: without the desired state a rule with an automatic review does nothing.
        if (spec === null || review === null || spec.desired_state !== 'reviewed') continue;
        const { decision, integration } = review;
        found.push({ name: metadata?.name ?? '', decision, integration, condition: spec.condition });
      }
      page_token = page.next_page_token;
    } while (page_token !== '');
    return found;
  }

  async #monitoringRules(page_token: string, signal: AbortSignal) {
    const request = { page_size: PAGE_SIZE, page_token, subjects: ['access_request'] };
    const options = { action: MONITORING_RULES, signal };
    try {
      return await this.#client.call(
        monitoringRulesService.ListAccessMonitoringRulesWithFilter,
        request,
        options,
      );
    } catch (error) {
      // Older than automatic reviews.
      if (error instanceof TeleportError && error.kind === 'unsupported')
        return { rules: [], next_page_token: '' };
      throw error;
    }
  }
}
