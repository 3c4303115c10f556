import type { RequestId } from '../core/access-request.ts';
import type { Instant } from '../core/values/instant.ts';
import { TeleportError, type Locks } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { authService } from './connection/services.ts';
import { timestampOf } from './wire.ts';

const LOCK: Action = {
  does: 'lock the access of the request',
  needs:
    "the service's user needs a role that allows the verbs create and update on lock, " +
    'in YAML `- { resources: [lock], verbs: [read, create, update] }` among its `rules`',
};

const READ_LOCK: Action = {
  does: 'read a lock',
  needs: "the service's user needs a role that allows the verb read on lock",
};

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
}
