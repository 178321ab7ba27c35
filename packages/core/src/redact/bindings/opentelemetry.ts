import { checkArgument, rules } from "../../name/check-options.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { redactorRule } from "./argument-rules.ts";
import { copierOfBatch, type Fields, logFields, metricsFields, spanFields } from "./telemetry-copy.ts";

/** The common part of SpanExporter and LogRecordExporter, in all versions of the SDK. */
export interface TelemetryExporter<Item extends object> {
  /** Exports a batch; `done` is called once. */
  export(items: Item[], done: (result: TelemetryResult) => void): void;
  /** Sends the pending batches. */
  forceFlush?(): Promise<void>;
  /** Sends the pending batches and ends the exporter. */
  shutdown(): Promise<void>;
}

/** The result of an export: 0 for success, 1 for failure. */
export interface TelemetryResult {
  readonly code: number;
  readonly error?: Error;
}

/**
 * Wraps an exporter of spans. A span that contains a value is replaced with a copy whose name, attributes, events, links,
 * status, resource and scope are masked; any other span is passed on unchanged. The copy has only the members of
 * `ReadableSpan`, so that processors and queues cannot be reached through it. A span that cannot be checked is omitted. Errors
 * of the exporter are masked, too.
 * @throws {SecretError} INVALID_CONFIG for a wrong argument
 */
export function redactSpanExporter<Span extends object>(
  exporter: TelemetryExporter<Span>,
  redactor: Redactor = defaultRedactor,
): Required<TelemetryExporter<Span>> {
  checkArgument("redactSpanExporter", "redactor", redactor, redactorRule);
  checkArgument("redactSpanExporter", "exporter", exporter, rules.methods("export"));
  return redactExporter(exporter, spanFields, redactor);
}

/**
 * Wraps an exporter of log records in the same way: it masks body, attributes, severity text, event name, resource and scope.
 * @throws {SecretError} INVALID_CONFIG for a wrong argument
 */
export function redactLogExporter<LogRecord extends object>(
  exporter: TelemetryExporter<LogRecord>,
  redactor: Redactor = defaultRedactor,
): Required<TelemetryExporter<LogRecord>> {
  checkArgument("redactLogExporter", "redactor", redactor, redactorRule);
  checkArgument("redactLogExporter", "exporter", exporter, rules.methods("export"));
  return redactExporter(exporter, logFields, redactor);
}

/** The part of PushMetricExporter that is wrapped, in all versions of the SDK. */
export interface MetricExporter<Metrics extends object> {
  /** Exports all metrics of one collection; `done` is called once. */
  export(metrics: Metrics, done: (result: TelemetryResult) => void): void;
}

/**
 * Wraps an exporter of metrics, which receives masked names, descriptions, attributes, resources and scopes, and unchanged
 * measurements. All other members of the exporter, such as its preferred temporality, are unchanged. Metrics that cannot be
 * checked are not exported.
 * @throws {SecretError} INVALID_CONFIG for a wrong argument
 */
export function redactMetricExporter<Exporter extends MetricExporter<never>>(
  exporter: Exporter,
  redactor: Redactor = defaultRedactor,
): Exporter {
  checkArgument("redactMetricExporter", "redactor", redactor, redactorRule);
  checkArgument("redactMetricExporter", "exporter", exporter, rules.methods("export"));
  const exportMasked = (metrics: object, done: (result: TelemetryResult) => void): void => {
    const fail = (error: unknown, code = 1): void => done({ code, error: redactor.error(error, "opentelemetry") });
    try {
      const masked = copierOfBatch(redactor, metricsFields)(metrics);
      exporter.export(masked as never, (result) => (result.error ? fail(result.error, result.code) : done(result)));
    } catch (error) {
      fail(error);
    }
  };
  return new Proxy(exporter, {
    get(_, key) {
      if (key === "export") return exportMasked;
      const member: unknown = Reflect.get(exporter, key);
      return typeof member === "function" ? member.bind(exporter) : member;
    },
  });
}

function redactExporter<Item extends object>(
  exporter: TelemetryExporter<Item>,
  fields: Fields,
  redactor: Redactor,
): Required<TelemetryExporter<Item>> {
  const maskedReason = (error: unknown): never => {
    throw redactor.error(error, "opentelemetry");
  };
  return {
    export(items, done) {
      const fail = (error: unknown, code = 1): void => done({ code, error: redactor.error(error, "opentelemetry") });
      const masked = maskedItems(items, fields, redactor);
      if (masked.length === 0 && items.length > 0) return fail(new Error("None of it could be checked for secrets."));
      try {
        exporter.export(masked, (result) => (result.error ? fail(result.error, result.code) : done(result)));
      } catch (error) {
        fail(error);
      }
    },
    forceFlush: async () => exporter.forceFlush?.().catch(maskedReason),
    shutdown: async () => exporter.shutdown().catch(maskedReason),
  };
}

function maskedItems<Item extends object>(items: readonly Item[], fields: Fields, redactor: Redactor): Item[] {
  const copy = copierOfBatch(redactor, fields);
  return items.flatMap((item) => {
    try {
      return [copy(item)];
    } catch {
      return [];
    }
  });
}
