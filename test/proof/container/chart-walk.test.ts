import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { onCallEngineerIsApproved } from '../../demo/scenes.ts';
import { Part } from '../../demo/processes.ts';
import { World, type Placement } from '../../demo/world.ts';
import { freePort } from '../../support/free-port.ts';
import { CHART } from './chart.ts';
import { containerName, engine, podman, runArguments, type Mount } from './engine.ts';
import { only, resources } from './manifests.ts';
import { giveToImageUser } from './placement.ts';
import { ROOT, TOOLS } from './tools.ts';

const Source = z.looseObject({
  name: z.string(),
  configMap: z.object({ name: z.string() }).optional(),
  secret: z.looseObject({ secretName: z.string() }).optional(),
});
const StatefulSet = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.tuple([
          z.object({
            args: z.array(z.string()),
            securityContext: z.unknown(),
            volumeMounts: z.array(
              z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().default(false) }),
            ),
          }),
        ]),
        volumes: z.array(Source),
      }),
    }),
  }),
});

/** What a person has after `kubectl create secret generic … --from-file`, by Secret and key. */
const SECRETS: Readonly<Record<string, readonly string[]>> = {
  'oncall-approver-pagerduty': ['pagerduty-key', 'web-ca.pem'],
  'oncall-approver-identity': ['identity'],
};

/** The pod's container, with the arguments and mounts that the chart gives it, as a kubelet would start it. */
function asTheChartSays(name: string, port: number): Placement {
  return {
    settings: {
      ledger: { sqlite: '/var/lib/oncall-approver/ledger.sqlite' },
      http: { listen: `127.0.0.1:${port}` },
    },
    ledgerFile: (folder) => join(folder, 'volumes/ledger/ledger.sqlite'),
    start(folder) {
      const all = resources(rendered(folder));
      const { containers, volumes } = StatefulSet.parse(only(all, 'StatefulSet')).spec.template.spec;
      const [{ args, securityContext, volumeMounts }] = containers;
      // What `runArguments` starts it with.
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      const mounts = volumeMounts.map(({ name: volume, mountPath, readOnly }): Mount => {
        const from = join(folder, 'volumes', volume);
        mkdirSync(from, { recursive: true, mode: 0o700 });
        const { configMap, secret } = volumes.find((each) => each.name === volume) ?? {};
        if (configMap !== undefined) {
          const { data } = z
            .looseObject({ data: z.record(z.string(), z.string()) })
            .parse(
              all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMap.name),
            );
          for (const [file, text] of Object.entries(data)) writeFileSync(join(from, file), text);
        }
        for (const key of SECRETS[secret?.secretName ?? ''] ?? [])
          copyFileSync(join(folder, key), join(from, key));
        return { from, at: mountPath, writable: !readOnly };
      });
      giveToImageUser(folder);
      return new Part('--log-level=error', runArguments({ name, mounts, command: args }), 'stdout', 'podman');
    },
  };
}

/** `helm template` with the settings that stand in the folder, less what the chart says itself. */
function rendered(folder: string): string {
  const written = parse(readFileSync(join(folder, 'oncall-approver.yaml'), 'utf8')) as {
    teleport: Record<string, unknown>;
    pagerduty: Record<string, unknown>;
  };
  const { teleport, pagerduty } = written;
  const settings = {
    ...written,
    teleport: { ...teleport, identity: undefined, proxy_ca: '/run/secrets/oncall-approver/web-ca.pem' },
    pagerduty: { ...pagerduty, api_key_file: undefined },
  };
  const file = join(folder, 'values.yaml');
  writeFileSync(file, stringify({ settings, identity: { tbot: { enabled: false } } }));
  const args = ['template', 'oncall-approver', CHART, '--kube-version', '1.37.0', '--values', file];
  return execFileSync(join(TOOLS, 'helm'), args, { cwd: ROOT, encoding: 'utf8' });
}

it('the pod of the chart approves the on-call engineer: its container, run as the manifest says', async () => {
  const name = containerName();
  await using world = await World.open(asTheChartSays(name, await freePort()));
  const { expectations } = await onCallEngineerIsApproved(world);
  expect(expectations.filter(({ holds }) => !holds)).toEqual([]);
  await podman(engine('kill', '--signal=TERM', name));
  expect(await world.service.exitCode).toBe(0);
});
