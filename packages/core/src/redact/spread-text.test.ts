import { describe, expect, test } from "vitest";
import winston from "winston";
import { collector } from "../../test/redact/split-text.ts";
import { redactWinston } from "./bindings/winston.ts";
import { createRedactor } from "./redactor.ts";

const value = "Zq7xK2mNp4vT9wLb3Rd8";
const redactor = createRedactor();
redactor.register(value, { name: "db" });
const spread = (text: string): object => Object.assign({}, text) as unknown as object;

describe("deep", () => {
  test("takes an object or a list of characters for the text that they were", () => {
    expect(redactor.deep(spread(value))).toBe("[REDACTED:db]");
    expect(redactor.deep({ args: [...`token ${value}`] })).toEqual({ args: "token [REDACTED:db]" });
    expect(redactor.deep({ ...spread(value), level: "info" })).toEqual({ 0: "[REDACTED:db]", level: "info" });
  });

  test("gives back what holds no value, and characters that are none", () => {
    for (const clean of [spread("a harmless text"), [..."abcdefgh"], ["a", "bcd"], { 0: "a" }, { a: "b" }]) {
      expect(redactor.deep(clean)).toBe(clean);
    }
  });
});

describe("winston with splat", () => {
  test.each<[string, (logger: winston.Logger) => unknown]>([
    ["a string as meta", (logger) => logger.info("token is", value)],
    ["a string beyond the format", (logger) => logger.info("token is %s", "x", value)],
    ["a spread string", (logger) => logger.info("token is", spread(value))],
  ])("does not print %s one character at a time", async (_, log) => {
    const stream = collector();
    const { combine, splat, json } = winston.format;
    const format = combine(splat(), json(), redactWinston(redactor) as unknown as winston.Logform.Format);
    const logger = winston.createLogger({ format, transports: [new winston.transports.Stream({ stream })] });
    log(logger);
    const line = stream.text();
    expect(line).toContain("[REDACTED:db]");
    expect(line).not.toMatch(/"4":"K"/);
    expect(JSON.parse(line)).toMatchObject({ level: "info" });
  });
});
