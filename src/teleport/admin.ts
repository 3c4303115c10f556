import type { Cluster, RolePermissions, TeleportAdmin } from '../ports/teleport.ts';
import type { TeleportClient } from './client.ts';
import type { Action } from './errors.ts';
import type { IdentitySource } from './identity-source.ts';
import { authService } from './services.ts';
import { rolePermissionsOf } from './wire.ts';

const PING: Action = {
  does: 'answer a ping',
  needs: "the service's user needs to exist and not to be locked",
};
const OWN_ROLES: Action = {
  does: 'tell which roles the service has',
  needs: "the service's user needs to exist and not to be locked",
};

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
}
