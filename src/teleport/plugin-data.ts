import type { RequestId } from '../core/access-request.ts';
import type { PluginData } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { authService } from './connection/services.ts';

const KIND = 'access_request';
/** Our name among the access plugins of a cluster: each keeps its own entry. */
const PLUGIN = 'oncall-approver';

const READ: Action = {
  does: 'read plugin data',
  needs: "the service's user needs a role that allows the verbs list and read on access_plugin_data",
};
const UPDATE: Action = {
  does: 'update plugin data',
  needs: "the service's user needs a role that allows the verb update on access_plugin_data",
};

/** Plugin data over gRPC. */
export class TeleportPluginData implements PluginData {
  readonly #client: TeleportClient;

  constructor(client: TeleportClient) {
    this.#client = client;
  }

  async read(id: RequestId, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const { PluginData: found } = await this.#client.call(
      authService.GetPluginData,
      { Kind: KIND, Resource: id, Plugin: PLUGIN },
      { action: READ, signal },
    );
    // Teleport's filter picks objects: the one that comes still carries the entries of every plugin.
    const entry = found.find(({ Metadata }) => Metadata?.Name === id)?.Spec?.Entries[PLUGIN];
    return { ...entry?.Data };
  }

  async update(
    {
      id,
      set,
      expect,
    }: { id: RequestId; set: Readonly<Record<string, string>>; expect: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#client.call(
      authService.UpdatePluginData,
      { Kind: KIND, Resource: id, Plugin: PLUGIN, Set: { ...set }, Expect: { ...expect } },
      { action: UPDATE, signal },
    );
  }
}
