import "reflect-metadata";
import { ConsoleLogger, type INestApplication, type Type } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { type Redactor, redactLoggerService } from "@tacit/core/redact";

/**
 * Creates an application of which no line holds a value. `create` is given the logger, not `useLogger` afterwards: what fails
 * while the application starts is printed by whatever logger NestJS has by then.
 */
export function createApplication(module: Type, redactor: Redactor): Promise<INestApplication> {
  const logger = redactLoggerService(new ConsoleLogger({ json: true }), redactor);
  return NestFactory.create(module, { logger, abortOnError: false });
}
