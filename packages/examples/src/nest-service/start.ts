import type { INestApplication } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { createTacitLogger } from "@tacit/nestjs";
import { AppModule } from "./application.ts";

/** Starts the service; if that fails, the error lists every problem. */
export async function start(port: number): Promise<INestApplication> {
  const application = await NestFactory.create(AppModule, { logger: createTacitLogger() });
  application.enableShutdownHooks(); // a SIGTERM ends the server first, the client last
  await application.listen(port);
  return application;
}
