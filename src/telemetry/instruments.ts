import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** In front of every name. */
export const PREFIX = 'oncall_approver_';

/** Makers of metrics that belong to one registry; names are given without the prefix. */
export function instruments(registry: Registry) {
  const registers = [registry];
  return {
    counter: <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
      new Counter<Label>({ name: PREFIX + name, help, labelNames, registers }),
    gauge: <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
      new Gauge<Label>({ name: PREFIX + name, help, labelNames, registers }),
    histogram: <Label extends string>(
      name: string,
      help: string,
      labelNames: readonly Label[],
      buckets: number[],
    ) => new Histogram<Label>({ name: PREFIX + name, help, labelNames, buckets, registers }),
  };
}
