export { type Closable, type GracefulCloseOptions, gracefulClose } from "./graceful-close.ts";
export { type HealthReportOptions, healthReport } from "./health-report.ts";
export type { Handler } from "./json-answer.ts";
export { liveness } from "./liveness.ts";
export { type HealthSource, readiness } from "./readiness.ts";
export { type Redacting, redactErrors } from "./redact-errors.ts";
export { type LineDestination, requestLog } from "./request-log.ts";
