import { LoggerProvider, type LogRecordExporter, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { type Redactor, redactLogExporter, redactSpanExporter } from "@tacit/core/redact";

/** Wraps what sends, as the last step, so that what processors add to a span or a record is masked too. */
export function startTelemetry(spans: SpanExporter, logs: LogRecordExporter, redactor: Redactor) {
  const spanProcessor = new BatchSpanProcessor({ exporter: redactSpanExporter(spans, redactor) });
  const logProcessor = new SimpleLogRecordProcessor({ exporter: redactLogExporter(logs, redactor) });
  return {
    tracing: new TracerProvider({ spanProcessors: [spanProcessor] }),
    logging: new LoggerProvider({ processors: [logProcessor] }),
  };
}
