import type { LockFact } from '../core/locks.ts';
import { TeleportError, unless, type Locks } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { listedBy } from './paging.ts';
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
export function grpcLocks(client: TeleportClient): Locks {
  return {
    async lockRequest({ name, id, message, expires }, signal) {
      const until = expires === null ? null : timestampOf(expires);
      await client.call(
        authService.UpsertLock,
        {
          Kind: 'lock',
          Version: 'v2',
          // By this one Teleport takes the lock itself away, at about that time; without it locks would pile up there.
          Metadata: { Name: name, Expires: until },
          Spec: { Target: { AccessRequest: id }, Message: message, Expires: until },
        },
        { action: LOCK, signal },
      );
    },
    async exists(name, signal) {
      return (await lockNamed(client, name, signal)) !== null;
    },
    async lift({ name, id, message, expires }, signal) {
      const lock = await lockNamed(client, name, signal);
      if (lock === null) return true;
      const { Message, Target, Expires } = lock.Spec ?? {};
      const isOurs =
        Message === message && Target?.AccessRequest === id && instantFrom(Expires ?? null) === expires;
      if (!isOurs) return false;
      await unless(
        client.call(authService.DeleteLock, { Name: name }, { action: LIFT_LOCK, signal }),
        'not-found',
      );
      return true;
    },
    inForce: (signal) => locksInForce(client, signal),
  };
}

/** `ListLocks` since 2025; `GetLocks` until it goes. Throws TeleportError. */
export async function locksInForce(
  client: TeleportClient,
  signal: AbortSignal,
): Promise<readonly LockFact[]> {
  const options = { action: LIST_LOCKS, signal };
  let locks: readonly LockV2__Output[];
  try {
    locks = await listedBy(
      client,
      {
        what: 'locks',
        method: authService.ListLocks,
        requestAt: (page_token) => ({ page_size: PAGE_SIZE, page_token, filter: { in_force_only: true } }),
        rows: (page) => page.locks,
        next: (page) => page.next_page_token,
      },
      options,
    );
  } catch (error) {
    if (!(error instanceof TeleportError) || error.kind !== 'unsupported') throw error;
    locks = (await client.call(authService.GetLocks, { InForceOnly: true }, options)).Locks;
  }
  return locks.map(({ Spec }) => ({
    user: Spec?.Target?.User ?? '',
    role: Spec?.Target?.Role ?? '',
    expires: instantFrom(Spec?.Expires ?? null),
  }));
}

function lockNamed(
  client: TeleportClient,
  name: string,
  signal: AbortSignal,
): Promise<LockV2__Output | null> {
  return unless(client.call(authService.GetLock, { Name: name }, { action: READ_LOCK, signal }), 'not-found');
}
