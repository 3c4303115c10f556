import type { Cause } from '../values/cause.ts';
import type { LabelsReading } from './labels-reading.ts';
import type { ResourceId } from './resource.ts';

/**
 * The host names of the requested nodes, which requests name by id. A node that is not listed is one that the service may not see,
 * or that is gone. The host itself says what it is called.
 */
export type HostNamesReading =
  | { readonly state: 'known'; readonly names: readonly { readonly id: string; readonly hostname: string }[] }
  | { readonly state: 'unknown'; readonly cause: Cause }
  | { readonly state: 'not-asked' };

/** What is known of resources beside the request itself. */
export interface ResourceFacts {
  /** Teleport's own name of its root cluster, null where it is not known; absent in entries of earlier versions, which did not ask. */
  readonly rootCluster?: string | null;
  /** Absent in entries of earlier versions. */
  readonly hostNames?: HostNamesReading;
  /** Absent where no rule asks for any, and in entries of earlier versions. */
  readonly labels?: LabelsReading;
}

/** Whether the name of the resource says nothing to people: nodes of the root cluster are looked up. */
export function needsHostName({ kind, cluster }: ResourceId, rootCluster: string | null): boolean {
  return kind === 'node' && cluster === rootCluster;
}

/** The host name of a node; null where it is not known. */
export function hostNameOf(
  resource: ResourceId,
  { rootCluster = null, hostNames }: ResourceFacts,
): string | null {
  if (!needsHostName(resource, rootCluster) || hostNames?.state !== 'known') return null;
  return hostNames.names.find(({ id }) => id === resource.name)?.hostname ?? null;
}
