import { Writable } from "node:stream";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import winston from "winston";
import Transport from "winston-transport";
import { createRedactor } from "../redactor.ts";
import { redactWinston } from "./winston.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db]";
const redactor = createRedactor();
redactor.register(value, { name: "db" });
redactor.register("987654321098", { name: "card" });

const { format } = winston;
const level = Symbol.for("level");
const message = Symbol.for("message");
const splat = Symbol.for("splat");
type Info = Record<string | symbol, unknown>;

/** Keeps what a transport that reads fields is given. */
class Fields extends Transport {
  readonly infos: Info[] = [];
  override log(info: Info, next: () => void): void {
    this.infos.push(info);
    next();
  }
}

function created(...formats: winston.Logform.Format[]) {
  const fields = new Fields();
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const logger = winston.createLogger({
    level: "silly",
    defaultMeta: { service: value },
    format: format.combine(...formats),
    transports: [fields, new winston.transports.Stream({ stream, eol: "\n" })],
  });
  return { logger, fields, lines: () => text.split("\n").slice(0, -1), text: () => text };
}

describe("redactWinston as the last format", () => {
  test.each<[string, winston.Logform.Format[]]>([
    ["json", [format.json()]],
    ["json of errors", [format.errors({ stack: true, cause: true }), format.json()]],
    ["indented json", [format.json({ space: 2 })]],
    ["printf", [format.printf((info) => `${info.level} ${info.message} ${inspect(info)}`)]],
    ["simple", [format.simple()]],
    ["cli", [format.cli()]],
    ["colors", [format.colorize({ all: true }), format.simple()]],
    ["splat", [format.splat(), format.simple()]],
    ["prettyPrint", [format.prettyPrint({ depth: 6, colorize: true })]],
    ["logstash", [format.timestamp(), format.ms(), format.label({ label: value }), format.logstash()]],
    ["metadata", [format.metadata(), format.json()]],
    ["no other format", []],
  ])("leaves no value in lines and fields of %s", (_, formats) => {
    const { logger, fields, text } = created(...formats, redactWinston(redactor));
    const error = Object.assign(new Error(value, { cause: new TypeError(value) }), { config: { token: value } });
    logger.info(value);
    logger.info("%s and %j %o", value, { value }, [value], { more: value });
    logger.warn("text", { password: value, [value]: 1, nested: [{ value }], card: 987_654_321_098n });
    logger.log({ level: "debug", message: value, map: new Map([[value, value]]) });
    logger.error("failed", error);
    logger.error({ message: error, error });
    logger.child({ request: value }).error(`child ${value}`, { value });
    logger.profile("timer");
    logger.profile("timer", { level: "info", message: value, value });
    logger.startTimer().done({ message: value });
    logger.error(error);
    expect(fields.infos).toHaveLength(10);
    expect(fields.infos.map((info) => info[level])).toEqual(
      "info info warn debug error error error info info error".split(" "),
    );
    expect(text()).not.toContain("s3cret");
    expect(everythingIn(fields.infos)).not.toContain("s3cret");
    if (formats.length > 0) expect(text()).toContain(marker);
  });

  test("keeps lines of JSON valid, and masks the fields the same", () => {
    const { logger, fields, lines } = created(format.json(), redactWinston(redactor));
    logger.info(`a ${value}`, { deep: [{ value }] });
    const expected = { level: "info", message: `a ${marker}`, service: marker, deep: [{ value: marker }] };
    expect(lines().map((line): unknown => JSON.parse(line))).toEqual([expected]);
    expect(fields.infos[0]).toMatchObject({ ...expected, [level]: "info", [message]: lines()[0] });
    expect(fields.infos[0]?.[splat]).toEqual([{ deep: [{ value: marker }] }]);
  });

  test("masks what a template put together, although no field holds it", () => {
    const { logger, lines } = created(
      format.printf(({ a, b }) => `${String(a)}-${String(b)}`),
      redactWinston(redactor),
    );
    logger.info("x", { a: "s3cret", b: "fixture" });
    expect(lines()).toEqual([marker]);
  });

  test("changes nothing of what was logged", () => {
    const { logger } = created(format.json(), redactWinston(redactor));
    const info = { level: "info", message: value, nested: { value } };
    const meta = Object.freeze({ value, list: Object.freeze([value]) });
    logger.log(info);
    logger.info("frozen", meta);
    expect(info).toMatchObject({ message: value, nested: { value } });
    expect(meta).toEqual({ value, list: [value] });
  });

  test("gives a clean info to the transports as it is", () => {
    const info = { level: "info", message: "clean", [level]: "info", [message]: "clean" };
    expect(redactWinston(redactor).transform(info)).toBe(info);
  });

  test("changes nothing of an info of which the line alone is masked", () => {
    const info = { level: "info", message: "clean", [level]: "info", [message]: "{}" };
    const masked = redactWinston({ ...redactor, redactJson: () => marker }).transform(info);
    expect(masked).toEqual({ ...info, [message]: marker });
    expect(info[message]).toBe("{}");
  });

  test("keeps the level that transports filter by, even one that is masked as a value", () => {
    const short = createRedactor();
    short.register("warn", { name: "word", mask: "always" });
    const { logger, fields, lines } = created(format.json(), redactWinston(short));
    logger.warn("careful");
    expect(fields.infos[0]?.[level]).toBe("warn");
    expect(lines()).toEqual([expect.stringContaining('"level":"[REDACTED:word]"')]);
  });

  test("masks the values of the default redactor if it is given none", async () => {
    const { defaultRedactor } = await import("../redactor.ts");
    const release = defaultRedactor.register("d3fault-fixture", { name: "default" });
    const { logger, lines } = created(format.simple(), redactWinston());
    logger.info("d3fault-fixture");
    release();
    expect(lines()[0]).toContain("[REDACTED:default]");
  });
});

describe("redactWinston before the format that prints", () => {
  test("prints masked fields", () => {
    const { logger, lines } = created(redactWinston(redactor), format.json());
    logger.info(value, { nested: { value }, id: 987_654_321_098 });
    expect(JSON.parse(lines()[0] ?? "")).toEqual({
      level: "info",
      message: marker,
      service: marker,
      nested: { value: marker },
      id: "[REDACTED:card]",
    });
  });

  test("masks an error before errors() takes it apart", () => {
    const { logger, lines } = created(redactWinston(redactor), format.errors({ stack: true }), format.json());
    logger.error(new RangeError(value));
    expect(JSON.parse(lines()[0] ?? "")).toMatchObject({
      level: "error",
      message: marker,
      stack: expect.stringMatching(/^RangeError: \[REDACTED:db\]\n\s+at /),
    });
  });
});

function everythingIn(infos: readonly Info[]): string {
  return infos.map((info) => inspect(info, { depth: 12, showHidden: true, getters: true })).join("\n");
}
