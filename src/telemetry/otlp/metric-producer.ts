import { ValueType, type HrTime } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type DataPoint,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { MetricObjectWithValues, MetricValue } from 'prom-client';

export type PrometheusMetric = MetricObjectWithValues<MetricValue<string>>;

/** A value of a histogram says by its name what it is of. */
type Value = MetricValue<string> & { readonly metricName?: string };

/**
 * What is counted for Prometheus, as OpenTelemetry has it: the SDK's own door for metrics of another library. Names and labels are
 * the same on both ways.
 */
export function producerOf(
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
