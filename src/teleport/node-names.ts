import { MINUTE } from '../core/values/instant.ts';
import { TeleportError, type NodeNames } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import type { Action } from './connection/errors.ts';
import { authService } from './connection/services.ts';

const LIST_NODES: Action = {
  does: 'list nodes',
  needs: "the service's user needs to exist and not to be locked",
};

/** As Teleport's own web page asks: more in one expression is slower than several. */
const BATCH = 256;
/** Nothing else is asked for: what would have to be escaped is no id of a node. */
const ID = /^[\w.:-]{1,200}$/u;
const FRESH_MS = 10 * MINUTE;
const KEPT_MAX = 10_000;

/**
 * Host names by ListResources, kept for ten minutes: where the service's role may see nodes by `preview_as_roles` alone, Teleport
 * writes each call into its audit log.
 */
export class TeleportNodeNames implements NodeNames {
  readonly #client: TeleportClient;
  readonly #now: () => number;
  readonly #kept = new Map<string, { readonly hostname: string; readonly until: number }>();

  constructor(client: TeleportClient, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
  }

  async hostNames(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const now = this.#now();
    const asked = ids.filter((id) => ID.test(id) && !((this.#kept.get(id)?.until ?? 0) > now));
    for (let from = 0; from < asked.length; from += BATCH) {
      const batch = asked.slice(from, from + BATCH);
      const found = await this.#list(batch, signal);
      if (this.#kept.size + found.length > KEPT_MAX) this.#kept.clear();
      for (const { id, hostname } of found) this.#kept.set(id, { hostname, until: now + FRESH_MS });
    }
    return new Map(
      ids.flatMap((id) => {
        const kept = this.#kept.get(id);
        return kept === undefined || kept.until <= now ? [] : [[id, kept.hostname]];
      }),
    );
  }

  async #list(
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly { readonly id: string; readonly hostname: string }[]> {
    const found: { id: string; hostname: string }[] = [];
    const wanted = new Set(ids);
    let key = '';
    do {
      const page = await this.#client.call(
        authService.ListResources,
        {
          ResourceType: 'node',
          Limit: BATCH,
          StartKey: key,
          PredicateExpression: ids.map((id) => `resource.metadata.name == "${id}"`).join(' || '),
          UseSearchAsRoles: true,
          UsePreviewAsRoles: true,
        },
        { action: LIST_NODES, signal },
      );
      for (const { Node: node } of page.Resources) {
        const id = node?.Metadata?.Name ?? '';
        const hostname = node?.Spec?.Hostname ?? '';
        if (wanted.has(id) && hostname !== '') found.push({ id, hostname });
      }
      if (page.NextKey !== '' && page.NextKey === key) {
        throw new TeleportError('malformed', 'teleport listed the same page of nodes twice', {
          transient: true,
        });
      }
      key = page.NextKey;
    } while (key !== '');
    return found;
  }
}
