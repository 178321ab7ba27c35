import { Writable } from "node:stream";
import { ConsoleLogger } from "@nestjs/common";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import winston from "winston";
import { leakCheck } from "../../testing/leak-check.ts";
import { createRedactor } from "../redactor.ts";
import { redactLoggerService } from "./nest-logger.ts";
import { redactWinston } from "./winston.ts";

const values = {
  token: "s3cret-fixture_4fQz8Lw2Xb7Kd9Ym",
  password: `s3cret "x's\\p %42 <&>ä/+`,
  number: "834517720936",
  key: "-----BEGIN KEY-----\ns3cretFixtureLine0ne\ns3cretFixtureLineTw0\n-----END KEY-----\n",
};
const redactor = createRedactor();
for (const [name, value] of Object.entries(values)) redactor.register(value, { name });
const { assertNoLeak } = leakCheck(Object.values(values));

/** Each is logged as a message and as a field. */
const printed: Readonly<Record<string, (value: string) => unknown>> = {
  "as it is": (value) => value,
  "in JSON in JSON": (value) => JSON.stringify({ body: JSON.stringify({ value }) }),
  "in a URL": (value) => `https://host/?token=${encodeURIComponent(value)}`,
  "in base64": (value) => Buffer.from(`app:${value}`).toString("base64"),
  "in base64url": (value) => Buffer.from(`{"k":"${value}"}`).toString("base64url"),
  "in hex": (value) => Buffer.from(value).toString("hex"),
  "as bytes": (value) => JSON.stringify({ body: Buffer.from(value) }),
  "in a list": (value) => ({ list: [value, { [value]: value }] }),
};
const cases = Object.entries(values).flatMap(([name, value]) =>
  Object.entries(printed).map(([how, print]): [string, string, unknown] => [name, how, print(value)]),
);

let output = "";

beforeEach(() => {
  output = "";
  const write = (chunk: unknown): boolean => {
    output += String(chunk);
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(write);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const { format } = winston;
const stream = new Writable({
  write(chunk, _encoding, done) {
    output += String(chunk);
    done();
  },
});

function throughWinston(printing: winston.Logform.Format): (printed: unknown) => void {
  const transports = [new winston.transports.Stream({ stream })];
  const logger = winston.createLogger({ format: format.combine(printing, redactWinston(redactor)), transports });
  return (subject) => logger.info(typeof subject === "string" ? subject : "m", { subject, more: { subject } });
}

function throughNest(json: boolean): (printed: unknown) => void {
  const logger = redactLoggerService(new ConsoleLogger({ json, colors: false }), redactor);
  return (subject) => logger.log(subject, { subject }, "Context");
}

describe.each<[string, boolean, (printed: unknown) => void]>([
  ["winston's json", true, throughWinston(format.json())],
  ["winston's simple", false, throughWinston(format.simple())],
  ["winston's prettyPrint", false, throughWinston(format.prettyPrint())],
  ["NestJS as text", false, throughNest(false)],
  ["NestJS as json", true, throughNest(true)],
])("through %s", (_, isJson, log) => {
  test.each(cases)("a %s occurs in no encoding: %s", (name, _, subject) => {
    log(subject);
    expect(output).toContain(`[REDACTED:${name}]`);
    assertNoLeak(output);
    if (isJson) expect(() => JSON.parse(output)).not.toThrow();
  });
});
