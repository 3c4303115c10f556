import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { LEAST_VALUES, templated } from './chart.ts';
import { rendered } from './manifests.ts';
import { ROOT, tool, type Finished } from './tools.ts';

describe("what the operator of Prometheus is given, by the operator's own types", () => {
  it.each(['base', 'overlays/tbot', 'overlays/postgres', 'overlays/postgres-tbot'])(
    'is understood: %s',
    async (folder) => {
      const text = await rendered(`config/kubernetes/${folder}`);
      expect(await decoded(text)).toMatchObject({ code: 0, stdout: 'ServiceMonitor\n', stderr: '' });
    },
  );

  it('is understood: the chart', async () => {
    const text = await templated(LEAST_VALUES, {
      serviceMonitor: { enabled: true },
      prometheusRule: { enabled: true },
    });
    expect(await decoded(text)).toMatchObject({ code: 0, stdout: 'PrometheusRule\nServiceMonitor\n' });
  });

  it.each([
    ['an unknown key', 'path: /metrics', 'paths: /metrics', /unknown field "spec\.endpoints\[0\]\.paths"/u],
    ['a key of a newer API', 'endpoints:', 'scrapers:', /unknown field "spec\.scrapers"/u],
    ['a number for text', 'interval: 30s', 'interval: 30', /cannot unmarshal number .*Duration/u],
    [
      'a time that is none',
      'interval: 30s',
      'interval: half a minute',
      /spec\.endpoints\[0\]\.interval: .*no duration/u,
    ],
    ['no port', '    port: http\n', '', /spec\.endpoints\[0\]\.port: none/u],
    [
      'text for a list',
      /endpoints:\n[\s\S]*selector/u,
      'endpoints: http\n  selector',
      /cannot unmarshal string/u,
    ],
    [
      'a label that can be none',
      'name: oncall-approver\n',
      'name: on call\n',
      /spec\.selector\.matchLabels/u,
    ],
    ['a selector of everything', /selector:[\s\S]*$/u, 'selector: {}\n', /selects every service/u],
  ])('is refused with %s', async (_what, right, wrong, told) => {
    const text = await monitor();
    const { code, stderr } = await decoded(text.replace(right, wrong));
    expect(stderr).toMatch(told);
    expect(code).toBe(1);
  });

  it('is refused where there is none', async () => {
    expect(await decoded('apiVersion: v1\nkind: Service\n')).toMatchObject({ code: 1 });
  });
});

describe('the alert rules, put into a PrometheusRule', () => {
  it('are understood', async () => {
    expect(await decoded(await prometheusRule())).toMatchObject({ code: 0, stdout: 'PrometheusRule\n' });
  });

  it.each([
    ['an unknown key', 'expr:', 'expression:', /unknown field "spec\.groups\[0\]\.rules\[0\]\.expression"/u],
    ['a time that is none', 'for: 5m', 'for: 5 minutes', /rules\[0\]\.for: "5 minutes" is no duration/u],
    [
      'neither alert nor record',
      '- alert: OncallApproverDown\n',
      "- record: ''\n",
      /either alert or record/u,
    ],
    ['a group without a name', '- name: oncall-approver\n', "- name: ''\n", /spec\.groups\[0\]\.name/u],
  ])('are refused with %s', async (_what, right, wrong, told) => {
    const text = await prometheusRule();
    const { code, stderr } = await decoded(text.replace(right, wrong));
    expect(stderr).toMatch(told);
    expect(code).toBe(1);
  });
});

function decoded(text: string): Promise<Finished> {
  return tool('monitoring-validate', [], text);
}

/** The ServiceMonitor of the base, its labels apart: what is replaced in it is then in its spec. */
async function monitor(): Promise<string> {
  const documents = (await rendered('config/kubernetes/base')).split(/^---\n/mu);
  const [, spec] =
    documents.find((text) => text.includes('kind: ServiceMonitor'))?.split(/^(?=spec:)/mu) ?? [];
  return `apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: { name: x }\n${spec ?? ''}`;
}

async function prometheusRule(): Promise<string> {
  return stringify({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'oncall-approver' },
    spec: parse(await readFile(join(ROOT, 'config/alerts.yaml'), 'utf8')) as object,
  });
}
