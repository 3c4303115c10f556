import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
  emptyResource,
} from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  AggregationTemporality,
  DataPointType,
  type DataPoint,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  TracerProvider,
  type IdGenerator,
} from '@opentelemetry/sdk-trace';
import type { Reporter } from '../../ports/reporter.ts';
import type { Tracing } from '../../ports/tracing.ts';
import { createTracing } from './tracer.ts';
import { messageOf } from '../../core/values/cause.ts';
import { ValueType, type HrTime } from '@opentelemetry/api';
import type { MetricObjectWithValues, MetricValue } from 'prom-client';

export interface OtlpOptions {
  /** Where the collector takes OTLP over HTTP: `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  /** How long one export may take, repetitions included; as the environment says when absent. */
  readonly timeoutMs?: number;
  readonly version: string;
  readonly reporter: Pick<Reporter, 'telemetry'>;
}

export interface OpenTelemetry extends AsyncDisposable {
  readonly tracing: Tracing;
  /** Sends what this gives once a minute, and at the end. */
  sendMetrics(read: () => Promise<readonly PrometheusMetric[]>): void;
}

const NAME = 'oncall-approver';
/** Nobody waits longer for a collector that does not answer, when the service stops. */
const LAST_WORDS_MS = 2_000;

/**
 * Traces and metrics, sent to a collector. Headers, certificates, compression and time-outs are those of the environment
 * (`OTEL_EXPORTER_OTLP_HEADERS`, …: the exporters read them). What cannot be sent is dropped, and told once.
 */
export function connectOtlp({ endpoint, timeoutMs, version, reporter }: OtlpOptions): OpenTelemetry {
  const tell = outageTeller(reporter);
  const base = endpoint.replace(/\/+$/u, '');
  const to = (path: string) => ({
    url: `${base}/v1/${path}`,
    ...(timeoutMs === undefined ? {} : { timeoutMillis: timeoutMs }),
  });
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': NAME, 'service.version': version }))
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
  const ids = new NextIds();
  const traces = new TracerProvider({
    resource,
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor({ exporter: told(new OTLPTraceExporter(to('traces')), tell) })],
  });
  const tracing = createTracing({
    tracer: traces.getTracer(NAME, version),
    nextIds: (next) => (ids.next = next),
  });
  let metrics: MeterProvider | null = null;
  return {
    tracing,
    sendMetrics(read) {
      const exporter = told(new OTLPMetricExporter(to('metrics')), tell);
      const metricProducers = [producerOf(read, { name: NAME, version })];
      metrics = new MeterProvider({
        resource,
        readers: [new PeriodicExportingMetricReader({ exporter, metricProducers })],
      });
    },
    async [Symbol.asyncDispose]() {
      const last = Promise.allSettled([traces.shutdown(), metrics?.shutdown()]);
      const { promise: enough, resolve } = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => resolve(undefined), LAST_WORDS_MS);
      await Promise.race([last, enough]);
      clearTimeout(timer);
    },
  };
}

/** Ids at random, but for the one span of which they are known beforehand; the SDK asks for the span's first. */
class NextIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  next: { readonly traceId: string; readonly spanId: string } | null = null;

  generateSpanId(): string {
    return this.next?.spanId ?? this.#random.generateSpanId();
  }

  generateTraceId(): string {
    const traceId = this.next?.traceId ?? this.#random.generateTraceId();
    this.next = null;
    return traceId;
  }
}

interface Exporter {
  export(items: never, done: (result: { readonly code: number; readonly error?: Error }) => void): void;
}

/** The same exporter, which tells how it fares. */
function told<Each extends Exporter>(exporter: Each, tell: (error: Error | null) => void): Each {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) =>
    send(items, (result) => {
      tell(result.code === 0 ? null : (result.error ?? new Error('no cause was given')));
      done(result);
    });
  return exporter;
}

/** Once when it cannot be sent any more, and once when it can again. */
export function outageTeller(reporter: Pick<Reporter, 'telemetry'>): (error: Error | null) => void {
  let isOut = false;
  return (error) => {
    if (isOut === (error !== null)) return;
    isOut = error !== null;
    reporter.telemetry({ state: isOut ? 'dropped' : 'sent', cause: error === null ? '' : messageOf(error) });
  };
}

type PrometheusMetric = MetricObjectWithValues<MetricValue<string>>;

/** A value of a histogram says by its name what it is of. */
type Value = MetricValue<string> & { readonly metricName?: string };

/**
 * What is counted for Prometheus, as OpenTelemetry has it: the SDK's own door for metrics of another library. Names and labels are
 * the same on both ways.
 */
function producerOf(
  read: () => Promise<readonly PrometheusMetric[]>,
  scope: { readonly name: string; readonly version: string },
): MetricProducer {
  const startTime = hrTimeOf(Date.now());
  return {
    async collect() {
      const span = { startTime, endTime: hrTimeOf(Date.now()) };
      const metrics = (await read()).flatMap((metric) => dataOf(metric, span));
      const scopeMetrics = [{ scope, metrics }];
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
    },
  };
}

type Span = Pick<DataPoint<number>, 'startTime' | 'endTime'>;

function dataOf({ name, help, type, values }: PrometheusMetric, span: Span): readonly MetricData[] {
  const base = {
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (values.length === 0) return [];
  const points = () => values.map(({ labels, value }) => ({ ...span, attributes: { ...labels }, value }));
  // prom-client names its types by an enumeration of numbers or by words, depending on who declared it.
  switch (String(type)) {
    case 'counter':
      return [{ ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: points() }];
    case 'gauge':
      return [{ ...base, dataPointType: DataPointType.GAUGE, dataPoints: points() }];
    case 'histogram':
      return [
        { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms(name, values, span) },
      ];
    default:
      return [];
  }
}

/** Prometheus counts in each bucket all that is less; OpenTelemetry counts what is in it. */
function histograms(name: string, values: readonly Value[], span: Span): DataPoint<Histogram>[] {
  const series = Map.groupBy(values, ({ labels }) => JSON.stringify({ ...labels, le: undefined }));
  return [...series].map(([labels, of]) => {
    const buckets = of.filter(({ metricName }) => metricName === `${name}_bucket`);
    const sum = of.find(({ metricName }) => metricName === `${name}_sum`)?.value ?? 0;
    const count = of.find(({ metricName }) => metricName === `${name}_count`)?.value ?? 0;
    const boundaries = buckets.map(({ labels: { le } }) => Number(le)).filter(Number.isFinite);
    const upTo = [...buckets.slice(0, boundaries.length).map(({ value }) => value), count];
    const counts = upTo.map((value, index) => value - (upTo[index - 1] ?? 0));
    const attributes = JSON.parse(labels) as Record<string, string>;
    return { ...span, attributes, value: { buckets: { boundaries, counts }, sum, count } };
  });
}

function hrTimeOf(ms: number): HrTime {
  return [Math.trunc(ms / 1_000), (ms % 1_000) * 1_000_000];
}
