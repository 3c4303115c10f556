import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { DONE } from '../../src/ports/next.ts';
import { connectOtlp, outageTeller } from '../../src/telemetry/otlp/connect.ts';
import { aRecordedDecision, NOW } from '../support/builders.ts';
import { startReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { FULL_ACCESS_KEY } from '../sim/pagerduty/reference-world.ts';
import { Stage } from './stage.ts';

const sendingTo = (endpoint: string) => ({ config: { telemetry: { otlp: { endpoint } } } });
const valueOf = ({ attributes }: Pick<ReceivedSpan, 'attributes'>, key: string) =>
  Object.values(attributes.find((each) => each.key === key)?.value ?? {})[0];

it('tells one trace a request from sighting to closing note, over a restart', async () => {
  await using receiver = await startReceiver();
  await using stage = await Stage.open(sendingTo(receiver.url));
  const id = stage.request('sre-2');
  await stage.done('page');
  await stage.stopService();
  await stage.startService();
  stage.approveAs('sre-1', id, 'she helps me');
  await stage.done('close-page');
  await stage.followUp(id);
  await stage.stopService();

  const spans = receiver.spans().filter(({ traceId }) => traceId === id.replaceAll('-', ''));
  const names = spans.map(({ name }) => name);
  const parentOf = ({ parentSpanId = '' }: ReceivedSpan) => parentSpanId;
  const roots = spans.filter((span) => parentOf(span) === '');
  expect(roots.map(({ name }) => name)).toEqual(['access request']);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  expect(spans.filter((span) => parentOf(span) !== '' && !ids.has(parentOf(span)))).toEqual([]);
  expect(names).toEqual(
    expect.arrayContaining([
      'handle decision',
      'handle page',
      'handle follow-up',
      'ledger append',
      expect.stringMatching(/^PagerDuty open/u),
      expect.stringMatching(/^proto[.]AuthService\//u),
    ]),
  );
  const [root] = roots;
  expect(root === undefined ? null : valueOf(root, 'oncall_approver.state')).toBe('approved');
  const first = Math.min(...spans.map(({ endTimeUnixNano }) => Number(endTimeUnixNano)));
  expect(Number(root?.startTimeUnixNano)).toBeLessThanOrEqual(first);
  const closed = spans.filter(({ name }) => name.startsWith('PagerDuty resolve'));
  expect(closed).toHaveLength(1);
  // Its clock has whole milliseconds.
  expect(Number(root?.endTimeUnixNano) + 1e6).toBeGreaterThan(Number(closed[0]?.endTimeUnixNano));
  const decisions = spans.filter(({ name }) => name === 'handle decision');
  expect(decisions.map((span) => valueOf(span, 'oncall_approver.verdict'))).toContain('escalate');
  for (const never of ['checkout fails', 'she helps', 'sre-1', 'sre-2', 'Sam One', FULL_ACCESS_KEY])
    expect(receiver.text()).not.toContain(never);
});

it('tells the whole of a request also where the process before was stopped ahead of its last handling', async () => {
  await using receiver = await startReceiver();
  const ledger = new SqliteLedger(':memory:');
  const decided = aRecordedDecision();
  const { requestId } = decided;
  await ledger.append(
    [decided, { kind: 'ended', requestId, ending: { state: 'denied', by: null, reason: '' } }],
    NOW,
  );
  const reporter = { telemetry: () => undefined };
  const otlp = connectOtlp({ endpoint: receiver.url, timeoutMs: 1_000, version: '1.2.3', reporter });
  otlp.tracing.writing(ledger);
  await ledger.open();
  for (const stage of ['follow-up', 'decision'])
    await otlp.tracing.handling({ requestId, stage }, () => Promise.resolve(DONE));
  await otlp[Symbol.asyncDispose]();
  const whole = receiver.spans().filter(({ name }) => name === 'access request');
  expect(whole.map((span) => valueOf(span, 'oncall_approver.state'))).toEqual(['denied']);
  await ledger.close();
});

it('sends what Prometheus reads, with the same names and labels, also where nothing listens', async () => {
  await using receiver = await startReceiver();
  await using stage = await Stage.open(sendingTo(receiver.url));
  stage.request('sre-1');
  await stage.reports.when('ended');
  await stage.stopService();

  expect(receiver.paths).toEqual(expect.arrayContaining(['/v1/traces', '/v1/metrics']));
  const named = (name: string) =>
    receiver.metrics().find((metric) => metric.name === `oncall_approver_${name}`);
  const decisions = named('decisions_total')?.sum;
  expect(decisions?.isMonotonic).toBe(true);
  expect(decisions?.dataPoints.map((point) => [valueOf(point, 'verdict'), point.asDouble])).toEqual([
    ['approve', 1],
  ]);
  expect(named('watch_live')?.gauge?.dataPoints.map(({ asDouble }) => asDouble)).toEqual([1]);
  const [duration] = named('decision_duration_seconds')?.histogram?.dataPoints ?? [];
  expect(duration?.count).toBe(1);
  expect(duration?.bucketCounts).toHaveLength((duration?.explicitBounds?.length ?? 0) + 1);
  expect(duration?.bucketCounts?.reduce((sum, each) => sum + each, 0)).toBe(1);
});

it.each([
  ['refuses', () => 400, 1],
  ['does not answer', () => null, 0],
])('decides as ever while the collector %s, and stops in time', async (_what, answer, told) => {
  await using receiver = await startReceiver(answer);
  await using stage = await Stage.open(sendingTo(receiver.url));
  const id = stage.request('sre-1');
  await stage.reports.when('ended');
  expect(stage.state(id)).toBe('APPROVED');
  const stopped = stage.stopService().then(() => 'stopped');
  expect(await Promise.race([stopped, setTimeout(5_000, 'not yet')])).toBe('stopped');
  // What is not answered is given up on after the end.
  expect(stage.reports.of('telemetry')).toHaveLength(told);
});

it('waits two seconds at most for the last spans, however patient the exporters are', async () => {
  await using receiver = await startReceiver(() => null);
  const reporter = { telemetry: () => undefined };
  const otlp = connectOtlp({ endpoint: receiver.url, timeoutMs: 60_000, version: '1.2.3', reporter });
  await otlp.tracing.handling({ requestId: 'request-1', stage: 'decision' }, () => Promise.resolve(DONE));
  const closed = otlp[Symbol.asyncDispose]().then(() => 'closed');
  expect(await Promise.race([closed, setTimeout(5_000, 'not yet')])).toBe('closed');
});

it('says once that nothing is taken, and once that it is again', () => {
  const states: string[] = [];
  const tell = outageTeller({ telemetry: ({ state, cause }) => void states.push(`${state} ${cause}`) });
  for (const error of [null, new Error('refused'), new Error('refused'), null, null]) tell(error);
  expect(states).toEqual(['dropped refused', 'sent ']);
});
