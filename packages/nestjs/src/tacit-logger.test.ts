import "reflect-metadata";
import { ConsoleLogger, Logger, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { declareSecrets, type SecretsOf } from "@tacit/core";
import { createRedactor } from "@tacit/core/redact";
import { afterEach, expect, test, vi } from "vitest";
import { memoryStore } from "../test/memory-store.ts";
import { getSecretsToken } from "./injection-tokens.ts";
import { createTacitLogger } from "./tacit-logger.ts";
import { TacitModule } from "./tacit-module.ts";

const declare = declareSecrets({ db: { ref: "db/primary" } });

afterEach(() => {
  vi.restoreAllMocks();
  Logger.overrideLogger(new ConsoleLogger());
});

test("masks what a client of the same process has revealed, unless told otherwise", async () => {
  let output = "";
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((chunk) => {
      output += String(chunk);
      return true;
    });
  }
  const { redactor: _own, ...options } = memoryStore({ "db/primary": "s3cret-fixture-logged" }).options;
  class AppModule {}
  Module({ imports: [TacitModule.forRoot({ declare, ...options })] })(AppModule);
  const application = await NestFactory.createApplicationContext(AppModule, { logger: createTacitLogger() });
  const secrets = application.get<SecretsOf<typeof declare>>(getSecretsToken());
  new Logger("Users").log(`connecting with ${secrets.latest("db").reveal()}`);
  await application.close();
  expect(output).toContain("connecting with [REDACTED:db/primary]");
  expect(output).not.toContain("s3cret");
});

test("wraps another logger and takes another redactor", () => {
  const redactor = createRedactor();
  redactor.register("s3cret-fixture-own", { name: "own" });
  const lines: unknown[] = [];
  const write = (line: unknown): void => void lines.push(line);
  createTacitLogger({ log: write, warn: write, error: write }, redactor).warn("with s3cret-fixture-own");
  expect(lines).toEqual(["with [REDACTED:own]"]);
});
