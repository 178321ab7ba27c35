import "reflect-metadata";
import { ConsoleLogger, Controller, Get, type INestApplication, Logger, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRedactor } from "../redactor.ts";
import { redactLoggerService } from "./nest-logger.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db]";
const redactor = createRedactor();
redactor.register(value, { name: "db" });

class UsersController {
  readonly #logger = new Logger("Users");
  greet(): string {
    this.#logger.log(`connected with ${value}`, { value });
    return "hello";
  }
  fail(): never {
    throw Object.assign(new Error(`refused ${value}`, { cause: new Error(value) }), { config: { token: value } });
  }
}
Controller()(UsersController);
for (const path of ["greet", "fail"] as const) {
  const method = Object.getOwnPropertyDescriptor(UsersController.prototype, path);
  Get(path)(UsersController.prototype, path, method as PropertyDescriptor);
}

class AppModule {}
Module({ controllers: [UsersController] })(AppModule);

class FailingModule {}
Module({
  providers: [
    {
      provide: "pool",
      useFactory: () => {
        throw new Error(`no connection with ${value}`);
      },
    },
  ],
})(FailingModule);

let output = "";
let app: INestApplication | undefined;

beforeEach(() => {
  output = "";
  const write = (chunk: unknown): boolean => {
    output += String(chunk);
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(write);
  vi.spyOn(process.stderr, "write").mockImplementation(write);
});

afterEach(async () => {
  await app?.close();
  app = undefined;
  Logger.overrideLogger(new ConsoleLogger());
  vi.restoreAllMocks();
});

async function get(path: string): Promise<number> {
  await app?.listen(0, "127.0.0.1");
  const { status } = await fetch(`${await app?.getUrl()}/${path}`);
  return status;
}

describe.each([
  ["text", { colors: false }],
  ["json", { json: true }],
])("an application that logs %s", (_, options) => {
  const logger = redactLoggerService(new ConsoleLogger(options), redactor);

  test("masks what its classes log, created with the logger", async () => {
    app = await NestFactory.create(AppModule, { logger });
    expect(await get("greet")).toBe(200);
    expect(output).toContain(`connected with ${marker}`);
    expect(output).toContain("Nest application successfully started");
    expect(output).not.toContain("s3cret");
  });

  test("masks an error of a controller", async () => {
    app = await NestFactory.create(AppModule, { logger });
    expect(await get("fail")).toBe(500);
    expect(output).toContain("ExceptionsHandler");
    expect(output).toContain(`refused ${marker}`);
    expect(output).not.toContain("s3cret");
  });

  test("masks an error of the start", async () => {
    await expect(NestFactory.create(FailingModule, { logger, abortOnError: false })).rejects.toThrow();
    expect(output).toContain(`no connection with ${marker}`);
    expect(output).not.toContain("s3cret");
  });

  test("masks lines that were held back until useLogger", async () => {
    app = await NestFactory.create(AppModule, { bufferLogs: true });
    new Logger("Start").warn(value, { value });
    app.useLogger(logger);
    expect(await get("greet")).toBe(200);
    expect(output).toContain(marker);
    expect(output).toContain("Starting Nest application");
    expect(output).not.toContain("s3cret");
  });

  test("masks after Logger.overrideLogger, and for loggers made before", () => {
    const earlier = new Logger("Earlier");
    Logger.overrideLogger(logger);
    earlier.error(value, new Error(value).stack);
    Logger.fatal({ value });
    expect(output.split(marker).length).toBeGreaterThan(3);
    expect(output).not.toContain("s3cret");
  });

  test("follows the levels that Nest sets", async () => {
    app = await NestFactory.create(AppModule, { logger });
    app.useLogger(["fatal"]);
    output = "";
    await get("greet");
    expect(output).toBe("");
    app.useLogger(["log", "error", "warn", "debug", "verbose", "fatal"]);
  });
});
