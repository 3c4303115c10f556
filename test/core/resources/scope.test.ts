import { describe, expect, it } from 'vitest';
import type { ResourceFacts } from '../../../src/core/resources/host-names.ts';
import type { LabelValues } from '../../../src/core/resources/labels-reading.ts';
import type { ResourceId } from '../../../src/core/resources/resource.ts';
import type { ResourceScope } from '../../../src/core/resources/resource-scope.ts';
import {
  coveredAsBefore,
  covers,
  coversButForCluster,
  mayCover,
  whyUnknown,
} from '../../../src/core/resources/scope.ts';
import { aCause, aResource, ROOT_CLUSTER } from '../../support/builders.ts';

const KNOWN: ResourceFacts = {
  rootCluster: ROOT_CLUSTER,
  hostNames: { state: 'known', names: [{ id: 'uuid-1', hostname: 'db-1' }] },
};
const POD = aResource({ kind: 'pod', name: 'prod-eu', subResource: 'payments/db-0' });
const NAMESPACE = { ...POD, kind: 'namespace', subResource: 'payments' };
const NODE = aResource({ kind: 'node', name: 'uuid-1' });
const UNSEEN = aResource({ kind: 'node', name: 'uuid-2' });
const AS_ROOT = { constraints: { kind: 'ssh', logins: ['root'] } } as const;
const ADMIN = { constraints: { kind: 'aws_console', roleArns: ['arn:admin'] } } as const;

function aScope(overrides: Partial<ResourceScope> = {}): ResourceScope {
  return { kinds: ['*'], names: ['*'], ...overrides };
}

function labelled(kind: string, name: string, ...labels: readonly LabelValues[]): ResourceFacts {
  return { ...KNOWN, labels: { state: 'known', resources: [{ kind, name, labels }] } };
}

