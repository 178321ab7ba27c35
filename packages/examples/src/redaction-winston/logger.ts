import { type Redactor, redactTransport, redactWinston } from "@tacit/core/redact";
import winston from "winston";

const { format } = winston;

/** Masks with the last format of the logger, and behind every transport that prints in a format of its own. */
export function createLogger(redactor: Redactor, stdout: NodeJS.WritableStream, audit: NodeJS.WritableStream) {
  const readable = format.printf(({ level, message, user }) => `${level}: ${message} by ${user}`);
  return winston.createLogger({
    format: format.combine(
      format.errors({ stack: true, cause: true }),
      format.timestamp(),
      format.json(),
      redactWinston(redactor),
    ),
    transports: [
      new winston.transports.Stream({ stream: stdout, handleExceptions: true, handleRejections: true }),
      redactTransport(new winston.transports.Stream({ stream: audit, format: readable }), redactor),
    ],
  });
}
