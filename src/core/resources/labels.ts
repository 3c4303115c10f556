import type { ConditionAnswer } from '../decision.ts';
import type { Cause } from '../values/cause.ts';
import { matchesAny } from '../values/pattern.ts';
import { sanitise } from '../values/words.ts';
import type { ResourceFacts } from './host-names.ts';
import type { LabelValues } from './labels-reading.ts';
import { isInKubernetes, type ResourceId } from './resource.ts';

/** Of these kinds Teleport tells labels. */
export const LABELLED_KINDS = ['node', 'app', 'db', 'kube_cluster', 'windows_desktop', 'git_server'] as const;
const LABELLED: ReadonlySet<string> = new Set(LABELLED_KINDS);

/** What bears the labels of a resource: of all that is in Kubernetes, the cluster. Null where labels cannot be read. */
export function labelledAs(
  { kind, name, cluster }: ResourceId,
  rootCluster: string | null | undefined,
): { readonly kind: string; readonly name: string } | null {
  if (cluster !== rootCluster) return null;
  const bearer = isInKubernetes({ kind }) ? 'kube_cluster' : kind;
  return LABELLED.has(bearer) ? { kind: bearer, name } : null;
}

/** Each set of labels that the resource has; or why those of these names are not known, which rules of another time may not have asked for. */
export function labelsOf(
  resource: ResourceId,
  { rootCluster, labels }: ResourceFacts,
  names: readonly string[],
): readonly LabelValues[] | Pick<Cause, 'message' | 'transient'> {
  const bearer = labelledAs(resource, rootCluster);
  if (bearer === null)
    return {
      message: 'its labels cannot be read: it is in another cluster, or of a kind without them',
      transient: false,
    };
  if (labels === undefined) return { message: 'its labels were not asked for', transient: false };
  if (labels.state === 'unknown') {
    return {
      message: `its labels are not known: ${labels.cause.message}`,
      transient: labels.cause.transient,
    };
  }
  const strange = names.find((name) => labels.asked?.includes(name) === false);
  if (strange !== undefined)
    return { message: `its label \`${sanitise(strange, 100)}\` was not asked for`, transient: false };
  const found = labels.resources.find(({ kind, name }) => kind === bearer.kind && name === bearer.name);
  return found === undefined || found.labels.length === 0
    ? { message: 'its labels are not known: the service may not see it', transient: false }
    : found.labels;
}

/** Whether the resource has, of each of these labels, one of the values, or patterns. */
export function hasLabels(
  wanted: Readonly<Record<string, readonly string[]>>,
  resource: ResourceId,
  known: ResourceFacts,
): ConditionAnswer {
  const sets = labelsOf(resource, known, Object.keys(wanted));
  if ('message' in sets) return 'unknown';
  const fits = sets.map((labels) =>
    Object.entries(wanted).every(([name, patterns]) =>
      Object.entries(labels).some(([own, value]) => own === name && matchesAny(patterns, value)),
    ),
  );
  if (fits.every(Boolean)) return 'met';
  return fits.some(Boolean) ? 'unknown' : 'not-met';
}
