export { type EventLogger, type LogEventsOptions, type LogMethod, logEvents } from "./log-events.ts";
export type { Measurable } from "./measurements.ts";
export {
  type BatchResult,
  type CounterLike,
  type HistogramLike,
  type InstrumentOptions,
  type MeterLike,
  type MetricsOptions,
  recordMetrics,
} from "./open-telemetry.ts";
export {
  type MetricConfig,
  type PrometheusClient,
  type PrometheusMetric,
  type PrometheusMetricsOptions,
  type PrometheusRegister,
  recordPrometheusMetrics,
} from "./prometheus.ts";
