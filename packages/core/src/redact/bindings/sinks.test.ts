import { describe, expect, test } from "vitest";
import { createRedactor, type Redactor } from "../redactor.ts";
import { redactExpressErrors } from "./express.ts";
import { redactLoggerService } from "./nest-logger.ts";
import { redactSpanExporter } from "./opentelemetry.ts";
import { redactDestination } from "./pino-destination.ts";
import { redactWinston } from "./winston.ts";

const value = "s3cret-fixture";
const nothing = () => undefined;
const nest = { log: nothing, error: nothing, warn: nothing };
const exporter = { export: nothing, shutdown: async () => undefined };

const outputs: [string, (redactor: Redactor) => unknown][] = [
  ["winston", (redactor) => redactWinston(redactor).transform({ level: "info", message: "x", user: { value } })],
  ["nest", (redactor) => redactLoggerService(nest, redactor).error({ value }, new Error(value))],
  [
    "opentelemetry",
    (redactor) => redactSpanExporter(exporter, redactor).export([{ name: "x", attributes: { value } }], nothing),
  ],
  ["express", (redactor) => redactExpressErrors(redactor)(new Error(value), undefined, undefined, nothing)],
  [
    "pino",
    (redactor) => redactDestination({ write: (_: string) => undefined }, redactor).write(Buffer.from(value) as never),
  ],
];

describe("a report of a leak", () => {
  test.each(outputs)("names %s, whatever holds the value", (sink, print) => {
    const sinks = new Set<string>();
    const redactor = createRedactor({ onLeak: (leak) => void sinks.add(leak.sink) });
    redactor.register(value, { name: "db" });
    print(redactor);
    expect([...sinks]).toEqual([sink]);
  });
});
