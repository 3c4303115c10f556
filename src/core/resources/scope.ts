import { allOf } from '../conditions/condition.ts';
import type { ConditionAnswer } from '../decision.ts';
import type { Cause } from '../values/cause.ts';
import { matchesAny } from '../values/pattern.ts';
import { hostNameOf, type ResourceFacts } from './host-names.ts';
import { hasLabels, labelsOf } from './labels.ts';
import type { ResourceScope } from './resource-scope.ts';
import { allWithin, within } from './requested-text.ts';
import {
  holdsKind,
  isInKubernetes,
  isKnownKind,
  isKnownNarrowing,
  spellingsOf,
  type ResourceId,
} from './resource.ts';

/**
 * Whether the rule covers the resource: `unknown` where that cannot be told, or where it covers a part of it only; the rule is then in
 * the way of an approval, and approves nothing. A rule without a scope covers the root cluster.
 */
export function covers(
  scope: ResourceScope | null,
  resource: ResourceId,
  known: ResourceFacts,
): ConditionAnswer {
  return allOf([
    ...(scope === null ? [] : partsCovered(scope, resource, known)),
    clusterCovered(scope?.clusters, resource, known),
    isKnownKind(resource) && isKnownNarrowing(resource) ? 'met' : 'unknown',
  ]);
}

/** Whether a rule that says nothing of clusters would cover the resource if it were in the root cluster. */
export function coversButForCluster(
  scope: ResourceScope | null,
  resource: ResourceId,
  known: ResourceFacts,
): boolean {
  if (scope?.clusters !== undefined || resource.cluster === known.rootCluster) return false;
  const inRoot = { ...resource, cluster: known.rootCluster ?? '' };
  // What has the same name in the root cluster has other labels.
  return covers(scope, inRoot, { ...known, labels: { state: 'known', resources: [] } }) !== 'not-met';
}

/** Whether the rule may cover some of the resources, by what the request says itself. */
export function mayCover(scope: ResourceScope | null, resources: readonly ResourceId[]): boolean {
  return (
    scope === null ||
    resources.some(
      ({ kind, name, ...resource }) =>
        (kindCovered(scope.kinds, kind) !== 'not-met' || holdsCovered(scope, { ...resource, kind, name })) &&
        (kind === 'node' || within(scope.names, name) !== 'not-met' || matchesAny(scope.names, name)),
    )
  );
}

/** Entries of earlier versions do not have the name of the root cluster. A scope that says more is of a rule that they did not have. */
export function isJudgedAsBefore(scope: ResourceScope | null, { rootCluster }: ResourceFacts): boolean {
  return (
    rootCluster === undefined && Object.keys(scope ?? {}).every((key) => key === 'kinds' || key === 'names')
  );
}

/** What earlier versions made of it: all resources must be of the kinds and names, whatever else they are. */
export function coveredAsBefore(scope: ResourceScope | null, resources: readonly ResourceId[]): boolean {
  return (
    scope === null ||
    (resources.length > 0 &&
      resources.every(({ kind, name }) => matchesAny(scope.kinds, kind) && matchesAny(scope.names, name)))
  );
}

/** Why it is not known whether the rule covers the resource; asking again may only bring a host name. */
export function whyUnknown(
  scope: ResourceScope | null,
  resource: ResourceId,
  known: ResourceFacts,
): Pick<Cause, 'message' | 'transient'> {
  const { hostNames } = known;
  if (known.rootCluster === null || known.rootCluster === undefined) {
    return { message: 'the name of the root cluster is not known', transient: true };
  }
  if (!isKnownKind(resource))
    return { message: 'this version does not know such resources', transient: false };
  if (!isKnownNarrowing(resource)) {
    return { message: 'the access is narrowed in a way that this version does not know', transient: false };
  }
  if (scope !== null && nameCovered(scope, resource, known) === 'unknown' && resource.kind === 'node') {
    return hostNames?.state === 'unknown'
      ? {
          message: `its host name is not known: ${hostNames.cause.message}`,
          transient: hostNames.cause.transient,
        }
      : { message: 'its host name is not known: the service may not see the node', transient: false };
  }
  if (scope?.labels !== undefined && hasLabels(scope.labels, resource, known) === 'unknown') {
    const labels = labelsOf(resource, known, Object.keys(scope.labels));
    return 'message' in labels
      ? labels
      : { message: 'its servers do not agree in the labels by which the rule goes', transient: false };
  }
  return scope?.subResources === undefined &&
    resource.subResource !== '' &&
    kindCovered(scope?.kinds ?? ['*'], resource.kind) !== 'not-met'
    ? { message: 'the rule does not say which sub-resources it is for', transient: false }
    : { message: 'the rule covers only a part of it', transient: false };
}

