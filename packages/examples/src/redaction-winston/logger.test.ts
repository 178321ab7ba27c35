import { PassThrough } from "node:stream";
import { declareSecrets, object } from "@tacit/core";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";

const declare = declareSecrets({ db: { ref: "db/primary", as: object(["username", "password"]) } });

test("a revealed password stands in no line, and lines of JSON stay JSON", () => {
  const secrets = mockSecrets({ "db/primary": { username: "app", password: "s3cret-fixture" } }, { declare });
  const [stdout, audit] = [new PassThrough(), new PassThrough()];
  const logger = createLogger(secrets.redactor, stdout, audit);
  const { username, password } = secrets.latest("db").reveal();

  logger.info("connecting", { user: username, url: `postgres://${username}:${password}@db.internal/shop` });
  logger.error(new Error(`cannot log in with ${password}`, { cause: new Error(password) }));
  logger.child({ user: password }).warn("signed in");

  logger.close();

  const [lines, readable] = [String(stdout.read()), String(audit.read())];
  assertNoLeak(lines, readable);
  const [connecting, failed] = lines.split("\n", 2).map((line) => JSON.parse(line) as Record<string, string>);
  expect(connecting?.url).toBe("postgres://app:[REDACTED:db/primary]@db.internal/shop");
  expect(failed?.stack).toMatch(/^Error: cannot log in with \[REDACTED:db\/primary\]\n\s+at /);
  expect(readable).toContain("warn: signed in by [REDACTED:db/primary]");
});
