import fc, { type Arbitrary } from 'fast-check';
import type { HostNamesReading, ResourceFacts } from '../../src/core/resources/host-names.ts';
import type { ResourceConstraints, ResourceId } from '../../src/core/resources/resource.ts';
import type { ResourceScope } from '../../src/core/resources/resource-scope.ts';
import { matchesAny } from '../../src/core/values/pattern.ts';
import { aResource, ROOT_CLUSTER } from '../support/builders.ts';
import { mostly, plausible, type Text } from './arbitrary-text.ts';

const KINDS = ['node', 'node', 'db', 'app', 'pod', 'kube:ns:pods', 'namespace', 'kube_cluster', 'hologram'];
const PODS = ['payments/db-0', 'payments/*', '*/*', 'payments/^db-.*$', '^.*$/db-0', 'search/web-1'];
const HOST_NAMES: Readonly<Record<string, string>> = { 'node-1': 'db-1', 'node-2': 'web-1' };

const constraints: Arbitrary<ResourceConstraints> = fc.oneof(
  fc.subarray(['root', 'readonly'], { minLength: 1 }).map((logins) => ({ kind: 'ssh' as const, logins })),
  fc.constant({ kind: 'aws_console' as const, roleArns: ['arn:aws:iam::1:role/admin'] }),
  fc.constant({ kind: 'unknown' as const }),
);

/** Resources of all kinds, here and in a leaf cluster, narrowed or not, some of them wildcards. */
export function resources(text: Text = plausible): Arbitrary<ResourceId> {
  return fc
    .record({
      cluster: mostly(fc.constant(ROOT_CLUSTER), fc.constantFrom('leaf', '')),
      kind: fc.constantFrom(...KINDS),
      name: text('db-1', 'node-1', 'node-2', 'node-3', '*', '^db.*$'),
      pod: mostly(fc.constantFrom(...PODS), text('')),
      narrowed: fc.option(constraints, { freq: 3 }),
    })
    .map(({ pod, narrowed, kind, ...id }) =>
      aResource({
        ...id,
        kind,
        subResource:
          kind === 'namespace'
            ? (pod.split('/')[0] ?? '')
            : kind.endsWith('pod') || kind.includes(':')
              ? pod
              : '',
        ...(narrowed === null ? {} : { constraints: narrowed }),
      }),
    );
}

function patterns(...usual: readonly [string, ...string[]]): Arbitrary<readonly string[]> {
  return fc.array(fc.constantFrom(...usual), { minLength: 1, maxLength: 2 });
}

/** What rules may say of resources; parts may be absent. */
export const scopes: Arbitrary<ResourceScope> = fc.record(
  {
    kinds: patterns('*', 'node', 'db', 'pod', 'kube:*', 'namespace'),
    names: patterns('*', 'db-*', 'node-1', 'web-1'),
    clusters: patterns('*', ROOT_CLUSTER, 'le*'),
    subResources: patterns('*', 'payments/*', 'payments', 'payments/db-*'),
    logins: patterns('readonly', 'r*', '*'),
    roleArns: patterns('arn:aws:iam::1:*', 'arn:aws:iam::2:*', '*'),
  },
  { requiredKeys: ['kinds', 'names'] },
);

export const hostNames: Arbitrary<HostNamesReading> = fc
  .subarray(Object.entries(HOST_NAMES))
  .map((some) => ({ state: 'known', names: some.map(([id, hostname]) => ({ id, hostname })) }));

/** A few of the things that a request may mean by a name: if the rule does not have them, it does not have the name. */
function meanings(name: string): readonly string[] {
  if (!/[*^$]/u.test(name)) return [name];
  return ['', 'kube-system', 'payments', 'x/y', 'payments/other', 'payments/db-0'].filter((each) =>
    new RegExp(
      name.startsWith('^') || name.endsWith('$')
        ? `^(?:${name.replaceAll(/\^|\$/gu, '').replaceAll(/(?<!\.)\*/gu, '.*')})$`
        : `^${name.replaceAll('*', '.*')}$`,
      'u',
    ).test(each),
  );
}

/** Told without the code that decides: each thing that is asked for is one that the rule names. */
export function isInside(scope: ResourceScope | null, asked: ResourceId, facts: ResourceFacts): boolean {
  const { cluster, kind, name, subResource, constraints: narrowed } = asked;
  if (kind === 'hologram' || narrowed?.kind === 'unknown') return false;
  if (scope?.clusters === undefined ? cluster !== facts.rootCluster : !matchesAny(scope.clusters, cluster))
    return false;
  if (scope === null) return true;
  const kinds = kind === 'pod' || kind === 'kube:ns:pods' ? ['pod', 'kube:ns:pods'] : [kind];
  const named = kind === 'node' && !scope.names.includes(name) ? hostNameIn(facts, name) : name;
  const logins = narrowed !== undefined && 'logins' in narrowed ? narrowed.logins : ['any other'];
  const roleArns = narrowed?.kind === 'aws_console' ? narrowed.roleArns : ['any other'];
  const has = (some: readonly string[] | undefined, wanted: readonly string[]) =>
    some === undefined || wanted.every((each) => matchesAny(some, each));
  const { subResources = [] } = scope;
  return (
    kinds.some((each) => matchesAny(scope.kinds, each)) &&
    (scope.names.includes('*') ||
      scope.names.includes(name) ||
      (named !== null && has(scope.names, meanings(named)))) &&
    (subResource === '' || subResources.includes(subResource) || has(subResources, meanings(subResource))) &&
    has(scope.logins, logins) &&
    has(scope.roleArns, roleArns)
  );
}

function hostNameIn({ hostNames: reading }: ResourceFacts, id: string): string | null {
  if (reading?.state !== 'known') return null;
  return reading.names.find((each) => each.id === id)?.hostname ?? null;
}
