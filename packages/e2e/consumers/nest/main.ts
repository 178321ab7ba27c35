import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { createTacitLogger } from "@tacit/nestjs";
import { AppModule } from "./application.js";

async function main(): Promise<void> {
  const application = await NestFactory.create(AppModule, { logger: createTacitLogger() });
  application.enableShutdownHooks();
  await application.listen(0, "127.0.0.1");
  process.stdout.write(`\nlistening at ${await application.getUrl()}\n`);
}

void main();
