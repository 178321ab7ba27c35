import { checkArgument, optionRules } from "@tacit/core/provider";
import { redactDestination } from "@tacit/core/redact";
import type { Redacting } from "./redact-errors.ts";

/** The destination of a request logger's lines. */
export interface LineDestination {
  /** Takes one finished line. */
  write(line: string): unknown;
}

/**
 * Returns a destination for the lines of a request logger, which masks them first: morgan's option `stream`, or the second
 * argument of pino-http. Lines of JSON stay JSON. The given destination is neither changed nor ended; default: standard output.
 */
export function requestLog(secrets: Redacting): NodeJS.WritableStream;
export function requestLog<Destination extends LineDestination>(
  secrets: Redacting,
  destination: Destination,
): Destination;
export function requestLog(secrets: Redacting, destination: LineDestination = process.stdout): LineDestination {
  checkArgument("requestLog", "secrets.redactor", secrets?.redactor, optionRules.methods("redactJson"));
  checkArgument("requestLog", "destination", destination, optionRules.methods("write"));
  return redactDestination(destination, secrets.redactor);
}
