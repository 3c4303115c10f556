import type { LockFact } from '../core/locks.ts';
import type { RequestRights } from '../core/forecast/accounts.ts';
import type { TeleportLookAhead } from '../ports/look-ahead.ts';
import { TeleportError, type LoginState } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { authService, userLoginStateService } from './connection/services.ts';
import { locksInForce } from './locks.ts';
import { loginStateOf } from './wire.ts';

function toRead(resource: string, does: string, verbs: string): Action {
  return { does, needs: `the service's user needs a role that allows the verbs ${verbs} on ${resource}` };
}
const LOGIN_STATES = toRead('user_login_state', 'list the login states', 'list and read');
const ROLE = toRead('role', 'read the role', 'read');

/** What is asked about people before they ask, over gRPC. */
export class GrpcLookAhead implements TeleportLookAhead {
  readonly #client: TeleportClient;

  constructor(client: TeleportClient) {
    this.#client = client;
  }

  async loginStates(signal: AbortSignal): Promise<ReadonlyMap<string, LoginState>> {
    const options = { action: LOGIN_STATES, signal };
    const { user_login_states: states } = await this.#client.call(
      userLoginStateService.GetUserLoginStates,
      {},
      options,
    );
    return new Map(
      states.map((message) => {
        const name = message.header?.metadata?.name ?? '';
        const read = loginStateOf(message, name);
        if (!read.ok) throw new TeleportError('malformed', read.detail);
        return [name, read.value];
      }),
    );
  }

  async requestRights(role: string, signal: AbortSignal): Promise<RequestRights> {
    const { Spec } = await this.#client.call(authService.GetRole, { Name: role }, { action: ROLE, signal });
    const { Roles = [], SearchAsRoles = [], ClaimsToRoles = [] } = Spec?.Allow?.Request ?? {};
    return {
      roles: [...Roles, ...SearchAsRoles],
      denied: Spec?.Deny?.Request?.Roles ?? [],
      byClaims: ClaimsToRoles.length > 0,
    };
  }

  locks(signal: AbortSignal): Promise<readonly LockFact[]> {
    return locksInForce(this.#client, signal);
  }
}