describe('a rule covers a resource', () => {
  it.each<[string, ResourceScope | null, ResourceId, string]>([
    ['of the root cluster, where it says nothing', null, aResource(), 'met'],
    ['not of a leaf cluster, where it says nothing', null, aResource({ cluster: 'leaf' }), 'not-met'],
    ['not of a leaf cluster, where it names none', aScope(), aResource({ cluster: 'leaf' }), 'not-met'],
    ['of one that it may name', aScope({ clusters: ['leaf'] }), aResource({ cluster: 'le*' }), 'unknown'],
    ['of a cluster that it names', aScope({ clusters: ['le*'] }), aResource({ cluster: 'leaf' }), 'met'],
    ['not of the root, where it names others', aScope({ clusters: ['leaf'] }), aResource(), 'not-met'],
    ['of its kind and name', aScope({ kinds: ['db'], names: ['payments-*'] }), aResource(), 'met'],
    ['not of another kind', aScope({ kinds: ['app'] }), aResource(), 'not-met'],
    ['not of another name', aScope({ names: ['search-*'] }), aResource(), 'not-met'],
    ['perhaps, if it has a kind that is new', null, aResource({ kind: 'hologram' }), 'unknown'],
    ['perhaps, if it is new to Kubernetes', null, aResource({ kind: 'my-kube:ns:pods' }), 'unknown'],
    ['perhaps, if it names it', aScope({ kinds: ['hologram'] }), aResource({ kind: 'hologram' }), 'unknown'],
    ['not, if it names other kinds', aScope({ kinds: ['db'] }), aResource({ kind: 'hologram' }), 'not-met'],
    ['perhaps, if narrowed in a new way', null, aResource({ constraints: { kind: 'unknown' } }), 'unknown'],
    ['perhaps, if it is narrowed as other kinds are', null, aResource(AS_ROOT), 'unknown'],
    // Kubernetes, in both spellings.
    ['in Kubernetes, where it says nothing', null, POD, 'met'],
    ['by old name', aScope({ kinds: ['pod'], subResources: ['*'] }), { ...POD, kind: 'kube:ns:pods' }, 'met'],
    ['by the newer spelling', aScope({ kinds: ['kube:ns:*'], subResources: ['*'] }), POD, 'met'],
    [
      'of another group not',
      aScope({ kinds: ['deployment'] }),
      { ...POD, kind: 'kube:ns:deployments.other' },
      'not-met',
    ],
    [
      'in part, if all kinds are asked for',
      aScope({ kinds: ['pod'], subResources: ['*'] }),
      { ...POD, kind: 'kube:ns:*.*' },
      'unknown',
    ],
    ['in its namespace', aScope({ subResources: ['payments/*'] }), POD, 'met'],
    ['not in another namespace', aScope({ subResources: ['search/*'] }), POD, 'not-met'],
    ['perhaps, where it does not say what in Kubernetes', aScope({ kinds: ['pod'] }), POD, 'unknown'],
    [
      'a namespace only by its name',
      aScope({ kinds: ['namespace'], subResources: ['payments'] }),
      { ...POD, kind: 'namespace', subResource: 'kube-system' },
      'not-met',
    ],
    [
      'the object of a namespace is another kind',
      aScope({ kinds: ['namespace'], subResources: ['*'] }),
      { ...POD, kind: 'kube:cw:namespaces', subResource: 'payments' },
      'not-met',
    ],
    ['a whole cluster, where it says no more', aScope(), aResource({ kind: 'kube_cluster' }), 'met'],
    ['one in part', aScope({ subResources: ['payments/*'] }), aResource({ kind: 'kube_cluster' }), 'unknown'],
    ['a cluster by all in it', aScope({ subResources: ['*'] }), aResource({ kind: 'kube_cluster' }), 'met'],
    ['a kind in part', aScope({ subResources: ['payments/*'] }), { ...POD, subResource: '' }, 'unknown'],
    ['of a kind that has nothing in it', aScope({ subResources: ['payments/*'] }), aResource(), 'met'],
    // What narrows it.
    ['as the login that it names', aScope({ logins: ['r*'] }), { ...NODE, ...AS_ROOT }, 'met'],
    ['not as another login', aScope({ logins: ['readonly'] }), { ...NODE, ...AS_ROOT }, 'not-met'],
    ['in part, where any login is asked for', aScope({ logins: ['readonly'] }), NODE, 'unknown'],
    ['as any login', aScope({ logins: ['*'] }), NODE, 'met'],
    ['in any AWS role', aScope({ roleArns: ['*'] }), aResource({ kind: 'app' }), 'met'],
    ['as whatever login, where it says nothing of logins', aScope(), { ...NODE, ...AS_ROOT }, 'met'],
    ['by its AWS role', aScope({ roleArns: ['arn:*'] }), aResource({ kind: 'app', ...ADMIN }), 'met'],
    ['not by another', aScope({ roleArns: ['arn:ro'] }), aResource({ kind: 'app', ...ADMIN }), 'not-met'],
    ['in part, for any AWS role', aScope({ roleArns: ['arn:ro'] }), aResource({ kind: 'app' }), 'unknown'],
    ['in part, by the login alone', aScope({ roleArns: ['arn:ro'] }), { ...NODE, ...AS_ROOT }, 'unknown'],
    [
      'on a desktop as the login that it names',
      aScope({ logins: ['admin'] }),
      aResource({ kind: 'windows_desktop', constraints: { kind: 'windows_desktop', logins: ['admin'] } }),
      'met',
    ],
    // Nodes are asked for by their ids.
    ['of its host name', aScope({ names: ['db-*'] }), NODE, 'met'],
    ['not of another host name', aScope({ names: ['web-*'] }), NODE, 'not-met'],
    ['by an id that it names', aScope({ names: ['uuid-2'] }), UNSEEN, 'met'],
    ['whatever its host name', aScope(), UNSEEN, 'met'],
    ['perhaps, if its host name is not known', aScope({ names: ['uuid-*'] }), UNSEEN, 'unknown'],
    [
      'perhaps, if it is a node of a leaf cluster',
      aScope({ clusters: ['*'], names: ['db-*'] }),
      { ...NODE, cluster: 'leaf' },
      'unknown',
    ],
  ])('%s', (_what, scope, resource, answer) => {
    expect(covers(scope, resource, KNOWN)).toBe(answer);
  });

  it('perhaps, whatever it is, while the root cluster is not known; and not by another name', () => {
    expect(covers(null, aResource(), { rootCluster: null })).toBe('unknown');
    expect(covers(aScope({ clusters: ['*'] }), aResource(), { rootCluster: null })).toBe('unknown');
    expect(covers(aScope({ names: ['search'] }), aResource(), { rootCluster: null })).toBe('not-met');
    expect(covers(aScope({ clusters: ['leaf'] }), aResource(), {})).toBe('not-met');
  });

  it('but for the cluster, of which it says nothing', () => {
    const leaf = aResource({ cluster: 'leaf' });

    expect(coversButForCluster(null, leaf, KNOWN)).toBe(true);
    expect(coversButForCluster(aScope(), leaf, KNOWN)).toBe(true);
    expect(coversButForCluster(aScope({ names: ['search'] }), leaf, KNOWN)).toBe(false);
    expect(coversButForCluster(aScope({ clusters: ['other'] }), leaf, KNOWN)).toBe(false);
    expect(coversButForCluster(aScope({ clusters: [ROOT_CLUSTER] }), leaf, KNOWN)).toBe(false);
    expect(coversButForCluster(null, leaf, {})).toBe(true);
    const labels = { env: ['dev'] };
    expect(coversButForCluster(aScope({ labels }), leaf, labelled('db', leaf.name, { env: 'prod' }))).toBe(
      true,
    );
  });

  it('may be told not to by the request alone, but for host names', () => {
    const scope = aScope({ kinds: ['db', 'node'], names: ['pay*'] });

    expect(mayCover(null, [])).toBe(true);
    expect(mayCover(scope, [])).toBe(false);
    expect(mayCover(scope, [aResource({ name: 'search' })])).toBe(false);
    expect(mayCover(scope, [aResource({ kind: 'app' })])).toBe(false);
    expect(mayCover(scope, [NODE])).toBe(true);
    expect(mayCover(scope, [aResource({ name: 'search' }), aResource()])).toBe(true);
    expect(mayCover(scope, [aResource({ name: '^.*$' })])).toBe(true);
    expect(mayCover(aScope({ names: ['^pay*'] }), [aResource({ name: '^payments' })])).toBe(true);
  });

  it('as earlier versions saw it: all of them by kind and name, wherever they are', () => {
    const scope = aScope({ kinds: ['db'], names: ['pay*'] });
    const leaf = aResource({ cluster: 'leaf' });

    expect(coveredAsBefore(null, [leaf])).toBe(true);
    expect(coveredAsBefore(scope, [leaf, aResource()])).toBe(true);
    expect(coveredAsBefore(scope, [leaf, aResource({ name: 'search' })])).toBe(false);
    expect(coveredAsBefore(scope, [leaf, aResource({ kind: 'app' })])).toBe(false);
    expect(coveredAsBefore(scope, [])).toBe(false);
  });
});

