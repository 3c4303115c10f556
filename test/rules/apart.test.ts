import { expect, it } from 'vitest';
import type { ResourceScope } from '../../src/core/resources/resource-scope.ts';
import { areApart, type Things } from '../../src/rules/apart.ts';

const things = (more: Partial<Things>): Things => ({ kinds: ['db'], names: ['*'], ...more });
const scope = (more: Partial<ResourceScope>): ResourceScope => ({ kinds: ['db'], names: ['*'], ...more });
const [A, B] = [{ subResources: ['a/*'] }, { subResources: ['b/*'] }];

/** Apart is what nothing asked for can be both of: a proof rests on it, so in doubt it is not. */
it.each<[what: string, things: Things | null, scope: ResourceScope | null, apart: boolean]>([
  ['anything', null, scope({}), false],
  ['a rule for everything', things({}), null, false],
  ['a leaf, of which the rule does not speak', things({ inLeaf: true }), scope({}), true],
  ['a leaf, and a rule for everything', things({ inLeaf: true }), null, true],
  ['a leaf, and a rule for one', things({ inLeaf: true }), scope({ clusters: ['leaf'] }), false],
  ['other clusters', things({ clusters: ['a'] }), scope({ clusters: ['b', 'c*'] }), true],
  ['a cluster that is one of them', things({ clusters: ['a'] }), scope({ clusters: ['b', 'a*'] }), false],
  ['clusters, of which the claim does not speak', things({}), scope({ clusters: ['leaf'] }), false],
  ['clusters, of which the rule does not speak', things({ clusters: ['leaf'] }), scope({}), false],
  ['other kinds', things({ kinds: ['db', 'app'] }), scope({ kinds: ['node'] }), true],
  ['kinds by a pattern', things({ kinds: ['d*'] }), scope({ kinds: ['node*'] }), false],
  ['a kind in another spelling', things({ kinds: ['pod'] }), scope({ kinds: ['kube:ns:pods'] }), false],
  ['a kind that holds it', things({ kinds: ['pod'] }), scope({ kinds: ['namespace'] }), false],
  [
    'a cluster of Kubernetes that holds it',
    things({ kinds: ['pod'] }),
    scope({ kinds: ['kube_cluster'] }),
    false,
  ],
  ['other names', things({ names: ['a', 'b*'] }), scope({ names: ['c*', 'd'] }), true],
  ['names of which one may be', things({ names: ['a', 'b*'] }), scope({ names: ['c*', 'b1'] }), false],
  ['patterns that begin otherwise', things({ names: ['ab*'] }), scope({ names: ['ac*'] }), true],
  ['patterns that begin alike', things({ names: ['a*'] }), scope({ names: ['ab*'] }), false],
  ['patterns that end otherwise', things({ names: ['*ab'] }), scope({ names: ['*cb'] }), true],
  ['patterns that end alike', things({ names: ['*b'] }), scope({ names: ['*ab'] }), false],
  ['an expression of theirs', things({ names: ['^a$'] }), scope({ names: ['b'] }), false],
  ['an expression of the rule', things({ names: ['a', 'c'] }), scope({ names: ['^b$', 'd'] }), false],
  [
    'nodes, which have two names',
    things({ kinds: ['node'], names: ['a'] }),
    scope({ kinds: ['node'], names: ['b'] }),
    false,
  ],
  ['other labels', things({ labels: { env: ['a'] } }), scope({ labels: { env: ['b'] } }), true],
  [
    'one of two labels',
    things({ labels: { env: ['a'], of: ['x'] } }),
    scope({ labels: { env: ['b'], of: ['x'] } }),
    true,
  ],
  [
    'a label of which the rule does not speak',
    things({ labels: { env: ['a'] } }),
    scope({ labels: { of: ['b'] } }),
    false,
  ],
  ['other namespaces', things({ kinds: ['pod'], ...A }), scope({ kinds: ['pod'], ...B }), true],
  ['the same namespace', things({ kinds: ['pod'], ...A }), scope({ kinds: ['pod'], ...A }), false],
  [
    'namespaces of which the rule does not speak',
    things({ kinds: ['pod'], ...A }),
    scope({ kinds: ['pod'] }),
    false,
  ],
  ['namespaces of what has none', things(A), scope(B), false],
  [
    'namespaces of what may have none',
    things({ kinds: ['pod', 'db'], ...A }),
    scope({ kinds: ['pod', 'db'], ...B }),
    false,
  ],
  ['namespaces of anything', things({ kinds: ['*'], ...A }), scope({ kinds: ['pod'], ...B }), false],
  [
    'a namespace in a cluster that is covered whole',
    things({ kinds: ['pod'], ...A }),
    scope({ kinds: ['pod', 'namespace'], ...B }),
    false,
  ],
])('what a claim is about is apart from what a rule covers, or is not: %s', (_what, one, other, apart) => {
  expect(areApart(one, other)).toBe(apart);
});
