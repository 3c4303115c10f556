import { describe, expect, it } from 'vitest';
import type { ResourceFacts } from '../../../src/core/resources/host-names.ts';
import { labelsInWords, resourceInWords, resourcesInWords } from '../../../src/core/wording/resources.ts';
import { aCause, aResource, ROOT_CLUSTER } from '../../support/builders.ts';

const KNOWN: ResourceFacts = {
  rootCluster: ROOT_CLUSTER,
  hostNames: {
    state: 'known',
    names: [
      { id: 'uuid-1', hostname: 'db-1' },
      { id: 'plain', hostname: 'plain' },
    ],
  },
};

function pod(subResource: string, kind = 'kube:ns:pods') {
  return { kind, name: 'prod-eu', subResource };
}

describe('a resource in words', () => {
  it.each([
    [{}, 'db payments-main'],
    [{ cluster: 'leaf' }, 'db payments-main in leaf cluster leaf'],
    [{ cluster: '' }, 'db payments-main'],
    [{ subResource: 'x' }, 'db payments-main/x'],
    [{ kind: 'node', name: 'uuid-1' }, 'node db-1 (uuid-1)'],
    [{ kind: 'node', name: 'plain' }, 'node plain'],
    [{ kind: 'node', name: 'uuid-2' }, 'node uuid-2 (host name not known)'],
    [{ kind: 'node', name: 'uuid-1', cluster: 'leaf' }, 'node uuid-1 in leaf cluster leaf'],
    [pod('payments/db-0'), 'pod payments/db-0 in cluster prod-eu'],
    [
      { ...pod('payments/db-0'), cluster: 'leaf' },
      'pod payments/db-0 in cluster prod-eu in leaf cluster leaf',
    ],
    [pod('payments/*'), 'all pods of namespace payments in cluster prod-eu'],
    [pod('*/*'), 'all pods in cluster prod-eu'],
    [pod('payments/a/b*'), 'all pods like payments/a/b* in cluster prod-eu'],
    [pod('payments//*'), 'all pods like payments//* in cluster prod-eu'],
    [pod(''), 'all pods in cluster prod-eu'],
    [pod('payments/db-*'), 'all pods like payments/db-* in cluster prod-eu'],
    [pod('^pay.*$/*'), 'all pods like ^pay.*$/* in cluster prod-eu'],
    [pod('payments/*', 'kube:ns:*.*'), 'everything of namespace payments in cluster prod-eu'],
    [pod('payments/x', 'kube:ns:*.*'), 'everything like payments/x in cluster prod-eu'],
    [pod('payments/x', 'secret'), 'secret payments/x in cluster prod-eu'],
    [pod('payments/*', 'secret'), 'all of kind secret of namespace payments in cluster prod-eu'],
    [pod('*', 'kube_node'), 'all of kind kube_node in cluster prod-eu'],
    [pod('kube-system', 'namespace'), 'all of namespace kube-system in cluster prod-eu'],
    [pod('pay*', 'namespace'), 'all namespaces like pay* in cluster prod-eu'],
    [pod('*', 'namespace'), 'all namespaces in cluster prod-eu'],
    [pod('', 'namespace'), 'all namespaces in cluster prod-eu'],
    [pod('kube-system', 'kube:cw:namespaces'), 'kube:cw:namespaces kube-system in cluster prod-eu'],
    [
      { kind: 'node', name: 'plain', constraints: { kind: 'ssh' as const, logins: ['root', 'db'] } },
      'node plain as root or db',
    ],
    [{ constraints: { kind: 'windows_desktop' as const, logins: ['x\ny'] } }, 'db payments-main as x y'],
    [
      { constraints: { kind: 'aws_console' as const, roleArns: ['arn:1', 'arn:2'] } },
      'db payments-main with role arn:1 or arn:2',
    ],
    [
      { constraints: { kind: 'unknown' as const } },
      'db payments-main, narrowed in a way this version does not know',
    ],
  ])('%j', (overrides, words) => {
    expect(resourceInWords(aResource(overrides), KNOWN)).toBe(words);
  });

  it('tells less where less is known', () => {
    const node = aResource({ kind: 'node', name: 'uuid-1' });
    const unknown = { state: 'unknown' as const, cause: aCause() };

    expect(resourceInWords(node, { rootCluster: ROOT_CLUSTER, hostNames: unknown })).toBe(
      'node uuid-1 (host name not known)',
    );
    expect(resourceInWords(node, { rootCluster: ROOT_CLUSTER, hostNames: { state: 'not-asked' } })).toBe(
      'node uuid-1',
    );
    expect(resourceInWords(node, { rootCluster: null, hostNames: unknown })).toBe(
      `node uuid-1 in Teleport cluster ${ROOT_CLUSTER}`,
    );
    expect(resourceInWords(node, { rootCluster: null })).toBe(
      `node uuid-1 in Teleport cluster ${ROOT_CLUSTER}`,
    );
    expect(resourceInWords(node, { rootCluster: ROOT_CLUSTER })).toBe('node uuid-1');
    expect(resourceInWords(node, {})).toBe(`node uuid-1 in Teleport cluster ${ROOT_CLUSTER}`);
  });

  it('shows each of its labels once', () => {
    const { kind, name } = aResource();
    const labels = [{ env: 'prod', tier: '1' }, { env: 'prod' }];

    expect(
      labelsInWords(aResource(), {
        ...KNOWN,
        labels: { state: 'known', resources: [{ kind, name, labels }] },
      }),
    ).toBe(' {env=prod, tier=1}');
  });

  it('names fifty at most', () => {
    const some = (count: number) =>
      Array.from({ length: count }, (_, index) => aResource({ name: `db-${index + 1}` }));

    expect(resourcesInWords(some(50), KNOWN)).toMatch(/, db db-49 and db db-50$/u);
    expect(resourcesInWords(some(52), KNOWN)).toMatch(
      /^db db-1, .*, db db-50 and 2 more, which Teleport shows$/u,
    );
  });
});
