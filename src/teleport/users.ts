import { TeleportError, type TeleportUsers } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { listedBy } from './paging.ts';
import type { UserV2__Output } from './proto/generated/types/UserV2.ts';
import { authService, userLoginStateService, usersService } from './connection/services.ts';
import { loginStateOf, readOrThrow, userOf } from './wire.ts';

const READ_USER: Action = {
  does: 'read the user',
  needs: "the service's user needs a role that allows the verb read on user",
};

const READ_LOGIN_STATE: Action = {
  does: 'read what Access Lists grant to the user',
  needs:
    "the service's user needs a role that allows the verb read on user_login_state, " +
    'in YAML `- { resources: [user_login_state], verbs: [read] }` among its `rules`',
};

const LIST_USERS: Action = {
  does: 'list the users',
  needs: "the service's user needs a role that allows the verbs list and read on user",
};
/** A page stays far below gRPC's 4 MiB, with all the traits that users may have. */
const PAGE_SIZE = 200;

/** Users over gRPC, secrets never asked for. */
export function grpcTeleportUsers(client: TeleportClient): TeleportUsers {
  return {
    async user(name, signal) {
      const user = readOrThrow(userOf(await fetchUser(client, name, signal)));
      if (user.name === name) return user;
      throw new TeleportError('malformed', `teleport answered for the user \`${name}\` with another`);
    },
    async loginState(name, signal) {
      const options = { action: READ_LOGIN_STATE, signal };
      try {
        const answer = await client.call(userLoginStateService.GetUserLoginState, { name }, options);
        return readOrThrow(loginStateOf(answer, name));
      } catch (error) {
        if (error instanceof TeleportError && error.kind === 'not-found') return null;
        throw error;
      }
    },
    async search(matches, signal) {
      // Whoever cannot be read might be one more of them.
      return await listedBy(
        client,
        {
          what: 'users',
          method: usersService.ListUsers,
          requestAt: (page_token) => ({ page_size: PAGE_SIZE, page_token }),
          rows: (page) => page.users.map((message) => readOrThrow(userOf(message))).filter(matches),
          next: (page) => page.next_page_token,
        },
        { action: LIST_USERS, signal },
      );
    },
  };
}

/** `UsersService` since v15; AuthService's own `GetUser` until v17. */
async function fetchUser(
  client: TeleportClient,
  name: string,
  signal: AbortSignal,
): Promise<UserV2__Output | null> {
  const options = { action: READ_USER, signal };
  try {
    return (await client.call(usersService.GetUser, { name }, options)).user;
  } catch (error) {
    if (!(error instanceof TeleportError) || error.kind !== 'unsupported') throw error;
    return await client.call(authService.GetUser, { Name: name }, options);
  }
}
