export type { ExpressErrorMiddleware } from "./bindings/express.ts";
export { redactExpressErrors } from "./bindings/express.ts";
export { type LoggerService, redactLoggerService } from "./bindings/nest-logger.ts";
export {
  type MetricExporter,
  redactLogExporter,
  redactMetricExporter,
  redactSpanExporter,
  type TelemetryExporter,
  type TelemetryResult,
} from "./bindings/opentelemetry.ts";
export { type RedactedPinoOptions, redactPino } from "./bindings/pino.ts";
export { type PinoDestination, redactDestination } from "./bindings/pino-destination.ts";
export type { ProcessGuardsOptions } from "./bindings/process-guards.ts";
export { installProcessGuards } from "./bindings/process-guards.ts";
export { redactSentry, type SentryTransport } from "./bindings/sentry.ts";
export { redactWinston, type WinstonFormat } from "./bindings/winston.ts";
export { redactTransport, type WinstonTransport } from "./bindings/winston-transport.ts";
export type { EncodingName } from "./engine/encodings.ts";
export type { Leak } from "./leak-reports.ts";
export type { Mask, Masks } from "./mask-policy.ts";
export type {
  Redactor,
  RedactorOptions,
  RedactorStats,
  RedactorWarning,
  RegisterOptions,
  StreamOptions,
} from "./redactor.ts";
export { createRedactor, defaultRedactor } from "./redactor.ts";
