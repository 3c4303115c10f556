import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelsReading } from '../../src/core/resources/labels-reading.ts';
import { covers } from '../../src/core/resources/scope.ts';
import { areApart } from '../../src/rules/apart.ts';
import { isWithinScope } from '../../src/rules/implies.ts';
import { hostNames, scopes } from '../core/arbitrary-resources.ts';
import { check, manyRuns, mostly } from '../core/arbitrary-text.ts';
import { aCause, aResource, ROOT_CLUSTER } from '../support/builders.ts';

describe('of two scopes', () => {
  const one = <T>(...choices: readonly T[]) => fc.constantFrom(...choices.map((each) => [each]));
  const scope = fc.oneof(
    scopes,
    fc.record(
      {
        kinds: one('node', 'db', 'pod', 'pod*', 'kube:ns:*', 'kube_cluster', 'namespace', '*'),
        names: one('*', 'db*', 'db-1', 'node-1', 'a*c', 'a*b*'),
        subResources: one('payments/*', 'payments', 'search/*', '*'),
        labels: fc.record({ owner: one('*', 'Payments API'), env: one('prod', 'd*') }, { requiredKeys: [] }),
      },
      { requiredKeys: ['kinds', 'names'] },
    ),
  );
  const names = ['db-1', 'node-1', 'ab*c', 'a^b$c', '*'];
  const pods = ['payments/db-0', 'payments/*', 'search/web-1'];
  const all = [
    ...['db', 'node'].flatMap((kind) => names.map((name) => aResource({ kind, name }))),
    ...pods.map((subResource) => aResource({ kind: 'pod', name: 'db-1', subResource })),
    ...['payments', '*', ''].map((subResource) =>
      aResource({ kind: 'namespace', name: 'db-1', subResource }),
    ),
    aResource({ kind: 'kube_cluster', name: 'db-1' }),
    aResource({ kind: 'db', name: 'db-1', cluster: 'leaf' }),
  ];
  const labelled = fc
    .record({ owner: fc.constantFrom('Payments API', 'nobody'), env: fc.constantFrom('prod', 'dev') })
    .map((labels): LabelsReading => {
      const kinds = ['db', 'node', 'kube_cluster'];
      return { state: 'known', resources: kinds.map((kind) => ({ kind, name: 'db-1', labels: [labels] })) };
    });
  const facts = fc.record({
    rootCluster: mostly(fc.constant(ROOT_CLUSTER), fc.constant(null)),
    hostNames,
    labels: mostly<LabelsReading>(labelled, fc.constant({ state: 'unknown', cause: aCause() })),
  });

  it('what the wider one is told to cover, and what both are told not to, is so', () => {
    const counts = { within: 0, apart: 0 };
    check(fc.tuple(scope, scope, facts), ([narrow, wide, known]) => {
      const isWithin = isWithinScope(narrow, wide);
      const isApart = areApart(narrow, wide);
      if (isWithin) counts.within += 1;
      if (isApart) counts.apart += 1;
      for (const resource of isWithin || isApart ? all : []) {
        const [mine, theirs] = [covers(narrow, resource, known), covers(wide, resource, known)];
        expect(isWithin && mine === 'met' && theirs !== 'met').toBe(false);
        expect(isWithin && mine === 'unknown' && theirs === 'not-met').toBe(false);
        expect(isApart && theirs === 'met' && mine !== 'not-met').toBe(false);
      }
    });
    expect(Math.min(counts.within, counts.apart)).toBeGreaterThan(manyRuns ? 20 : -1);
  });
});
