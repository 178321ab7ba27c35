import { checkArgument, checkOptions, rules } from "../name/check-options.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { durationBuckets, type Instrument, instruments, prometheusLabel, prometheusName } from "./instruments.ts";
import {
  type Attributes,
  createEventMeter,
  isMeasurable,
  type Measurable,
  type Measurement,
  observeHealth,
} from "./measurements.ts";

/** The options of `recordPrometheusMetrics`. */
export interface PrometheusMetricsOptions {
  /** The registry of the metrics. Default: that of `prom-client`. */
  readonly register?: PrometheusRegister | undefined;
  /** The clock. Default: that of this machine. */
  readonly clock?: Clock | undefined;
}

/** The options of a metric. */
export interface MetricConfig {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  readonly registers: never[];
  readonly buckets?: number[];
  /** For a gauge: records its current values before each scrape. */
  collect?(): void;
}

/** The used methods of a metric. */
export interface PrometheusMetric {
  /** For a counter: adds to the sum of these labels. */
  inc?(labels: Record<string, string>, value: number): void;
  /** For a histogram: records one value of these labels. */
  observe?(labels: Record<string, string>, value: number): void;
  /** For a gauge: records the current value of these labels. */
  set?(labels: Record<string, string>, value: number): void;
  /** For a gauge: removes all values. */
  reset?(): void;
}

/** A registry of `prom-client`. */
export interface PrometheusRegister {
  /** Removes a metric from it. */
  removeSingleMetric(name: string): void;
}

/** The used part of `prom-client`. */
export interface PrometheusClient {
  readonly Counter: new (config: never) => object;
  readonly Gauge: new (config: never) => object;
  readonly Histogram: new (config: never) => object;
  readonly register: PrometheusRegister;
}

/**
 * Records the metrics of `recordMetrics` with `prom-client`, with the names of the OpenTelemetry Collector, until the returned
 * function is called. Clients cannot be distinguished, so each needs its own registry.
 * @throws {SecretError} INVALID_CONFIG `option` for an invalid argument
 */
export function recordPrometheusMetrics(
  secrets: Measurable,
  client: PrometheusClient,
  options: PrometheusMetricsOptions = {},
): () => void {
  checkArgument("recordPrometheusMetrics", "secrets", secrets, isMeasurable);
  checkArgument("recordPrometheusMetrics", "client", client, rules.methods("Counter", "Gauge", "Histogram"));
  checkOptions("recordPrometheusMetrics", options, {
    register: rules.methods("removeSingleMetric"),
    clock: rules.clock,
  });
  const { register = client.register, clock = systemClock } = options;
  const all = Object.values<Instrument>(instruments);
  const observed = onceATurn(() => observeHealth(secrets.health(), clock.now()));
  const metrics = new Map(all.map((one) => [one.name, createMetric(client, one, register, observed)]));
  const measure = createEventMeter(secrets);
  const stop = secrets.events.onAny((event) => {
    const measurement = measure(event);
    if (measurement === undefined) return;
    const { instrument, value, attributes } = measurement;
    const metric = metrics.get(instrument.name);
    const labels = toLabels(attributes);
    if (instrument.kind === "histogram") metric?.observe?.(labels, value);
    else metric?.inc?.(labels, value);
  });
  return () => {
    stop();
    for (const one of all) register.removeSingleMetric(prometheusName(one));
  };
}

function createMetric(
  client: PrometheusClient,
  instrument: Instrument,
  register: PrometheusRegister,
  observed: () => readonly Measurement[],
): PrometheusMetric {
  const config: MetricConfig = {
    name: prometheusName(instrument),
    help: instrument.description,
    labelNames: instrument.attributes.map(prometheusLabel),
    registers: [register as never],
  };
  if (instrument.kind === "counter") return new client.Counter(config as never);
  if (instrument.kind === "histogram")
    return new client.Histogram({ ...config, buckets: [...durationBuckets] } as never);
  const gauge: PrometheusMetric = new client.Gauge({
    ...config,
    collect() {
      // Removes values that no longer exist, such as the expiry of a former value.
      gauge.reset?.();
      for (const { instrument: of, value, attributes } of observed())
        if (of === instrument) gauge.set?.(toLabels(attributes), value);
    },
  } as never);
  return gauge;
}

/** Caches a result until the end of the microtask, so that all gauges of one scrape use the same one. */
function onceATurn<T>(look: () => T): () => T {
  let seen: { readonly of: T } | undefined;
  return () => {
    if (seen === undefined) {
      seen = { of: look() };
      queueMicrotask(() => {
        seen = undefined;
      });
    }
    return seen.of;
  };
}

function toLabels(attributes: Attributes): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [prometheusLabel(name), value]));
}
