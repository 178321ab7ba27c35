import { ConsoleLogger } from "@nestjs/common";
import { checkArgument, optionRules } from "@tacit/core/provider";
import { defaultRedactor, type LoggerService, type Redactor, redactLoggerService } from "@tacit/core/redact";

/**
 * Creates a logger for `NestFactory.create` that masks every revealed value. It wraps NestJS's own logger unless another one is
 * given. Its redactor is that of this process, which is also the default of every client.
 */
export function createTacitLogger(
  logger: LoggerService = new ConsoleLogger(),
  redactor: Redactor = defaultRedactor,
): LoggerService {
  checkArgument("createTacitLogger", "logger", logger, optionRules.methods("log", "warn", "error"));
  checkArgument("createTacitLogger", "redactor", redactor, optionRules.methods("redact"));
  return redactLoggerService(logger, redactor);
}
