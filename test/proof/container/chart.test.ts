import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ConfigFile } from '../../../src/config/schema.ts';
import { WEBHOOK_PATH } from '../../../src/http/pagerduty-webhook.ts';
import { CHART, helm, LEAST_VALUES, templated } from './chart.ts';
import { only, rendered, resources, statefulSet, validated, type Resource } from './manifests.ts';
import { podFaults, secretsMadeBy } from './pod.ts';
import { ROOT } from './tools.ts';

const VERSIONS = ['1.29.0', '1.37.0'];
const POSTGRES = { replicas: 2, ledger: { postgres: { enabled: true } } };
const BY_HAND = { identity: { tbot: { enabled: false } } };
const MONITORED = { serviceMonitor: { enabled: true } };

/** Each with all that was on before it off again. */
const MATRIX: Readonly<Record<string, object>> = {
  'what must be said': {},
  'an identity signed by hand': BY_HAND,
  'two replicas': POSTGRES,
  'a key for the ledger, and a class of storage': {
    ledger: { key: true, sqlite: { storageClassName: 'fast' } },
  },
  'all that is off unless told': {
    ...MONITORED,
    prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
    ingress: { enabled: true, className: 'nginx', host: 'a.example.com', tlsSecretName: 'tls' },
    secret: {
      externalSecret: {
        enabled: true,
        storeName: 'vault',
        data: [{ secretKey: 'pagerduty-key', remoteRef: { key: 'oncall-approver' } }],
      },
    },
    image: { repository: 'registry.example.com/oncall-approver', digest: `sha256:${'0'.repeat(64)}` },
    imagePullSecrets: [{ name: 'registry' }],
    env: [{ name: 'HTTPS_PROXY', value: 'http://proxy.example.com:3128' }],
    podAnnotations: { team: 'sre' },
    nodeSelector: { zone: 'a' },
    tolerations: [{ key: 'dedicated', operator: 'Exists' }],
    settings: { reload: 'watch' },
  },
  'all that is on unless told off': {
    networkPolicy: { enabled: false },
    podDisruptionBudget: { enabled: false },
  },
};

describe.each(Object.entries(MATRIX))('the chart with %s', (_what, values) => {
  let text: string;
  let all: readonly Resource[];
  beforeAll(async () => {
    text = await templated(LEAST_VALUES, values);
    all = resources(text);
  });

  it('passes helm lint, and is what the schemas of Kubernetes ask for', async () => {
    expect(await helm(['lint', '--strict'], LEAST_VALUES, values)).toMatchObject({ code: 0 });
    for (const version of VERSIONS) {
      const { code, stdout, stderr } = await validated(text, version);
      expect(`${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('ERROR'))).toEqual([]);
      expect(code).toBe(0);
    }
  });

  it('has a pod that a kubelet can start, hardened as the manifests are, with settings that this version understands', async () => {
    const secrets = secretsMadeBy([await readFile(join(ROOT, CHART, 'values.yaml'), 'utf8')]);
    const settings = all.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'oncall-approver',
    );
    const { data } = settings as unknown as { data: Record<string, string> };

    expect(podFaults(only(all, 'StatefulSet'), all, secrets)).toEqual([]);
    expect(statefulSet(all).template.spec.securityContext.runAsNonRoot).toBe(true);
    expect(ConfigFile.parse(parse(data['oncall-approver.yaml'] ?? '')).rules).toHaveLength(1);
    expect(all.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });
});

/** What matters of a manifest: without names and labels that Helm or kustomize make, and the comments of neither. */
function plain(all: readonly Resource[]): readonly unknown[] {
  const made = ['Namespace', 'ConfigMap'];
  return all
    .filter(({ kind }) => !made.includes(kind))
    .map(
      (resource) =>
        JSON.parse(
          JSON.stringify(sorted(resource))
            .replaceAll(
              /"(?:app\.kubernetes\.io|helm\.sh)\/(?:instance|version|managed-by|chart)":"[^"]*",?/gu,
              '',
            )
            .replaceAll(
              /"annotations":\{"checksum[^}]*\},|"imagePullPolicy":"IfNotPresent",|"namespace":"[^"]*",?/gu,
              '',
            )
            .replaceAll(/,\}/gu, '}')
            .replaceAll(/"(oncall-approver|tbot)-[0-9a-z]{10}"/gu, '"$1"')
            .replaceAll('"name":"oncall-approver-tbot"', '"name":"tbot"'),
        ) as Resource,
    )
    .sort((one, other) => (one.kind < other.kind ? -1 : 1));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const named = value.every((each) => typeof each === 'object' && each !== null && 'name' in each);
    const items = value.map(sorted);
    return named ? items.sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1)) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => name !== 'labels' || Object.keys(each as object).length > 0)
      .map(([name, each]) => [name, sorted(each)])
      .sort(([one = ''], [other = '']) => (String(one) < String(other) ? -1 : 1)),
  );
}

function nameOf(value: unknown): string {
  return (value as { name: string }).name;
}

it.each([
  ['base', BY_HAND],
  ['overlays/tbot', {}],
  ['overlays/postgres', { ...POSTGRES, ...BY_HAND }],
  ['overlays/postgres-tbot', POSTGRES],
])('the chart and config/kubernetes/%s say the same', async (folder, values) => {
  const chart = plain(resources(await templated(LEAST_VALUES, MONITORED, values)));

  expect(chart).toEqual(plain(resources(await rendered(`config/kubernetes/${folder}`))));
});

it.each<[string, object, RegExp]>([
  ['replicas on one file', { replicas: 2 }, /more than one needs a ledger in PostgreSQL/u],
  [
    'no cluster to join',
    { identity: { tbot: { clusterName: '' } } },
    /clusterName: name the Teleport cluster/u,
  ],
  ['no rules', { settings: { rules: [] } }, /rules/u],
  ['an address without its port', { settings: { teleport: { addr: 'teleport.example.com' } } }, /addr/u],
  ['an unknown value', { replicaCount: 2 }, /replicaCount/u],
  ['a digest that is none', { image: { digest: 'latest' } }, /digest/u],
  ['a host for webhooks that is missing', { ingress: { enabled: true } }, /ingress\.host/u],
])('the chart refuses %s', async (_what, values, told) => {
  await expect(templated(LEAST_VALUES, values)).rejects.toThrow(told);
});

const BASE = 'https://git.example.com/oncall-approver/';

it('the chart names this version, its alerts are those of config/, and lead to the manual, and webhooks come in where they are heard', async () => {
  const { version, license } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const chart = parse(await readFile(join(ROOT, CHART, 'Chart.yaml'), 'utf8')) as Record<string, unknown>;
  const alerts = await readFile(join(ROOT, 'config/alerts.yaml'), 'utf8');
  const all = resources(
    await templated(LEAST_VALUES, {
      prometheusRule: { enabled: true, runbookBase: BASE },
      ingress: { enabled: true, host: 'a.example.com' },
    }),
  );

  expect(chart).toMatchObject({
    version,
    appVersion: version,
    annotations: { 'artifacthub.io/license': license },
  });
  expect(JSON.stringify(only(all, 'StatefulSet'))).toContain(`"image":"oncall-approver:${version ?? ''}"`);
  expect(only(all, 'PrometheusRule')['spec']).toEqual(
    parse(alerts.replaceAll('docs/operations.md#', `${BASE}docs/operations.md#`)),
  );
  expect(JSON.stringify(only(all, 'Ingress'))).toContain(`"path":"${WEBHOOK_PATH}"`);
});
