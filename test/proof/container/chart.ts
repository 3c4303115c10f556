import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { tool, type Finished } from './tools.ts';

export const CHART = 'charts/oncall-approver';

/** What must be said, with the settings that `config/kubernetes` has. */
export const LEAST_VALUES = {
  settings: {
    teleport: { addr: 'teleport.example.com:443' },
    pagerduty: { from: 'oncall-approver@example.com' },
    rules: [
      {
        name: 'prod-oncall',
        roles: ['prodaccess'],
        on_call: { services: ['Payments API'] },
        require: { reason: true },
        otherwise: 'escalate',
        escalate: { service: 'Access requests' },
      },
    ],
  },
  identity: { tbot: { clusterName: 'teleport.example.com' } },
};

/** Runs `helm COMMAND … CHART` with these values, each on top of the ones before. */
export async function helm(command: readonly string[], ...values: readonly object[]): Promise<Finished> {
  const folder = await mkdtemp(join(tmpdir(), 'chart-'));
  try {
    const files = values.map((_, index) => join(folder, `${index}.yaml`));
    await Promise.all(files.map((file, index) => writeFile(file, stringify(values[index]))));
    return await tool('helm', [...command, CHART, ...files.flatMap((file) => ['--values', file])]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What `helm install oncall-approver` would send, as text. Throws what helm complains of. */
export async function templated(...values: readonly object[]): Promise<string> {
  const options = ['--namespace', 'oncall-approver', '--kube-version', '1.37.0'];
  const { code, stdout, stderr } = await helm(['template', ...options, 'oncall-approver'], ...values);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
