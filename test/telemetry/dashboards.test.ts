import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { instantOf } from '../../src/core/values/instant.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { metricsIn } from './promql.ts';

const Alerts = z.object({
  groups: z.array(
    z.strictObject({
      name: z.string().min(1),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^OncallApprover[A-Z][A-Za-z]+$/u),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smh]$/u)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({
            summary: z.string().min(1),
            description: z.string().min(1),
            runbook_url: z.literal('docs/operations.md#alerts'),
          }),
        }),
      ),
    }),
  ),
});

const Dashboard = z.object({
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string().min(1),
      type: z.enum(['row', 'stat', 'timeseries']),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string().min(1) })).default([]),
    }),
  ),
});

const alerts = Alerts.parse(parse(readFileSync('config/alerts.yaml', 'utf8'))).groups.flatMap(
  ({ rules }) => rules,
);
const { panels } = Dashboard.parse(JSON.parse(readFileSync('config/grafana-dashboard.json', 'utf8')));
const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));

/** Every series name that a scrape may bring, those of histograms included. */
async function knownMetrics(): Promise<ReadonlySet<string>> {
  const answers = { state: 'ok', ageMs: 0, reason: '' } as const;
  const { page } = createMetrics().observe({
    version: '1.2.3',
    readiness: () => ({
      ready: true,
      parts: {
        watch: answers,
        identity: answers,
        pagerduty: answers,
        credentials: answers,
        ledger: answers,
        'login-states': answers,
        locks: answers,
        pages: answers,
        record: answers,
        roster: answers,
      },
    }),
    identityExpires: () => instantOf(0),
    ledgerSize: () => Promise.resolve({ entries: 1, bytes: 1, open: 0, oldestPage: instantOf(0) }),
    pagerDutyBudget: () => ({ limit: 960, remaining: 900, breakerOpen: false }),
    forecast: () => [],
    roster: () => ({
      ...{ state: 'fresh', unread: null, at: instantOf(0), ageMs: 1, cause: null },
      ...{ reads: { ahead: 1, need: 1, forecast: 1 }, everyMs: 4_000, keepsFresh: true },
    }),
    pagerDutyCredentials: () => ({
      kind: 'oauth',
      expires: instantOf(0),
      neededScopes: ['oncalls.read'],
      missingScopes: [],
    }),
  });
  const types = [...(await page()).matchAll(/^# TYPE (\S+) (\S+)$/gmu)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

describe('the alert rules', () => {
  it.each(alerts.map(({ alert, expr }) => [alert, expr]))(
    '%s names only metrics that exist',
    async (_alert, expr) => {
      const known = await knownMetrics();
      const named = metricsIn(expr);

      expect(named).not.toEqual([]);
      expect(named.filter((name) => !known.has(name))).toEqual([]);
    },
  );

  it('have names of their own, and each says in the manual what is to be done', () => {
    const rows = readFileSync('docs/operations.md', 'utf8').matchAll(/^\| `(OncallApprover\w+)`/gmu);

    expect([...rows].map(([, name]) => name).sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });
});

describe('the dashboard', () => {
  it.each(queries.map(({ title, expr }) => [title, expr]))(
    '“%s” names only metrics that exist',
    async (_title, expr) => {
      const known = await knownMetrics();

      expect(metricsIn(expr).filter((name) => !known.has(name))).toEqual([]);
    },
  );

  it('shows every metric of ours', async () => {
    const ours = [...(await knownMetrics())].filter(
      (name) => !/_(?:process|nodejs)_|_(?:sum|count)$/u.test(name),
    );
    const shown = new Set(queries.flatMap(({ expr }) => metricsIn(expr)));

    expect(ours.filter((name) => !shown.has(name))).toEqual(['oncall_approver_info']);
  });

  it('has panels that lie beside each other', () => {
    const taken = new Set<string>();
    const doubled = panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
      const cells = Array.from(
        { length: w * h },
        (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`,
      );
      const overlap = cells.some((cell) => taken.has(cell)) || x + w > 24;
      for (const cell of cells) taken.add(cell);
      return overlap ? [title] : [];
    });

    expect(doubled).toEqual([]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

it.each([
  'sum(rate(a_total[5m])',
  'rate(a_total[5m]) >',
  'unknown_function(a)',
  'a{b=c}',
  'a b',
  'sum by le (a)',
])('the reader of PromQL refuses %s', (expression) => {
  expect(() => metricsIn(expression)).toThrow(SyntaxError);
});

it('the alerts of the chart are these: Helm takes no file from outside of it', () => {
  expect(readFileSync('charts/oncall-approver/files/alerts.yaml', 'utf8')).toBe(
    readFileSync('config/alerts.yaml', 'utf8'),
  );
});
