import { type Redactor, redactDestination, redactPino } from "@tacit/core/redact";
import { type DestinationStream, type Logger, pino } from "pino";

/** Masks with the last hook. Fastify takes the same options as its `logger`, and pino-http as its first argument. */
export function createLogger(redactor: Redactor, stdout: DestinationStream): Logger {
  return pino(redactPino({ name: "shop", redact: ["request.headers.cookie"] }, redactor), stdout);
}

/** Masks in front of the destination, for a pino before 9.6 or a destination that reads more of pino than its lines. */
export function createLoggerTo(destination: DestinationStream, redactor: Redactor): Logger {
  return pino({ name: "shop" }, redactDestination(destination, redactor));
}
