import { ConsoleLogger, type ConsoleLoggerOptions, type LoggerService as NestLoggerService } from "@nestjs/common";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRedactor } from "../redactor.ts";
import { type LoggerService, redactLoggerService } from "./nest-logger.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db]";
const redactor = createRedactor();
redactor.register(value, { name: "db" });
redactor.register("987654321098", { name: "card" });

let output = "";

beforeEach(() => {
  output = "";
  const write = (chunk: unknown): boolean => {
    output += String(chunk);
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(write);
  vi.spyOn(process.stderr, "write").mockImplementation(write);
});

afterEach(() => {
  vi.restoreAllMocks();
});

function throwing(): never {
  throw new Error(value);
}

/** Keeps what it is given; without the optional methods. */
function keeping(calls: unknown[][] = []): LoggerService & { readonly calls: unknown[][] } {
  const keep = (...values: unknown[]): number => calls.push(values);
  return { calls, log: keep, error: keep, warn: keep };
}

class Account {
  readonly #token = value;
  readonly owner = value;
  get token(): string {
    return this.#token;
  }
}

const cycle: Record<string, unknown> = { value };
cycle.self = [cycle];
let deep: unknown = value;
for (let depth = 0; depth < 50_000; depth++) deep = [deep];

describe.each<[string, ConsoleLoggerOptions]>([
  ["text", { colors: false }],
  ["colored text", { colors: true }],
  ["json", { json: true }],
  ["indented json", { json: true, compact: false }],
  ["flat params", { json: true, flattenParams: true }],
])("redactLoggerService around a ConsoleLogger that prints %s", (_, options) => {
  test.each<[string, unknown[]]>([
    ["a text", [`a ${value}`]],
    ["a context", ["a", value]],
    ["a context between brackets", ["a", `Users ${value}`]],
    ["an object", [{ password: value, [value]: [value] }]],
    ["params", ["a", { nested: { value } }, { more: value }, "Context"]],
    ["an error", [new Error(value)]],
    ["an error beside the text", ["a", new Error("x", { cause: new TypeError(value) }), "Context"]],
    ["an AggregateError", [new AggregateError([new Error(value)], value)]],
    ["a stack and a context", ["a", `Error: ${value}\n    at run (/app/file.js:1:2)`, "Context"]],
    ["a stack alone", ["a", new Error(value).stack]],
    ["a number and a bigint", [987_654_321_098, 987_654_321_098n]],
    ["a Map and a Set", [new Map([[value, value]]), new Set([value])]],
    ["bytes", [Buffer.from(value), "Context"]],
    ["a symbol", [Symbol(value)]],
    ["a lazy message", [() => ({ value })]],
    ["a lazy message that is lazy again", [() => () => `a ${value}`]],
    ["a lazy message that throws", [throwing]],
    ["a class", [class Users {}]],
    ["an instance with private fields", [new Account()]],
    ["a cycle", [cycle]],
    ["endless nesting", [deep]],
    ["a frozen object", [Object.freeze({ value })]],
    ["an object without a prototype", [Object.assign(Object.create(null) as object, { value })]],
    ["a getter that throws", [Object.defineProperty({}, "bad", { enumerable: true, get: throwing })]],
    ["a toJSON that throws", [{ value, toJSON: throwing }]],
    ["keys of symbols", [{ [Symbol("own")]: value }]],
    ["nothing", []],
    ["undefined", [undefined, undefined]],
  ])("masks %s at every level", (_, values) => {
    const logger = redactLoggerService(new ConsoleLogger(options), redactor);
    const [message, ...more] = values;
    for (const level of ["log", "error", "warn", "debug", "verbose", "fatal"] as const)
      logger[level]?.(message, ...more);
    expect(output.match(/verbose/gi)?.length).toBeGreaterThan(0);
    expect(output).not.toContain("s3cret");
    expect(output).not.toContain("987654321098");
  });
});

describe("redactLoggerService", () => {
  test("prints what the logger alone would print, apart from values", () => {
    const print = (logger: NestLoggerService): string => {
      output = "";
      logger.log("text", { a: 1 }, "Context");
      logger.error("text", "Error: x\n    at run (/app/file.js:1:2)", "Context");
      logger.warn(class Users {});
      logger.debug?.(() => "lazy");
      logger.fatal?.(new Map([[1, [2]]]), undefined);
      return output.replace(/\d+\/\d+\/\d+, [\d:]+ [AP]M/g, "");
    };
    const options = { colors: false, timestamp: false };
    expect(print(redactLoggerService(new ConsoleLogger(options), redactor))).toBe(print(new ConsoleLogger(options)));
  });

  test("keeps lines of JSON valid and structured", () => {
    const logger = redactLoggerService(new ConsoleLogger({ json: true }), redactor);
    logger.error(new RangeError(value, { cause: new Error(value) }), "Context");
    expect(JSON.parse(output)).toMatchObject({
      level: "error",
      context: "Context",
      message: marker,
      error: { name: "RangeError", message: marker, cause: { message: marker } },
    });
  });

  test("changes nothing of what was logged, and hands clean objects on as they are", () => {
    const inner = keeping();
    const clean = { a: 1 };
    const dirty = { list: [value] };
    redactLoggerService(inner, redactor).log(clean, dirty);
    expect(inner.calls[0]?.[0]).toBe(clean);
    expect(inner.calls[0]?.[1]).toEqual({ list: [marker] });
    expect(dirty).toEqual({ list: [value] });
  });

  test("has the optional methods that the logger has", () => {
    expect(Object.keys(redactLoggerService(keeping(), redactor))).toEqual(["log", "error", "warn"]);
    const all = Object.keys(redactLoggerService(new ConsoleLogger(), redactor));
    expect(all).toEqual(["log", "error", "warn", "debug", "verbose", "fatal", "setLogLevels"]);
  });

  test("sets the levels of the logger, and calls a lazy message only when its level is enabled", () => {
    const logger = redactLoggerService(new ConsoleLogger(), redactor);
    const lazy = vi.fn(() => "lazy");
    logger.setLogLevels?.(["warn"]);
    logger.log(lazy);
    expect([output, lazy.mock.calls.length]).toEqual(["", 0]);
    logger.warn(lazy);
    expect(output).toContain("lazy");
  });

  test("gives back what the logger gives back, and calls it as its own method", () => {
    class Counting {
      count = 0;
      log(): number {
        return ++this.count;
      }
      error = this.log;
      warn = this.log;
    }
    expect(redactLoggerService(new Counting(), redactor).log("x")).toBe(1);
  });

  test("asks a logger that throws for a fixed line, and throws nothing if that fails too", () => {
    const inner = keeping();
    const refusing = (message: unknown): unknown => (typeof message === "object" ? throwing() : inner.log(message));
    redactLoggerService({ ...inner, log: refusing }, redactor).log({ value });
    expect(inner.calls).toEqual([["[REDACTED: could not be checked]"]]);
    expect(() => redactLoggerService({ ...inner, log: throwing }, redactor).log(value)).not.toThrow();
  });

  test("leaves no rejected promise of a logger that is asynchronous", async () => {
    const inner = keeping();
    const refusing = async (message: unknown) => (message === marker ? throwing() : inner.log(message));
    await redactLoggerService({ ...inner, log: refusing }, redactor).log(value);
    expect(inner.calls).toEqual([["[REDACTED: could not be checked]"]]);
    await expect(redactLoggerService({ ...inner, log: async () => throwing() }, redactor).log(value)).resolves.toBe(
      undefined,
    );
  });

  test("prints a fixed line if the redactor throws", () => {
    const inner = keeping();
    const broken = { ...redactor, redact: throwing, deep: throwing };
    redactLoggerService(inner, broken).error(value, { value });
    expect(inner.calls).toEqual([["[REDACTED: could not be checked]"]]);
  });
});
