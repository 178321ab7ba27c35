import { tracingChannel } from "node:diagnostics_channel";
import { type DestinationStream, type LoggerOptions, pino } from "pino";
import { pino as pino95 } from "pino-9-5";
import { beforeEach, describe, expect, test } from "vitest";
import { leakCheck } from "../../testing/leak-check.ts";
import { createRedactor, redactPino } from "../index.ts";

const value = "s3cret-fixture";
const unchecked = '{"level":50,"msg":"[REDACTED: could not be checked]"}\n';
const { assertNoLeak } = leakCheck([value]);
const redactor = createRedactor();
redactor.register(value, { name: "db" });

let written: string[];
const sink: DestinationStream = { write: (line) => void written.push(line) };
const create = (options: LoggerOptions = {}) =>
  pino(redactPino({ base: null, timestamp: false, ...options }, redactor), sink);

/** Every line as pino's readers see it. */
function records(): unknown[] {
  assertNoLeak(written.join(""));
  return written.map((line) => JSON.parse(line));
}

beforeEach(() => {
  written = [];
});

class Account {
  readonly #password = value;
  toJSON(): object {
    return { password: this.#password };
  }
}

describe("a line of redactPino", () => {
  const marked = "[REDACTED:db]";
  test.each<[string, (logger: pino.Logger) => void, object]>([
    ["message", (logger) => logger.info(`as ${value}.`), { msg: `as ${marked}.` }],
    [
      "object",
      (logger) => logger.info({ a: value, b: { c: [value] } }, "m"),
      { a: marked, b: { c: [marked] }, msg: "m" },
    ],
    ["key", (logger) => logger.info({ [value]: 1 }), { [marked]: 1 }],
    ["toJSON", (logger) => logger.info({ account: new Account() }), { account: { password: marked } }],
    ["%s", (logger) => logger.info("a %s b", value), { msg: `a ${marked} b` }],
    ["%o", (logger) => logger.info("a %o", { b: value }), { msg: `a {"b":"${marked}"}` }],
    ["%O", (logger) => logger.info("a %O", { b: value }), { msg: `a {"b":"${marked}"}` }],
    ["%j", (logger) => logger.info("a %j", { b: value }), { msg: `a {"b":"${marked}"}` }],
    ["child", (logger) => logger.child({ a: value }).child({ b: value }).info("m"), { a: marked, b: marked, msg: "m" }],
    ["prefix", (logger) => logger.child({}, { msgPrefix: `${value} ` }).info("m"), { msg: `${marked} m` }],
    ["new binding", rebound, { a: marked, msg: "m" }],
    [
      "child serializer",
      (logger) => logger.child({}, { serializers: { id: () => value } }).info({ id: 1 }),
      { id: marked },
    ],
    ["cycle", (logger) => logger.info(cyclic()), { a: marked, self: { a: marked, self: "[Circular]" } }],
  ])("masks what is in this: %s; and is valid JSON", (_, log, expected) => {
    log(create());
    expect(records()).toEqual([{ level: 30, ...expected }]);
  });

  function rebound(logger: pino.Logger): void {
    logger.setBindings({ a: value });
    logger.info("m");
  }

  function cyclic(): object {
    const object: Record<string, unknown> = { a: value };
    object.self = object;
    return object;
  }

  test.each<[string, LoggerOptions, object]>([
    ["base", { base: { instance: value } }, { instance: "[REDACTED:db]", a: 1, msg: "m" }],
    ["name", { base: {}, name: value }, { name: "[REDACTED:db]", a: 1, msg: "m" }],
    ["mixin", { mixin: () => ({ tenant: value }) }, { tenant: "[REDACTED:db]", a: 1, msg: "m" }],
    ["serializer", { serializers: { a: () => value } }, { a: "[REDACTED:db]", msg: "m" }],
    ["log formatter", { formatters: { log: () => ({ b: value }) } }, { b: "[REDACTED:db]", msg: "m" }],
    [
      "bindings formatter",
      { base: {}, formatters: { bindings: () => ({ b: value }) } },
      { b: "[REDACTED:db]", a: 1, msg: "m" },
    ],
    ["message prefix", { msgPrefix: `${value} ` }, { a: 1, msg: "[REDACTED:db] m" }],
    ["message key", { messageKey: value }, { a: 1, "[REDACTED:db]": "m" }],
    ["nested key", { nestedKey: value }, { "[REDACTED:db]": { a: 1 }, msg: "m" }],
    ["censor", { redact: { paths: ["a"], censor: value } }, { a: "[REDACTED:db]", msg: "m" }],
  ])("masks what comes from this: %s", (_, options, expected) => {
    create(options).info({ a: 1 }, "m");
    expect(records()).toEqual([{ level: 30, ...expected }]);
  });

  test("masks an error with its properties, cause and stack, under any error key", () => {
    const error = new Error(`refused ${value}`, { cause: new Error(value, { cause: value }) });
    Object.assign(error, { config: { headers: { authorization: `Bearer ${value}` } } });
    create().error(error);
    create({ errorKey: "failure", messageKey: "text" }).error(error);
    create().error(new AggregateError([error], value), "all failed");
    create().fatal({ err: { reason: value } }, "not an error");
    const [first, second] = records();
    expect(first).toMatchObject({
      msg: "refused [REDACTED:db]",
      err: {
        message: "refused [REDACTED:db]: [REDACTED:db]",
        config: { headers: { authorization: "Bearer [REDACTED:db]" } },
      },
    });
    expect(second).toMatchObject({ text: "refused [REDACTED:db]", failure: { type: "Error" } });
  });

  test("equals the line of pino alone if no value is registered", () => {
    const log = (logger: pino.Logger) => logger.child({ a: 'ä"\\\n' }).warn({ b: [1, null] }, "m %d", 2);
    log(create());
    log(pino({ base: null, timestamp: false }, sink));
    expect(written[0]).toBe(written[1]);
  });

  test("ends as pino is configured", () => {
    create({ crlf: true }).info(value);
    expect(written).toEqual(['{"level":30,"msg":"[REDACTED:db]"}\r\n']);
  });
});

describe("hooks.streamWrite of the options", () => {
  const withHook = (streamWrite: (line: string) => string) => create({ hooks: { streamWrite } });

  test("runs first, on the unmasked line, and its additions are masked", () => {
    const seen: string[] = [];
    withHook((line) => {
      seen.push(line);
      return line.replace('"m"', JSON.stringify(value));
    }).info("m");
    expect(seen).toEqual(['{"level":30,"msg":"m"}\n']);
    expect(written).toEqual(['{"level":30,"msg":"[REDACTED:db]"}\n']);
  });

  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error(value);
      },
    ],
    ["gives nothing", () => undefined],
    ["gives an object", () => ({ line: value })],
  ])("is replaced by a fixed line when it %s", (_, hook) => {
    expect(() => withHook(hook as () => string).info(value)).not.toThrow();
    expect(written).toEqual([unchecked]);
  });

  test("may drop a line", () => {
    withHook(() => "").info(value);
    expect(written).toEqual([""]);
  });

  test("stays beside the other hooks, which may belong to a class", () => {
    class Hooks {
      logMethod(this: pino.Logger, given: Parameters<pino.LogFn>, method: pino.LogFn): void {
        method.apply(this, [`${given[0]}!`]);
      }
    }
    create({ hooks: new Hooks() }).info(value);
    create({ hooks: { logMethod: (_, method) => method.call(create(), "replaced") } }).info(value);
    expect(records()).toMatchObject([{ msg: "[REDACTED:db]!" }, { msg: "replaced" }]);
  });
});

