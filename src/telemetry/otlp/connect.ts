import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  TracerProvider,
  type IdGenerator,
} from '@opentelemetry/sdk-trace';
import type { Reporter } from '../../ports/reporter.ts';
import type { Tracing } from '../../ports/tracing.ts';
import { producerOf, type PrometheusMetric } from './metric-producer.ts';
import { createTracing } from './tracer.ts';
import { messageOf } from '../../core/values/cause.ts';

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
