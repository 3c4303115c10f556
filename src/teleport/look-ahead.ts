import type { TeleportLookAhead } from '../ports/look-ahead.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { authService, userLoginStateService } from './connection/services.ts';
import { locksInForce } from './locks.ts';
import { loginStateOf, readOrThrow } from './wire.ts';

function toRead(resource: string, does: string, verbs: string): Action {
  return { does, needs: `the service's user needs a role that allows the verbs ${verbs} on ${resource}` };
}
const LOGIN_STATES = toRead('user_login_state', 'list the login states', 'list and read');
const ROLE = toRead('role', 'read the role', 'read');

/** What is asked about people before they ask, over gRPC. */
export function grpcLookAhead(client: TeleportClient): TeleportLookAhead {
  return {
    async loginStates(signal) {
      const options = { action: LOGIN_STATES, signal };
      const answer = await client.call(userLoginStateService.GetUserLoginStates, {}, options);
      return new Map(
        answer.user_login_states.map((message) => {
          const name = message.header?.metadata?.name ?? '';
          return [name, readOrThrow(loginStateOf(message, name))];
        }),
      );
    },
    async requestRights(role, signal) {
      const { Spec } = await client.call(authService.GetRole, { Name: role }, { action: ROLE, signal });
      const { Roles = [], SearchAsRoles = [], ClaimsToRoles = [] } = Spec?.Allow?.Request ?? {};
      return {
        roles: [...Roles, ...SearchAsRoles],
        denied: Spec?.Deny?.Request?.Roles ?? [],
        byClaims: ClaimsToRoles.length > 0,
      };
    },
    locks: (signal) => locksInForce(client, signal),
  };
}
