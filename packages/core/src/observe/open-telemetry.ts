import { checkArgument, checkOptions, rules } from "../name/check-options.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { durationBuckets, type Instrument, instruments } from "./instruments.ts";
import { createEventMeter, isMeasurable, type Measurable, observeHealth } from "./measurements.ts";

/** The options of `recordMetrics`. */
export interface MetricsOptions {
  /** The clock. Default: that of this machine. */
  readonly clock?: Clock | undefined;
}

/** The options of an instrument. */
export interface InstrumentOptions {
  readonly unit: string;
  readonly description: string;
  readonly advice?: { readonly explicitBucketBoundaries: number[] };
}

/** A counter of OpenTelemetry. */
export interface CounterLike {
  /** Adds to the sum of these attributes. */
  add(value: number, attributes: Record<string, string>): void;
}

/** A histogram of OpenTelemetry. */
export interface HistogramLike {
  /** Records one value of these attributes. */
  record(value: number, attributes: Record<string, string>): void;
}

/** The receiver of the observations of a callback. */
export interface BatchResult {
  /** Records the current value of these attributes. */
  observe(metric: never, value: number, attributes: Record<string, string>): void;
}

/** The used part of a meter of `@opentelemetry/api`. */
export interface MeterLike {
  /** As of a meter. */
  createCounter(name: string, options: InstrumentOptions): CounterLike;
  /** As of a meter. */
  createHistogram(name: string, options: InstrumentOptions): HistogramLike;
  /** As of a meter. */
  createObservableGauge(name: string, options: InstrumentOptions): object;
  /** As of a meter. */
  createObservableUpDownCounter(name: string, options: InstrumentOptions): object;
  /** As of a meter. */
  addBatchObservableCallback(callback: (result: BatchResult) => void, observables: never[]): void;
  /** As of a meter. */
  removeBatchObservableCallback(callback: (result: BatchResult) => void, observables: never[]): void;
}

/**
 * Records metrics of a client with an OpenTelemetry meter, until the returned function is called: the state and age of each
 * declared secret, its time to expiry, changes, refusals and errors, calls to stores by outcome, leases, and the state of
 * providers. Attributes contain names, states and codes. Clients that share a meter cannot be distinguished, so each needs its
 * own.
 * @throws {SecretError} INVALID_CONFIG `option` for an invalid argument
 */
export function recordMetrics(secrets: Measurable, meter: MeterLike, options: MetricsOptions = {}): () => void {
  checkArgument("recordMetrics", "secrets", secrets, isMeasurable);
  checkArgument("recordMetrics", "meter", meter, rules.methods("createCounter", "addBatchObservableCallback"));
  checkOptions("recordMetrics", options, { clock: rules.clock });
  const { clock = systemClock } = options;
  const counters = new Map<string, CounterLike>();
  const histograms = new Map<string, HistogramLike>();
  const observables = new Map<string, object>();
  for (const instrument of Object.values<Instrument>(instruments)) {
    const { name, kind, unit, description } = instrument;
    const facts = { unit, description };
    if (kind === "counter") counters.set(name, meter.createCounter(name, facts));
    else if (kind === "gauge") observables.set(name, meter.createObservableGauge(name, facts));
    else if (kind === "status") observables.set(name, meter.createObservableUpDownCounter(name, facts));
    else {
      const advice = { explicitBucketBoundaries: [...durationBuckets] };
      histograms.set(name, meter.createHistogram(name, { ...facts, advice }));
    }
  }
  const observe = (result: BatchResult): void => {
    for (const { instrument, value, attributes } of observeHealth(secrets.health(), clock.now()))
      result.observe(observables.get(instrument.name) as never, value, { ...attributes });
  };
  const observed = [...observables.values()] as never[];
  meter.addBatchObservableCallback(observe, observed);
  const measure = createEventMeter(secrets);
  const stop = secrets.events.onAny((event) => {
    const measurement = measure(event);
    if (measurement === undefined) return;
    const { instrument, value, attributes } = measurement;
    counters.get(instrument.name)?.add(value, { ...attributes });
    histograms.get(instrument.name)?.record(value, { ...attributes });
  });
  return () => {
    stop();
    meter.removeBatchObservableCallback(observe, observed);
  };
}
