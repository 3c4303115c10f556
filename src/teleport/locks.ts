import type { RequestId } from '../core/access-request.ts';
import type { LockFact } from '../core/locks.ts';
import type { Instant } from '../core/values/instant.ts';
import { TeleportError, type Locks } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { authService } from './connection/services.ts';
import type { LockV2__Output } from './proto/generated/types/LockV2.ts';
import { instantFrom, timestampOf } from './wire.ts';

const LOCK: Action = {
  does: 'lock the access of the request',
  needs:
    "the service's user needs a role that allows the verbs create and update on lock, " +
    'in YAML `- { resources: [lock], verbs: [read, create, update] }` among its `rules`',
};

const LIFT_LOCK: Action = {
  does: 'lift the lock of the request whose shift goes on',
  needs: "the service's user needs a role that allows the verb delete on lock",
};

const READ_LOCK: Action = {
  does: 'read a lock',
  needs: "the service's user needs a role that allows the verb read on lock",
};

const LIST_LOCKS: Action = {
  does: 'list the locks',
  needs: "the service's user needs a role that allows the verbs list and read on lock",
};
const PAGE_SIZE = 200;

/** Locks over gRPC. */
export class TeleportLocks implements Locks {
  readonly #client: TeleportClient;

  constructor(client: TeleportClient) {
    this.#client = client;
  }

  async lockRequest(
    { name, id, message, expires }: { name: string; id: RequestId; message: string; expires: Instant | null },
    signal: AbortSignal,
  ): Promise<void> {
    const until = expires === null ? null : timestampOf(expires);
    await this.#client.call(
      authService.UpsertLock,
      {
        Kind: 'lock',
        Version: 'v2',
        // By this one Teleport takes the lock itself away, at about that time; without it locks would pile up there.
        Metadata: { Name: name, Expires: until },
        Spec: {
          Target: { AccessRequest: id },
          Message: message,
          Expires: until,
        },
      },
      { action: LOCK, signal },
    );
  }

  async exists(name: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#client.call(authService.GetLock, { Name: name }, { action: READ_LOCK, signal });
      return true;
    } catch (error) {
      if (error instanceof TeleportError && error.kind === 'not-found') return false;
      throw error;
    }
  }

  async lift(
    { name, id, message, expires }: Parameters<Locks['lift']>[0],
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      const lock = await this.#client.call(
        authService.GetLock,
        { Name: name },
        { action: READ_LOCK, signal },
      );
      const { Message, Target, Expires } = lock.Spec ?? {};
      const isOurs =
        Message === message && Target?.AccessRequest === id && instantFrom(Expires ?? null) === expires;
      if (!isOurs) return false;
      await this.#client.call(authService.DeleteLock, { Name: name }, { action: LIFT_LOCK, signal });
      return true;
    } catch (error) {
      if (error instanceof TeleportError && error.kind === 'not-found') return true;
      throw error;
    }
  }

  inForce(signal: AbortSignal): Promise<readonly LockFact[]> {
    return locksInForce(this.#client, signal);
  }
}

/** `ListLocks` since 2025; `GetLocks` until it goes. Throws TeleportError. */
export async function locksInForce(
  client: TeleportClient,
  signal: AbortSignal,
): Promise<readonly LockFact[]> {
  const options = { action: LIST_LOCKS, signal };
  const locks: LockV2__Output[] = [];
  try {
    let page_token = '';
    do {
      const request = { page_size: PAGE_SIZE, page_token, filter: { in_force_only: true } };
      const page = await client.call(authService.ListLocks, request, options);
      locks.push(...page.locks);
      page_token = page.next_page_token;
    } while (page_token !== '');
  } catch (error) {
    if (!(error instanceof TeleportError) || error.kind !== 'unsupported') throw error;
    locks.push(...(await client.call(authService.GetLocks, { InForceOnly: true }, options)).Locks);
  }
  return locks.map(({ Spec }) => ({
    user: Spec?.Target?.User ?? '',
    role: Spec?.Target?.Role ?? '',
    expires: instantFrom(Spec?.Expires ?? null),
  }));
}
