import { Writable } from "node:stream";
import { expect, test } from "vitest";
import * as redact from "./index.ts";

const { createRedactor } = redact;
const redactor = createRedactor();
// Each is called as JavaScript may call it, where no compiler looks.
const loose = redact as unknown as Readonly<Record<string, (...parameters: unknown[]) => unknown>>;
const exporter = { export() {} };
const client = { redactor, getSecret() {} };

test.each<[string, unknown[], string]>([
  ["createRedactor", [{ onleak() {} }], 'createRedactor has no option "onleak"; did you mean "onLeak"?'],
  ["createRedactor", [{ onLeak: "log" }], "`onLeak` of createRedactor must be a function"],
  ["createRedactor", [{ grace: "soon" }], "`grace` of createRedactor"],
  ["createRedactor", ["5s"], "the options of createRedactor must be an object"],
  ["installProcessGuards", [{ stream: true }], 'installProcessGuards has no option "stream"; did you mean "streams"?'],
  ["installProcessGuards", [{ crashes: "no" }], "`crashes` of installProcessGuards must be true or false"],
  ["redactPino", [{}, { redactor }], "`redactor` of redactPino must have `redact()`"],
  ["redactDestination", [process.stdout, {}], "`redactor` of redactDestination must have `redact()`"],
  ["redactDestination", [{}], "`stream` of redactDestination must have `write()`"],
  ["redactWinston", [{}], "`redactor` of redactWinston must have `redact()`"],
  ["redactTransport", [{ log() {} }, {}], "`redactor` of redactTransport must have `redact()`"],
  [
    "redactLoggerService",
    [{ log() {} }],
    "`logger` of redactLoggerService must have `log()` and `warn()` and `error()`",
  ],
  ["redactSentry", [{}], "`makeTransport` of redactSentry must be a function"],
  ["redactSpanExporter", [exporter, {}], "`redactor` of redactSpanExporter must have `redact()`"],
  ["redactLogExporter", [{}], "`exporter` of redactLogExporter must have `export()`"],
  ["redactMetricExporter", [{}], "`exporter` of redactMetricExporter must have `export()`"],
  ["redactExpressErrors", [{}], "`redactor` of redactExpressErrors must have `redact()`"],
  [
    "redactPino",
    [client],
    "`options` of redactPino must be the options of the logger, not a client: its `redactor` is the second argument",
  ],
  ["redactPino", [redactor], "`options` of redactPino must be the options of the logger: the redactor is the second"],
  ["redactPino", [process.stdout], "`options` of redactPino must be the options of the logger, not a logger or its"],
  ["redactPino", ["info"], "`options` of redactPino must be the options of the logger"],
  ["redactPino", [{}, client], "`redactor` of redactPino must have `redact()`: pass the `redactor` of the client"],
  ["redactDestination", [client], "`stream` of redactDestination must have `write()`"],
  ["redactWinston", [client], "`redactor` of redactWinston must have `redact()`: pass the `redactor` of the client"],
  ["redactTransport", [client], "`transport` of redactTransport must have `log()` or `write()`"],
  ["redactTransport", [undefined], "`transport` of redactTransport must have `log()` or `write()`"],
  ["redactLoggerService", [client], "`logger` of redactLoggerService must have `log()`"],
  ["redactSentry", [client], "`makeTransport` of redactSentry must be a function"],
  ["redactSpanExporter", [client], "`exporter` of redactSpanExporter must have `export()`"],
  ["redactLogExporter", [client], "`exporter` of redactLogExporter must have `export()`"],
  ["redactMetricExporter", [client], "`exporter` of redactMetricExporter must have `export()`"],
  [
    "redactExpressErrors",
    [client],
    "`redactor` of redactExpressErrors must have `redact()`: pass the `redactor` of the client",
  ],
])("%s(%j) is refused", (call, parameters, message) => {
  const refused = { code: "INVALID_CONFIG", message: expect.stringContaining(message) };
  expect(() => loose[call]?.(...parameters)).toThrow(expect.objectContaining(refused));
});

test("a stream with an option that it does not have is refused", () => {
  const sink = new Writable();
  expect(() => redactor.transform({ sinc: "log" } as never)).toThrow('transform has no option "sinc"');
  expect(() => redactor.writable(sink, { holds: "1s" } as never)).toThrow('writable has no option "holds"');
  expect(() => redactor.writable({} as never)).toThrow("`destination` of writable must have `write()`");
});

test.each([
  [{ name: "db", maks: "never" }, 'register has no option "maks"; did you mean "mask"?'],
  [{ name: 5 }, "`name` of register must be text"],
  [{ name: "db", isDocument: "no" }, "`isDocument` of register must be true or false"],
  ["db", "the options of register must be an object"],
])("a value that is registered with %j is refused", (options, message) => {
  const own = createRedactor();
  const refused = { code: "INVALID_CONFIG", reason: "option", message: expect.stringContaining(message) };
  expect(() => own.register("s3cret-fixture", options as never)).toThrow(expect.objectContaining(refused));
  expect(own.stats().values).toBe(0);
});
