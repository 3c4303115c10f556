import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ConfigFile } from '../../../src/config/schema.ts';
import { IMAGE_USER } from './engine.ts';
import { only, rendered, resources, statefulSet, validated, type Resource } from './manifests.ts';
import { ROOT } from './tools.ts';

const VERSIONS = ['1.29.0', '1.37.0'];
const FOLDERS = ['base', 'overlays/tbot', 'overlays/postgres', 'overlays/postgres-tbot'].map(
  (name) => `config/kubernetes/${name}`,
);

describe.each(FOLDERS)('%s', (folder) => {
  let text: string;
  let all: readonly Resource[];
  beforeAll(async () => {
    text = await rendered(folder);
    all = resources(text);
  });

  it.each(VERSIONS)('is what the schemas of Kubernetes %s ask for', async (version) => {
    const { code, stdout, stderr } = await validated(text, version);
    expect(`${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('ERROR'))).toEqual([]);
    expect(code).toBe(0);
  });

  it('has all that a service in production has', () => {
    expect(all.map(({ kind }) => kind).sort()).toEqual(
      expect.arrayContaining([
        'ConfigMap',
        'Namespace',
        'NetworkPolicy',
        'PodDisruptionBudget',
        'Service',
        'ServiceAccount',
        'ServiceMonitor',
        'StatefulSet',
      ]),
    );
  });

  it('runs as the user of the image, without privileges, with its resources and probes stated', () => {
    const { spec } = statefulSet(all).template;
    expect(spec.securityContext.runAsUser).toBe(IMAGE_USER);
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
    for (const { securityContext } of [...spec.initContainers, ...spec.containers]) {
      expect(securityContext.capabilities.drop).toEqual(['ALL']);
    }
    const [service] = spec.containers;
    expect(service?.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
    expect(service?.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'http' });
    expect(
      spec.initContainers.concat(spec.containers).flatMap(({ ports }) => ports.map(({ name }) => name)),
    ).toEqual(expect.arrayContaining(spec.containers.map(({ startupProbe }) => startupProbe.httpGet.port)));
  });

  it('holds no secret, only the names of some', () => {
    expect(all.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const { volumes } = statefulSet(all).template.spec;
    expect(volumes.filter((volume) => 'secret' in volume).length).toBeGreaterThan(0);
  });

  it('selects its own pods everywhere', () => {
    const { selector, template } = statefulSet(all);
    const own = { 'app.kubernetes.io/name': 'oncall-approver' };
    expect(selector.matchLabels).toEqual(own);
    expect(template.metadata.labels).toEqual(own);
    expect(only(all, 'Service')).toMatchObject({ metadata: { labels: own }, spec: { selector: own } });
    expect(only(all, 'PodDisruptionBudget')).toMatchObject({ spec: { selector: { matchLabels: own } } });
    expect(only(all, 'NetworkPolicy')).toMatchObject({ spec: { podSelector: { matchLabels: own } } });
    expect(only(all, 'ServiceMonitor')).toMatchObject({
      spec: { selector: { matchLabels: own }, endpoints: [{ port: 'http', path: '/metrics' }] },
    });
    expect(only(all, 'Service')).toMatchObject({ spec: { ports: [{ name: 'http' }] } });
  });

  it('has settings that this version understands, whose files lie in what is mounted', () => {
    const settings = all.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('oncall-approver-'),
    );
    const { data } = settings as unknown as { data: Record<string, string> };
    const config = ConfigFile.parse(parse(data['oncall-approver.yaml'] ?? ''));
    const { containers } = statefulSet(all).template.spec;
    const mounts = containers.flatMap(({ volumeMounts }) => volumeMounts);
    const files = [config.teleport.identity, config.pagerduty.api_key_file, ...ledgerFiles(config.ledger)];
    for (const file of files) {
      expect(mounts.filter(({ mountPath }) => file?.startsWith(`${mountPath}/`) === true)).toHaveLength(1);
    }
    expect(config.http?.listen).toEqual({ host: '0.0.0.0', port: containers[0]?.ports[0]?.containerPort });
  });

  it('may write to its ledger alone', () => {
    const { containers } = statefulSet(all).template.spec;
    const writable = containers
      .flatMap(({ volumeMounts }) => volumeMounts)
      .filter(({ readOnly }) => !readOnly);
    expect(writable.map(({ mountPath }) => mountPath)).toEqual(
      folder.includes('postgres') ? [] : ['/var/lib/oncall-approver'],
    );
  });
});

describe.each(['postgres', 'postgres-tbot'])('the overlay %s', (name) => {
  it('has two replicas that never go away together, and no volume of its own', async () => {
    const all = resources(await rendered(`config/kubernetes/overlays/${name}`));
    expect(statefulSet(all)).toMatchObject({ replicas: 2, volumeClaimTemplates: [] });
    expect(only(all, 'PodDisruptionBudget')).toMatchObject({ spec: { maxUnavailable: 1 } });
  });
});

describe('a manifest that is wrong', () => {
  it.each([
    ['a number as text', 'replicas: 1\n', 'replicas: "1"\n', 'spec.replicas'],
    ['an unknown key', 'enableServiceLinks: false', 'enableServiceLink: false', 'enableServiceLink'],
    ['a probe without a port', 'path: /readyz\n            port: http\n', 'path: /readyz\n', 'port'],
    ['a selector that is missing', 'podSelector:', 'podSelectors:', 'podSelector'],
    ['text for a list', 'drop:\n            - ALL', 'drop: ALL', 'drop'],
  ])('is refused: %s', async (_what, right, wrong, place) => {
    const text = await rendered('config/kubernetes/base');
    expect(text).toContain(right);
    const { code, stdout, stderr } = await validated(text.replace(right, wrong), '1.37.0');
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(new RegExp(`ERROR .*${place}`, 'u'));
  });

  it('is refused: a patch for what is not there', async () => {
    await expect(rendered('test/proof/container/broken-overlay')).rejects.toThrow(
      /no matches for Id StatefulSet/u,
    );
  });
});

describe('the image named by the manifests', () => {
  it('is this version', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const all = resources(await rendered('config/kubernetes/base'));
    expect(JSON.stringify(only(all, 'StatefulSet'))).toContain(`"image":"oncall-approver:${version}"`);
  });
});

function ledgerFiles(ledger: ConfigFile['ledger']): readonly string[] {
  if ('sqlite' in ledger) return [ledger.sqlite];
  return 'url_file' in ledger.postgres ? [ledger.postgres.url_file] : [];
}
