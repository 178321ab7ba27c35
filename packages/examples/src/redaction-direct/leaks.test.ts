import { expect, test } from "vitest";
import { assertClean, createWatchedRedactor } from "./leaks.ts";

const token = "s3cret-fixture";
const name = "session/token";

test("a leak is told by name, output and encoding", () => {
  const alerts: string[] = [];
  const redactor = createWatchedRedactor((text) => alerts.push(text));
  redactor.register(token, { name });
  const text = redactor.redact(`cookie: ${Buffer.from(token).toString("hex")}`, "mail");
  expect(text).toBe("cookie: [REDACTED:session/token]");
  expect(alerts).toEqual(["session/token was masked in mail as hex"]);
});

test("a value that cannot be masked is told by name alone", () => {
  const alerts: string[] = [];
  createWatchedRedactor((text) => alerts.push(text)).register("abc", { name });
  expect(alerts).toEqual(["session/token has a value that is too short or too common to mask in logs"]);
});

test("a gate refuses a text that holds a secret, and names it", () => {
  const redactor = createWatchedRedactor(() => undefined);
  redactor.register(token, { name });
  expect(() => assertClean(redactor, "all is well")).not.toThrow();
  expect(() => assertClean(redactor, encodeURIComponent(`?t=${token}`))).toThrow("holds session/token.");
});