function partsCovered(
  scope: ResourceScope,
  resource: ResourceId,
  known: ResourceFacts,
): readonly ConditionAnswer[] {
  const { constraints } = resource;
  const logins = constraints !== undefined && 'logins' in constraints ? constraints.logins : ['*'];
  const roleArns = constraints?.kind === 'aws_console' ? constraints.roleArns : ['*'];
  return [
    thingCovered(scope, resource),
    nameCovered(scope, resource, known),
    scope.logins === undefined ? 'met' : allWithin(scope.logins, logins),
    scope.roleArns === undefined ? 'met' : allWithin(scope.roleArns, roleArns),
    scope.labels === undefined ? 'met' : hasLabels(scope.labels, resource, known),
  ];
}

function clusterCovered(
  clusters: ResourceScope['clusters'],
  { cluster }: ResourceId,
  { rootCluster }: ResourceFacts,
): ConditionAnswer {
  const named = clusters === undefined ? 'met' : within(clusters, cluster);
  if (named !== 'met') return named;
  if (rootCluster === null || rootCluster === undefined) return 'unknown';
  return clusters !== undefined || cluster === rootCluster ? 'met' : 'not-met';
}

/** A node by its host name; by its id only where the rule names just that, which no pattern can mean. */
function nameCovered({ names }: ResourceScope, resource: ResourceId, known: ResourceFacts): ConditionAnswer {
  if (resource.kind !== 'node') return within(names, resource.name);
  if (names.includes('*') || names.includes(resource.name)) return 'met';
  const hostname = hostNameOf(resource, known);
  return hostname === null ? 'unknown' : within(names, hostname);
}

/** A rule for pods, or one of all kinds for a namespace, is for a part of the namespace or cluster that is asked for around them. */
function thingCovered(scope: ResourceScope, resource: ResourceId): ConditionAnswer {
  const itself = allOf([
    kindCovered(scope.kinds, resource.kind),
    subResourceCovered(scope.subResources, resource),
  ]);
  return itself === 'not-met' && holdsCovered(scope, resource) ? 'unknown' : itself;
}

function holdsCovered({ kinds, subResources }: ResourceScope, resource: ResourceId): boolean {
  if (!kinds.flatMap(spellingsOf).some((pattern) => holdsKind(resource, pattern))) return false;
  if (resource.kind === 'kube_cluster' || subResources === undefined) return true;
  return within(subResources, `${resource.subResource}/*`) !== 'not-met';
}

function subResourceCovered(patterns: ResourceScope['subResources'], resource: ResourceId): ConditionAnswer {
  const { kind, subResource } = resource;
  if (subResource !== '') return patterns === undefined ? 'unknown' : within(patterns, subResource);
  // All of the cluster, and whatever comes without the part that Teleport asks for.
  const isWhole = kind === 'kube_cluster' || isInKubernetes(resource);
  return patterns === undefined || !isWhole ? 'met' : within(patterns, '*');
}

function kindCovered(kinds: ResourceScope['kinds'], requested: string): ConditionAnswer {
  const patterns = kinds.flatMap(spellingsOf);
  const answers = spellingsOf(requested).map((each) => within(patterns, each));
  if (answers.includes('met')) return 'met';
  return answers.includes('unknown') ? 'unknown' : 'not-met';
}
