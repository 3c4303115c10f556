import { MINUTE } from '../core/values/instant.ts';
import type { LabelValues } from '../core/resources/labels-reading.ts';
import type { ListedResource, NodeNames, ResourceList, WantedLabels } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import { BATCH, listResources } from './list-resources.ts';
import { ResourceLabels } from './resource-labels.ts';

/** Nothing else is asked for: what would have to be escaped is no id of a node. */
const ID = /^[\w.:-]{1,200}$/u;
const FRESH_MS = 10 * MINUTE;
const KEPT_MAX = 10_000;

/**
 * Host names by ListResources, kept for ten minutes: where the service's role may see nodes by `preview_as_roles` alone, Teleport
 * writes each call into its audit log.
 */
export class TeleportNodeNames implements NodeNames, ResourceList {
  readonly #client: TeleportClient;
  readonly #now: () => number;
  readonly #labels: ResourceLabels;
  readonly #kept = new Map<string, { readonly hostname: string; readonly until: number }>();

  constructor(client: TeleportClient, now: () => number = () => performance.now()) {
    this.#client = client;
    this.#now = now;
    this.#labels = new ResourceLabels(client, now);
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

  labels(wanted: WantedLabels, signal: AbortSignal): Promise<ReadonlyMap<string, readonly LabelValues[]>> {
    return this.#labels.read(wanted, signal);
  }

  pages(
    wanted: Omit<WantedLabels, 'resources'>,
    signal: AbortSignal,
  ): AsyncIterable<readonly ListedResource[]> {
    return this.#labels.pages(wanted, signal);
  }

  async #list(
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly { readonly id: string; readonly hostname: string }[]> {
    const wanted = new Set(ids);
    const found = await listResources(this.#client, { type: 'node', names: ids }, signal);
    return found.flatMap(({ Node: node }) => {
      const id = node?.Metadata?.Name ?? '';
      const hostname = node?.Spec?.Hostname ?? '';
      return wanted.has(id) && hostname !== '' ? [{ id, hostname }] : [];
    });
  }
}