describe('why it is not known whether a rule covers a resource', () => {
  const named = aScope({ names: ['db-*'] });
  const failed: ResourceFacts = {
    ...KNOWN,
    hostNames: { state: 'unknown', cause: aCause({ message: 'no answer' }) },
  };

  it.each<[string, ResourceScope | null, ResourceId, ResourceFacts, string, boolean]>([
    ['root', null, aResource(), { rootCluster: null }, 'the name of the root cluster is not known', true],
    ['no root', null, aResource(), {}, 'the name of the root cluster is not known', true],
    [
      'kind',
      null,
      aResource({ kind: 'hologram' }),
      KNOWN,
      'this version does not know such resources',
      false,
    ],
    [
      'constraints',
      null,
      aResource(AS_ROOT),
      KNOWN,
      'the access is narrowed in a way that this version does not know',
      false,
    ],
    ['silence', named, UNSEEN, failed, 'its host name is not known: no answer', true],
    ['unseen', named, UNSEEN, KNOWN, 'its host name is not known: the service may not see the node', false],
    [
      'not asked',
      named,
      UNSEEN,
      { rootCluster: ROOT_CLUSTER },
      'its host name is not known: the service may not see the node',
      false,
    ],
    ['sub-resources', aScope(), POD, KNOWN, 'the rule does not say which sub-resources it is for', false],
    ['sub-resources', null, POD, KNOWN, 'the rule does not say which sub-resources it is for', false],
    ['another kind', aScope({ kinds: ['db'] }), POD, KNOWN, 'the rule covers only a part of it', false],
    ['part', aScope({ logins: ['readonly'] }), NODE, KNOWN, 'the rule covers only a part of it', false],
    [
      'part of a pod',
      aScope({ subResources: ['payments/db-0'] }),
      { ...POD, subResource: '*/*' },
      KNOWN,
      'the rule covers only a part of it',
      false,
    ],
    ['a namespace', aScope({ kinds: ['pod'] }), NAMESPACE, KNOWN, 'the rule covers only a part of it', false],
    [
      'part of a login',
      aScope({ logins: ['readonly'], labels: { env: ['dev'] } }),
      NODE,
      labelled('node', NODE.name, { env: 'dev' }),
      'the rule covers only a part of it',
      false,
    ],
    [
      'labels at odds',
      aScope({ labels: { env: ['dev'] } }),
      NODE,
      labelled('node', NODE.name, { env: 'dev' }, {}),
      'its servers do not agree in the labels by which the rule goes',
      false,
    ],
    ['part of a name', named, aResource({ name: 'd*' }), KNOWN, 'the rule covers only a part of it', false],
  ])('is told: %s', (_why, scope, resource, known, message, transient) => {
    expect(whyUnknown(scope, resource, known)).toEqual({ message, transient });
  });
});