describe("redactPino", () => {
  test("changes neither the options it is given nor their hooks", () => {
    const options: LoggerOptions = Object.freeze({
      hooks: Object.freeze({ logMethod: () => undefined }),
      level: "debug",
    });
    const redacted = redactPino(options, redactor);
    expect(redacted).toEqual({ ...options, hooks: { ...options.hooks, streamWrite: expect.any(Function) } });
    expect(options.hooks).not.toHaveProperty("streamWrite");
  });

  test("masks once when it is applied twice, and with each redactor that it is given", () => {
    const other = createRedactor();
    other.register("0ther-fixture", { name: "other" });
    const once = redactPino({ hooks: { streamWrite: (line: string) => `${line}` } }, redactor);
    expect(redactPino(once, redactor).hooks.streamWrite).toBe(once.hooks.streamWrite);
    pino(redactPino(once, other), sink).info(`${value} 0ther-fixture`);
    expect(records()).toMatchObject([{ msg: "[REDACTED:db] [REDACTED:other]" }]);
  });

  test("writes a fixed line when the redactor fails", () => {
    const failing = {
      ...redactor,
      redactJson: () => {
        throw new Error(value);
      },
    };
    pino(redactPino({}, failing), sink).info(value);
    expect(written).toEqual([unchecked]);
  });

  test("passes the name of the output to the redactor", () => {
    const sinks: unknown[] = [];
    const redactJson = (line: string, name?: string): string => {
      sinks.push(name);
      return line;
    };
    pino(redactPino({}, { ...redactor, redactJson }), sink).info("m");
    expect(sinks).toEqual(["pino"]);
  });

  test.each([
    ["a logger", { logger: create() }],
    ["what Fastify calls one", { logger: true }],
  ])("refuses options that name %s, for they would not mask its lines", (_, options) => {
    expect(() => redactPino(options, redactor)).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }));
    expect(() => redactPino({ ...options, logger: undefined }, redactor)).not.toThrow();
  });
});

describe("output that redactPino cannot mask", () => {
  test("is the line of a pino before 9.6, which calls no such hook", () => {
    const options: object = redactPino({}, redactor);
    pino95(options, sink).info(value);
    expect(written).toMatchObject([expect.stringContaining(value)]);
  });

  test("is what a subscriber of pino's tracing channel is given", () => {
    const traced: unknown[] = [];
    const end = (message: unknown) => void traced.push(message);
    tracingChannel("pino_asJson").end.subscribe(end);
    create().info(value);
    tracingChannel("pino_asJson").end.unsubscribe(end);
    expect(records()).toMatchObject([{ msg: "[REDACTED:db]" }]);
    expect(traced).toMatchObject([{ result: `{"level":30,"msg":"${value}"}\n` }]);
  });

  test("is what a destination with pino's metadata reads besides the line", () => {
    const metadata = {
      [Symbol.for("pino.metadata")]: true,
      lastMsg: "",
      write: (line: string) => void written.push(line),
    };
    pino(redactPino({}, redactor), metadata as DestinationStream).info(value);
    expect(metadata.lastMsg).toBe(value);
    records();
  });
});
