import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import winston from "winston";
import Transport from "winston-transport";
import { createRedactor } from "../redactor.ts";
import { redactWinston } from "./winston.ts";
import { redactTransport } from "./winston-transport.ts";

const value = "s3cret-fixture";
const redactor = createRedactor();
redactor.register(value, { name: "db" });

const level = Symbol.for("level");
const message = Symbol.for("message");
type Info = Record<string | symbol, unknown>;

function throwing(): never {
  throw new Error(value);
}

const cycle: Info = { value };
cycle.self = [cycle, new Map([[cycle, cycle]])];
let deep: unknown = value;
for (let depth = 0; depth < 50_000; depth++) deep = { deep };

class Account {
  readonly #token = value;
  readonly owner = value;
  get token(): string {
    return this.#token;
  }
}

const subjects: [string, () => object][] = [
  ["a getter that throws", () => Object.defineProperty({}, "bad", { enumerable: true, get: throwing })],
  ["a cycle", () => cycle],
  ["a bigint", () => ({ big: 10n, value })],
  ["keys of symbols", () => ({ [Symbol("own")]: value })],
  ["a frozen object", () => Object.freeze({ value, inner: Object.freeze([value]) })],
  ["no prototype", () => Object.assign(Object.create(null) as object, { value })],
  ["an instance with private fields", () => new Account()],
  ["endless nesting", () => ({ deep })],
  ["a toJSON that throws", () => ({ value, toJSON: throwing })],
  ["a custom inspection that throws", () => ({ value, [inspect.custom]: throwing })],
  ["an array of holes", () => ({ list: Object.assign([], { length: 4_000_000_000 }), value })],
  ["a proxy that refuses", () => ({ proxy: new Proxy({}, { ownKeys: throwing }) })],
  ["a revoked proxy", () => ({ proxy: revoked() })],
  ["a key named __proto__", () => JSON.parse(`{"__proto__":{"polluted":"${value}"}}`) as object],
  ["bytes", () => ({ bytes: Buffer.from(value) })],
];

function keeping(infos: Info[]): Transport {
  return new Transport({
    log(info: Info, next) {
      infos.push(info);
      next();
    },
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function everythingIn(infos: readonly Info[]): string {
  return infos.map((info) => inspect(info, { depth: 12, showHidden: true })).join("\n");
}

function shownOf(...infos: readonly Info[]): string {
  return `${everythingIn(infos)} ${infos.map((info) => String(info[message])).join("\n")}`;
}

describe("a hostile info", () => {
  test.each(subjects)("with %s reaches the transports masked, and nothing is thrown", (_, subject) => {
    const infos: Info[] = [];
    const logger = winston.createLogger({ transports: [keeping(infos)], format: redactWinston(redactor) });
    logger.log({ level: "info", message: value, nested: subject() });
    logger.log({ [level]: "info", level: "info", message: "x", nested: { two: [subject()] } });
    expect(infos).toHaveLength(2);
    expect(shownOf(...infos)).not.toContain("s3cret");
    expect(infos[0]?.[level]).toBe("info");
  });

  test.each(subjects)("that has %s at its top is masked, or becomes a fixed line", (_, subject) => {
    const top = subject();
    const info = Object.create(Object.getPrototypeOf(top), Object.getOwnPropertyDescriptors(top)) as Info;
    Object.assign(info, { level: "info", message: value, [level]: "info", [message]: `{"message":"${value}"}` });
    const masked = redactWinston(redactor).transform(info);
    expect(shownOf(masked)).not.toContain("s3cret");
    expect(masked[level]).toBe("info");
    expect(() => JSON.parse(String(masked[message]))).not.toThrow();
  });

  test("without a readable level becomes a fixed line too", () => {
    const info = Object.defineProperties({}, { [level]: { get: throwing }, [message]: { get: throwing } }) as Info;
    expect(redactWinston(redactor).transform(info)).toEqual({
      level: "error",
      message: "[REDACTED: could not be checked]",
      [level]: "error",
      [message]: '{"level":"error","message":"[REDACTED: could not be checked]"}',
    });
  });
});

describe("a redactor that throws", () => {
  const broken = { ...redactor, deep: throwing, redact: throwing, redactJson: throwing, error: throwing };

  test("makes a fixed line of every line, at its level", () => {
    const infos: Info[] = [];
    const logger = winston.createLogger({ transports: [keeping(infos)], format: redactWinston(broken) });
    logger.warn(value);
    expect(infos.map((info) => [info[level], info[message]])).toEqual([
      ["warn", '{"level":"error","message":"[REDACTED: could not be checked]"}'],
    ]);
  });

  test("does not throw out of a transport that throws as well", () => {
    const transport = redactTransport(new Transport({ log: throwing }), broken);
    const logger = winston.createLogger({ transports: [transport] });
    expect(() => logger.warn(value)).not.toThrow();
  });
});
