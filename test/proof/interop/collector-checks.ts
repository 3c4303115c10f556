import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Stage } from '../../service/stage.ts';
import { freePort } from '../../support/free-port.ts';
import { readingOf, type OtlpBody } from '../../support/otlp-receiver.ts';
import type { Results } from './results.ts';

/** What the service sends, taken by the OpenTelemetry collector's own receiver. */
export async function checkCollector(command: string, results: Results): Promise<void> {
  const listen = `127.0.0.1:${await freePort()}`;
  const collector = spawn(command, [`-listen=${listen}`], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(collector, 'close');
  const lines = createInterface({ input: collector.stdout })[Symbol.asyncIterator]();
  await lines.next();
  await using stage = await Stage.open({ config: { telemetry: { otlp: { endpoint: `http://${listen}` } } } });
  const id = stage.request('sre-1');
  await stage.reports.when('ended');
  await stage.followUp(id);
  await stage.stopService();
  collector.stdin.end();
  const bodies: OtlpBody[] = [];
  for await (const line of { [Symbol.asyncIterator]: () => lines }) bodies.push(JSON.parse(line) as OtlpBody);
  await closed;
  const { spans, metrics } = readingOf(bodies);

  await results.check('nothing of it is refused', () => deepStrictEqual(stage.reports.of('telemetry'), []));
  await results.check('a request is one trace, whose spans are below one', () => {
    const trace = spans().filter(({ traceId }) => traceId === id.replaceAll('-', ''));
    const root = trace.find(({ parentSpanId = '' }) => parentSpanId === '');
    equal(root?.name, 'access request');
    const known = new Set(trace.map(({ spanId }) => spanId));
    deepStrictEqual(
      trace.filter((span) => span !== root && !known.has(span.parentSpanId ?? '')),
      [],
    );
    for (const name of ['handle decision', 'ledger append', 'proto.AuthService/SubmitAccessReview'])
      ok(
        trace.some((span) => span.name === name),
        `no span ${name}`,
      );
  });
  await results.check(
    'metrics are cumulative sums, gauges and histograms of the same names as for Prometheus',
    () => {
      const named = (name: string) => metrics().find((each) => each.name === `oncall_approver_${name}`);
      equal(named('decisions_total')?.sum?.aggregationTemporality, 2);
      equal(named('watch_live')?.gauge?.dataPoints.length, 1);
      const [point] = named('decision_duration_seconds')?.histogram?.dataPoints ?? [];
      equal(point?.bucketCounts?.length, (point?.explicitBounds?.length ?? 0) + 1);
    },
  );
}
