import { ConsoleLogger } from "@nestjs/common";
import { defaultRedactor, type LoggerService, type Redactor, redactLoggerService } from "@tacit/core/redact";

/**
 * Creates a logger for `NestFactory.create` in whose lines every revealed value is masked, around NestJS's own unless another is
 * given. Its redactor is that of this process, which is also the default of every client.
 */
export function createTacitLogger(
  logger: LoggerService = new ConsoleLogger(),
  redactor: Redactor = defaultRedactor,
): LoggerService {
  return redactLoggerService(logger, redactor);
}
