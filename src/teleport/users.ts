import type { TeleportUser } from '../core/identity.ts';
import type { LoginState, TeleportUsers } from '../ports/teleport.ts';
import { TeleportError } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import type { UserV2__Output } from './proto/generated/types/UserV2.ts';
import { authService, userLoginStateService, usersService } from './connection/services.ts';
import { loginStateOf, userOf } from './wire.ts';

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
export class GrpcTeleportUsers implements TeleportUsers {
  readonly #client: TeleportClient;

  constructor(client: TeleportClient) {
    this.#client = client;
  }

  async user(name: string, signal: AbortSignal): Promise<TeleportUser> {
    const read = userOf(await this.#fetch(name, signal));
    if (!read.ok) throw new TeleportError('malformed', read.detail);
    if (read.value.name === name) return read.value;
    throw new TeleportError('malformed', `teleport answered for the user \`${name}\` with another`);
  }

  async loginState(name: string, signal: AbortSignal): Promise<LoginState | null> {
    const options = { action: READ_LOGIN_STATE, signal };
    try {
      const answer = await this.#client.call(userLoginStateService.GetUserLoginState, { name }, options);
      const read = loginStateOf(answer, name);
      if (!read.ok) throw new TeleportError('malformed', read.detail);
      return read.value;
    } catch (error) {
      if (error instanceof TeleportError && error.kind === 'not-found') return null;
      throw error;
    }
  }

  async search(
    matches: (user: TeleportUser) => boolean,
    signal: AbortSignal,
  ): Promise<readonly TeleportUser[]> {
    const found: TeleportUser[] = [];
    let token = '';
    do {
      const page = await this.#client.call(
        usersService.ListUsers,
        { page_size: PAGE_SIZE, page_token: token },
        { action: LIST_USERS, signal },
      );
      if (page.next_page_token !== '' && page.next_page_token === token) {
        throw new TeleportError('malformed', 'teleport listed the same page of users twice', {
          transient: true,
        });
      }
      for (const message of page.users) {
        const read = userOf(message);
        // Whoever cannot be read might be one more of them.
        if (!read.ok) throw new TeleportError('malformed', read.detail);
        if (matches(read.value)) found.push(read.value);
      }
      token = page.next_page_token;
    } while (token !== '');
    return found;
  }

  /** `UsersService` since v15; AuthService's own `GetUser` until v17. */
  async #fetch(name: string, signal: AbortSignal): Promise<UserV2__Output | null> {
    const options = { action: READ_USER, signal };
    try {
      return (await this.#client.call(usersService.GetUser, { name }, options)).user;
    } catch (error) {
      if (!(error instanceof TeleportError) || error.kind !== 'unsupported') throw error;
      return await this.#client.call(authService.GetUser, { Name: name }, options);
    }
  }
}
