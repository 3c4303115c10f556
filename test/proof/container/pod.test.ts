import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { only, rendered, resources, type Resource } from './manifests.ts';
import { podFaults, providerOf, secretsMadeBy, type MadeSecrets } from './pod.ts';
import { ROOT } from './tools.ts';

const LEDGER = '/var/lib/oncall-approver/ledger.sqlite';
const [KEY, IDENTITY] = ['/run/secrets/oncall-approver/pagerduty-key', '/run/identity/identity'];
const SIGNED = 'Secret oncall-approver-identity identity';
const URL_FILE = '/run/secrets/ledger/url';
const DATABASE = 'Secret oncall-approver-ledger url';

let secrets: MadeSecrets;
beforeAll(async () => {
  const texts: string[] = [];
  for await (const file of glob(['config/kubernetes/**/*.yaml', 'docs/*.md', 'README.md'], { cwd: ROOT })) {
    texts.push(await readFile(join(ROOT, file), 'utf8'));
  }
  secrets = secretsMadeBy(texts);
});

describe.each([
  ['base', { [IDENTITY]: SIGNED, [LEDGER]: 'written by oncall-approver' }],
  ['overlays/tbot', { [IDENTITY]: 'written by tbot', [LEDGER]: 'written by oncall-approver' }],
  ['overlays/postgres', { [IDENTITY]: SIGNED, [URL_FILE]: DATABASE }],
  ['overlays/postgres-tbot', { [IDENTITY]: 'written by tbot', [URL_FILE]: DATABASE }],
])('the pod of %s', (folder, files) => {
  let all: readonly Resource[];
  beforeAll(async () => {
    all = resources(await rendered(`config/kubernetes/${folder}`));
  });

  it('has all that a kubelet needs to start it', () => {
    expect(podFaults(only(all, 'StatefulSet'), all, secrets)).toEqual([]);
  });

  it('finds each file that it reads where something puts it, by keys that the Secrets are made with', () => {
    const expected: Record<string, string> = {
      [KEY]: 'Secret oncall-approver-pagerduty pagerduty-key',
      ...files,
    };
    for (const [path, provider] of Object.entries(expected)) {
      expect(providerOf(path, 'oncall-approver', only(all, 'StatefulSet'))).toBe(provider);
      const [kind, name = '', key = ''] = provider.split(' ');
      if (kind === 'Secret') expect([...(secrets.get(name) ?? [])]).toEqual([key]);
    }
  });

  it('has tbot write where the service reads', () => {
    const settings = all.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('tbot-'),
    );
    if (!folder.includes('tbot')) {
      expect(settings).toBeUndefined();
      return;
    }
    const { data } = settings as unknown as { data: Record<string, string> };
    const { outputs } = parse(data['tbot.yaml'] ?? '') as { outputs: { destination: { path: string } }[] };
    expect(outputs.map(({ destination }) => `${destination.path}/identity`)).toEqual([IDENTITY]);
    expect(providerOf(IDENTITY, 'tbot', only(all, 'StatefulSet'))).toBe('written by tbot');
  });
});

describe('a pod that no kubelet could start', () => {
  const emptyDir = '"emptyDir":{"medium":"Memory","sizeLimit":"1Mi"}';
  it.each([
    // Both are what a patch of the volume renders that does not take its Secret away.
    [
      emptyDir,
      '"secret":{"secretName":"oncall-approver-identity"}',
      'tbot writes to identity, which cannot be written',
    ],
    [
      emptyDir,
      `${emptyDir},"secret":{"secretName":"oncall-approver-identity"}`,
      'volume identity has 2 sources: emptyDir, secret',
    ],
    [
      '"mountPath":"/run/identity","name":"identity"',
      '"mountPath":"/run/identity","name":"identities"',
      'oncall-approver mounts identities, which is no volume',
    ],
    [
      '"mountPath":"/run/identity"',
      '"mountPath":"/etc/oncall-approver"',
      'oncall-approver mounts two volumes at /etc/oncall-approver',
    ],
    [
      '"secretName":"oncall-approver-pagerduty"',
      '"secretName":"pagerduty"',
      'nobody is told to make the Secret pagerduty',
    ],
    [/"name":"tbot-[0-9a-z]{10}"/u, '"name":"tbot"', 'nothing makes the ConfigMap tbot'],
    ['"name":"keys","secret"', '"name":"settings","secret"', 'two volumes are called settings'],
    [
      '"serviceAccountName":"oncall-approver"',
      '"serviceAccountName":"default"',
      'nothing makes the ServiceAccount default',
    ],
  ])('is found: %s', async (right, wrong, fault) => {
    const all = resources(await rendered('config/kubernetes/overlays/tbot'));
    const text = JSON.stringify(only(all, 'StatefulSet'));
    const broken = text.replace(right, wrong);
    expect(broken).not.toBe(text);
    expect(podFaults(JSON.parse(broken) as Resource, all, secrets)).toContain(fault);
  });
});
