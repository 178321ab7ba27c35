import "reflect-metadata";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { declareSecrets } from "@tacit/core";
import { mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { memoryStore } from "../test/memory-store.ts";
import { getSecretsToken } from "./injection-tokens.ts";
import { TacitModule } from "./tacit-module.ts";
import type { TacitClientOptions, TacitModuleOptions } from "./tacit-options.ts";

const value = "s3cret-fixture-logged";
const accept = (next: { reveal(): string }): boolean => next.reveal() !== "bad";
const declare = declareSecrets({ db: { ref: "db/primary", accept } });
const refused = 'warn the value of "db/primary" was refused: `accept` returned false (REFUSED/declined)';

/** Starts an application, and keeps the lines of its logger under the context Tacit. */
async function started(options: TacitModuleOptions & TacitClientOptions) {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (message: string, context?: string): void => {
      if (context === "Tacit") lines.push(`${level} ${message}`);
    };
  class AppModule {}
  Module({ imports: [TacitModule.forRoot(options)] })(AppModule);
  const logger = { log: keep("log"), warn: keep("warn"), error: keep("error"), debug: keep("debug") };
  const application = await NestFactory.createApplicationContext(AppModule, { logger, abortOnError: false });
  return { application, lines };
}

async function refuse(options: TacitModuleOptions) {
  const store = memoryStore({ "db/primary": value });
  const { application, lines } = await started({ declare, ...store.options, ...options });
  store.values.set("db/primary", "bad");
  await expect(application.get(getSecretsToken()).getSecret("db", { freshness: "fresh" })).rejects.toThrow();
  await application.close();
  return lines;
}

test("what goes wrong is logged by default, by the logger of the application", async () => {
  const lines = await refuse({});
  expect(lines).toContain(refused);
  expect(lines.filter((line) => !/^(warn|error) /.test(line))).toEqual([]);
  expect(lines.join("\n")).not.toContain(value);
});

test("a start says what it serves from where, if it is asked to", async () => {
  const lines = await refuse({ log: "info" });
  expect(lines).toContain('log 1 secret is ready: 1 from "memory"');
  expect(lines).toContain(refused);
});

test("nothing is logged with `log: false`", async () => {
  expect(await refuse({ log: false })).toEqual([]);
});

test("a start that fails has told why", async () => {
  const lines: string[] = [];
  const keep = (message: string, context?: string): void => {
    if (context === "Tacit") lines.push(message);
  };
  class AppModule {}
  const store = memoryStore({ "db/primary": "bad" });
  Module({ imports: [TacitModule.forRoot({ declare, ...store.options, ready: { timeout: "1s" } })] })(AppModule);
  const logger = { log: keep, warn: keep, error: keep };
  await expect(NestFactory.createApplicationContext(AppModule, { logger, abortOnError: false })).rejects.toMatchObject({
    code: "NOT_READY",
  });
  expect(lines.join("\n")).toContain("`accept` returned false (REFUSED/declined); nothing is served");
});

test.each([
  [undefined, false],
  ["warn" as const, true],
])("a client that exists already, with `log: %s`", async (log, isLogged) => {
  const secrets = mockSecrets({ "db/primary": value }, { declare });
  const { application, lines } = await started(log === undefined ? { secrets, declare } : { secrets, declare, log });
  secrets.set("db/primary", "bad");
  await secrets.flush();
  expect(lines.includes(refused)).toBe(isLogged);
  await application.close();
  await secrets.close();
});
