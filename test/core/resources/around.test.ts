import { describe, expect, it } from 'vitest';
import type { ResourceId } from '../../../src/core/resources/resource.ts';
import type { ResourceScope } from '../../../src/core/resources/resource-scope.ts';
import { covers, mayCover } from '../../../src/core/resources/scope.ts';
import { aResource, ROOT_CLUSTER } from '../../support/builders.ts';

const POD = aResource({ kind: 'pod', name: 'prod-eu', subResource: 'payments/db-0' });
const NAMESPACE = { ...POD, kind: 'namespace', subResource: 'payments' };
const CLUSTER = aResource({ kind: 'kube_cluster', name: 'prod-eu' });

function aScope(overrides: Partial<ResourceScope> = {}): ResourceScope {
  return { kinds: ['*'], names: ['*'], ...overrides };
}

describe('a rule for something in Kubernetes covers what is around it', () => {
  it.each<[string, ResourceScope, ResourceId, string]>([
    [
      'pods in part, if the namespace around them is asked for',
      aScope({ kinds: ['pod'], subResources: ['payments/*'] }),
      NAMESPACE,
      'unknown',
    ],
    ['so too where it says none', aScope({ kinds: ['kube:ns:widgets.example.com'] }), NAMESPACE, 'unknown'],
    ['so too beside other kinds', aScope({ kinds: ['pod', 'db'] }), NAMESPACE, 'unknown'],
    ['so too by all kinds', aScope({ subResources: ['payments/db-*'] }), NAMESPACE, 'unknown'],
    ['not, for another one', aScope({ kinds: ['pod'], subResources: ['search/*'] }), NAMESPACE, 'not-met'],
    ['not, if it is for what none has', aScope({ kinds: ['clusterrole', 'db'] }), NAMESPACE, 'not-met'],
    ['in part of a cluster', aScope({ kinds: ['clusterrole'], subResources: ['admin'] }), CLUSTER, 'unknown'],
    ['pods, by the older name', aScope({ kinds: ['pod*'] }), NAMESPACE, 'unknown'],
    ['a namespace, if the whole cluster is asked for', aScope({ kinds: ['namespace'] }), CLUSTER, 'unknown'],
    ['so too by a pattern of kinds', aScope({ kinds: ['name*'] }), CLUSTER, 'unknown'],
    ['not, if another cluster is asked for', aScope({ kinds: ['pod'], names: ['dev'] }), CLUSTER, 'not-met'],
    ['not, if the rule is for what is around it', aScope({ kinds: ['kube_cluster'] }), POD, 'not-met'],
  ])('%s', (_how, scope, resource, expected) => {
    expect(covers(scope, resource, { rootCluster: ROOT_CLUSTER })).toBe(expected);
    expect(mayCover(scope, [resource])).toBe(expected !== 'not-met');
  });
});
