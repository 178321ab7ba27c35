import { PassThrough } from "node:stream";
import { declareSecrets, object } from "@tacit/core";
import type { Redactor } from "@tacit/core/redact";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import type { Logger } from "pino";
import { expect, test } from "vitest";
import { createLogger, createLoggerTo } from "./logger.ts";

const declare = declareSecrets({ db: { ref: "db/primary", as: object(["username", "password"]) } });

test.each<[string, (redactor: Redactor, stdout: PassThrough) => Logger]>([
  ["redactPino", createLogger],
  ["redactDestination", (redactor, stdout) => createLoggerTo(stdout, redactor)],
])("a revealed password stands in no line of %s, and lines stay JSON", (_, create) => {
  const secrets = mockSecrets({ "db/primary": { username: "app", password: "s3cret-fixture" } }, { declare });
  const stdout = new PassThrough();
  const logger = create(secrets.redactor, stdout);
  const { username, password } = secrets.latest("db").reveal();

  logger.info({ url: `postgres://${username}:${password}@db.internal/shop` }, "connecting");
  logger.error(new Error(`cannot log in with ${password}`, { cause: new Error(password) }));
  logger.child({ user: password }).warn("%s signed in", password);

  const lines = String(stdout.read());
  assertNoLeak(lines);
  const [connecting, failed, signedIn] = lines
    .split("\n", 3)
    .map((line) => JSON.parse(line) as { url?: string; err?: { stack: string }; msg: string });
  expect(connecting?.url).toBe("postgres://app:[REDACTED:db/primary]@db.internal/shop");
  expect(failed?.err?.stack).toMatch(/^Error: cannot log in with \[REDACTED:db\/primary\]\n\s+at /);
  expect(signedIn?.msg).toBe("[REDACTED:db/primary] signed in");
});
