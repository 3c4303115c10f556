import type { LabelValues } from '../core/resources/labels-reading.ts';
import { MINUTE } from '../core/values/instant.ts';
import type { ListedResource, WantedLabels } from '../ports/teleport.ts';
import type { TeleportClient } from './connection/client.ts';
import { BATCH, listAllResources, listResources } from './list-resources.ts';
import type { PaginatedResource__Output } from './proto/generated/proto/PaginatedResource.ts';
import type { Metadata__Output } from './proto/generated/types/Metadata.ts';

/** Nothing else is asked for: what would have to be escaped may mean something else. */
const NAME = /^[\w.:@/ -]{1,253}$/u;
const FRESH_MS = 2 * MINUTE;
const KEPT_MAX = 20_000;
/** Whoever may write a label may write a long one: more of it is not kept, and no rule takes so much for a value. */
const LONGEST = 1_100;

interface Kept {
  readonly labels: readonly LabelValues[];
  readonly until: number;
}

type MetadataOf = (resource: PaginatedResource__Output) => Metadata__Output | null | undefined;

/** By the kinds of requests: the type that ListResources has for it, and where its own metadata are. */
const TYPES: ReadonlyMap<string, { readonly type: string; readonly metadata: MetadataOf }> = new Map([
  ['node', { type: 'node', metadata: ({ Node: node }: PaginatedResource__Output) => node?.Metadata }],
  ['app', { type: 'app_server', metadata: ({ AppServer: server }) => server?.Spec?.App?.Metadata }],
  ['db', { type: 'db_server', metadata: ({ DatabaseServer: server }) => server?.Spec?.Database?.Metadata }],
  [
    'kube_cluster',
    { type: 'kube_server', metadata: ({ KubernetesServer: server }) => server?.Spec?.Cluster?.Metadata },
  ],
  [
    'windows_desktop',
    { type: 'windows_desktop', metadata: ({ WindowsDesktop: desktop }) => desktop?.Header?.Metadata },
  ],
  ['git_server', { type: 'git_server', metadata: ({ git_server: server }) => server?.Metadata }],
]);

/** Labels by ListResources, kept for two minutes; what a host's commands say of it is not in its metadata, and is not read. */
export class ResourceLabels {
  readonly #client: TeleportClient;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(client: TeleportClient, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  async read(
    { kind, resources, names }: WantedLabels,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly LabelValues[]>> {
    const type = TYPES.get(kind);
    if (type === undefined) return new Map();
    const now = this.#now();
    const keyOf = (name: string): string => JSON.stringify([kind, name, names]);
    const fresh = (name: string): Kept | undefined => {
      const kept = this.#kept.get(keyOf(name));
      return kept !== undefined && kept.until > now ? kept : undefined;
    };
    const found = new Map(
      resources.flatMap((name) => {
        const kept = fresh(name);
        return kept === undefined ? [] : [[name, kept.labels] as const];
      }),
    );
    const asked = resources.filter((name) => NAME.test(name) && !found.has(name));
    for (let from = 0; from < asked.length; from += BATCH) {
      const batch = new Set(asked.slice(from, from + BATCH));
      const listed = await listResources(this.#client, { type: type.type, names: [...batch] }, signal);
      const read = Map.groupBy(
        listed.flatMap((resource) => type.metadata(resource) ?? []),
        ({ Name: name }) => name,
      );
      if (this.#kept.size + batch.size > KEPT_MAX) this.#kept.clear();
      for (const [name, servers] of read) {
        if (!batch.has(name)) continue;
        const labels = different(servers.map(({ Labels: all }) => named(all, names)));
        found.set(name, labels);
        this.#kept.set(keyOf(name), { labels, until: now + FRESH_MS });
      }
    }
    return found;
  }

  async *pages(
    { kind, names }: Omit<WantedLabels, 'resources'>,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ListedResource[]> {
    const type = TYPES.get(kind);
    if (type === undefined) return;
    for await (const page of listAllResources(this.#client, type.type, signal)) {
      yield page.flatMap((resource): ListedResource[] => {
        const metadata = type.metadata(resource) ?? null;
        const hostName = resource.Node?.Spec?.Hostname ?? null;
        return metadata === null
          ? []
          : [{ name: metadata.Name, hostName, labels: named(metadata.Labels, names) }];
      });
    }
  }
}

function named(all: Readonly<Record<string, string>>, names: readonly string[]): LabelValues {
  return Object.fromEntries(
    names.flatMap((name) => (Object.hasOwn(all, name) ? [[name, (all[name] ?? '').slice(0, LONGEST)]] : [])),
  );
}

function different(sets: readonly LabelValues[]): readonly LabelValues[] {
  return [...new Map(sets.map((labels) => [JSON.stringify(labels), labels])).values()];
}
