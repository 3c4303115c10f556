import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/core/decide.ts';
import { hasLabels } from '../../../src/core/resources/labels.ts';
import type { LabelValues } from '../../../src/core/resources/labels-reading.ts';
import type { ResourceId } from '../../../src/core/resources/resource.ts';
import {
  aCause,
  aPolicy,
  aRequest,
  aResource,
  aRule,
  aWhen,
  NOW,
  ROOT_CLUSTER,
  someFacts,
} from '../../support/builders.ts';

const db = (name: string, overrides: Partial<ResourceId> = {}) =>
  aResource({ kind: 'db', name, ...overrides });

function labelsAs(sets: Readonly<Record<string, readonly LabelValues[]>>) {
  const resources = Object.entries(sets).map(([name, labels]) => ({ kind: 'db', name, labels }));
  return { state: 'known', resources } as const;
}

describe('labels that a rule asks for', () => {
  const rule = aRule({
    when: aWhen({ resources: { kinds: ['*'], names: ['*'], labels: { env: ['dev*'] } } }),
  });
  const facts = (labels: Readonly<Record<string, readonly LabelValues[]>> | null) =>
    someFacts(
      labels === null ? { labels: { state: 'unknown', cause: aCause() } } : { labels: labelsAs(labels) },
    );
  const told = (labels: Parameters<typeof facts>[0], resource = db('x')) => {
    const { verdict, reasons } = decide(
      aRequest({ resources: [resource] }),
      facts(labels),
      aPolicy({ rules: [rule] }),
      NOW,
    );
    return [verdict, reasons[0]?.text ?? ''];
  };

  it('are had, or not, or not known', () => {
    expect(told({ x: [{ env: 'dev-1' }] })[0]).toBe('approve');
    expect(told({ x: [{ env: 'prod' }] })[0]).toBe('abstain');
    expect(told({ x: [{}] })[0]).toBe('abstain');
    expect(told({ x: [{ env: 'dev' }, { env: 'prod' }] })).toEqual([
      'escalate',
      expect.stringContaining('do not agree in the labels'),
    ]);
    const known = { rootCluster: ROOT_CLUSTER, labels: labelsAs({ x: [{ env: 'dev', team: 'pay' }] }) };
    expect(hasLabels({ env: ['dev'], team: ['pay', 'web'] }, db('x'), known)).toBe('met');
    expect(hasLabels({ env: ['dev'], team: ['web'] }, db('x'), known)).toBe('not-met');
    expect(hasLabels({ team: ['dev'] }, db('x'), known)).toBe('not-met');
    const app = { kind: 'app', name: 'x', labels: [{ env: 'dev' }] };
    const beside = { ...labelsAs({ x: [{ env: 'prod' }] }) };
    const both = { rootCluster: ROOT_CLUSTER, labels: { ...beside, resources: [app, ...beside.resources] } };
    expect(hasLabels({ env: ['dev'] }, db('x'), both)).toBe('not-met');
    expect(told({})).toEqual(['escalate', expect.stringContaining('may not see it')]);
    expect(told(null)).toEqual(['escalate', expect.stringContaining('its labels are not known')]);
  });

  it('are those of the cluster for what is in Kubernetes', () => {
    const pod = aResource({ kind: 'pod', name: 'prod', subResource: 'pay/x' });
    const scope = { kinds: ['*'], names: ['*'], subResources: ['*'], labels: { env: ['dev'] } };
    const verdict = (env: string) => {
      const resources = [{ kind: 'kube_cluster', name: 'prod', labels: [{ env }] }];
      const within = aPolicy({ rules: [aRule({ when: aWhen({ resources: scope }) })] });
      const known = someFacts({ labels: { state: 'known', resources } });
      return decide(aRequest({ resources: [pod] }), known, within, NOW).verdict;
    };
    expect([verdict('dev'), verdict('prod')]).toEqual(['approve', 'abstain']);
  });

  it('of a leaf cluster are not those of the same name in the root cluster: a person is told', () => {
    expect(told({ x: [{ env: 'prod' }] }, db('x', { cluster: 'leaf' }))[0]).toBe('escalate');
  });

  it('are not known by facts for which they were not asked: rules may have changed since', () => {
    const known = someFacts({ labels: { ...labelsAs({ x: [{ team: 'a' }] }), asked: ['team'] } });

    expect(hasLabels({ env: ['dev'] }, db('x'), known)).toBe('unknown');
    expect(hasLabels({ team: ['b'] }, db('x'), known)).toBe('not-met');
    const scope = { kinds: ['*'], names: ['*'], labels: { env: ['dev'] } };
    const within = aPolicy({ rules: [aRule({ when: aWhen({ resources: scope }) })] });
    const { reasons, provisional } = decide(aRequest({ resources: [db('x')] }), known, within, NOW);
    expect(reasons[0]?.text).toContain('its label `env` was not asked for');
    expect(provisional).toBe(false);
  });
});
