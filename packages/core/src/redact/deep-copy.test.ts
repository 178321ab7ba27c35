import { inspect } from "node:util";
import { MessageChannel } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runsOf } from "../../test/seeds.ts";
import { privateBytes } from "../contract/content.ts";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import { SnapshotSecret } from "../secret/secret.ts";
import { createRedactor } from "./redactor.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db]";
const redactor = createRedactor();
redactor.register(value, { name: "db" });
redactor.register("987654321098", { name: "card" });

const shown = (subject: unknown): string => inspect(subject, { depth: 20, showHidden: true, getters: true });

class Holder {
  readonly inside: string;
  readonly #hidden = 1;
  constructor(inside: string) {
    this.inside = inside;
  }
  toJSON(): unknown {
    return { inside: this.inside, hidden: this.#hidden };
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Holder ${this.#hidden}`;
  }
}

describe("deep", () => {
  test.each<[string, unknown, unknown]>([
    ["a string", `a ${value}`, `a ${marker}`],
    ["an array", [1, [`x${value}`]], [1, [`x${marker}`]]],
    ["an object", { a: { b: value }, c: 1 }, { a: { b: marker }, c: 1 }],
    ["a key", { [`k-${value}`]: 1 }, { [`k-${marker}`]: 1 }],
    ["a symbol key", { [Symbol.for("message")]: value }, { [Symbol.for("message")]: marker }],
    ["a Map", new Map([[value, { a: value }]]), new Map([[marker, { a: marker }]])],
    ["a Set", new Set([value, 1]), new Set([marker, 1])],
    ["a number", { n: 987_654_321_098 }, { n: "[REDACTED:card]" }],
    ["a bigint", 987_654_321_098n, "[REDACTED:card]"],
    ["a Buffer", Buffer.from(`<${value}>é`), Buffer.from(`<${marker}>é`)],
    ["bytes", new TextEncoder().encode(`<${value}>`), new TextEncoder().encode(`<${marker}>`)],
    ["another view", new DataView(new TextEncoder().encode(value).buffer), marker],
    ["an ArrayBuffer", new TextEncoder().encode(value).buffer, marker],
    ["a URL", new URL(`https://u:${value}@host/`), `https://u:${marker}@host/`],
    ["a regular expression", new RegExp(value), `/${marker}/`],
    ["a boxed string", Object(value), marker],
    [
      "an object without a prototype",
      Object.assign(Object.create(null), { a: value }),
      Object.assign(Object.create(null), { a: marker }),
    ],
  ])("masks %s in a copy", (_, subject, expected) => {
    const before = inspect(subject, { depth: 10 });
    expect(redactor.deep(subject)).toEqual(expected);
    expect(inspect(subject, { depth: 10 })).toBe(before);
  });

  test.each<[string, unknown]>([
    ["an object", { a: [1, "x", new Map([[1, new Set([2])]])], d: new Date(0), f: () => value }],
    ["a class", new Holder("clean")],
    ["an error", new Error("clean", { cause: new Error("also clean") })],
    ["bytes", Buffer.from("clean")],
    ["nothing", undefined],
    ["a Promise", Promise.resolve(1)],
    [
      "a Secret that holds it",
      {
        secret: new SnapshotSecret<string>(
          "db",
          { version: "1", fetchedAt: 0, provider: "p", fallback: false },
          { kind: "text", bytes: privateBytes(Buffer.from(value)) },
          {
            onReveal: () => {
              throw new Error("revealed");
            },
          },
        ),
      },
    ],
  ])("gives %s without a value back as it is", (_, subject) => {
    expect(redactor.deep(subject)).toBe(subject);
  });

  test("never copies a Secret, not even one whose name is a value: the copy could not print itself", () => {
    const facts = { version: "1", fetchedAt: 0, provider: "p", fallback: false };
    const secret = new SnapshotSecret(value, facts, { kind: "value", value: 1 }, { onReveal: () => undefined });
    expect(redactor.deep({ secret, dirty: value }).secret).toBe(secret);
  });

  test("shares what is clean with the original", () => {
    const clean = { x: [1] };
    const copy = redactor.deep({ clean, dirty: value });
    expect(copy.clean).toBe(clean);
  });

  test("follows cycles, and gives a clean one back as it is", () => {
    const clean: Record<string, unknown> = { list: [] };
    (clean.list as unknown[]).push(clean);
    expect(redactor.deep(clean)).toBe(clean);
    const dirty: Record<string, unknown> = { a: value, list: [] };
    (dirty.list as unknown[]).push(dirty, dirty);
    const copy = redactor.deep(dirty);
    expect(copy.a).toBe(marker);
    expect((copy.list as unknown[])[0]).toBe(copy);
    expect((copy.list as unknown[])[1]).toBe(copy);
  });

  test("contains no original through a cycle, not even through an object with custom inspection", () => {
    const clean = { [Symbol.for("nodejs.util.inspect.custom")]: () => "clean", back: {} };
    const dirty = { clean, value };
    clean.back = { dirty };
    const copy = redactor.deep({ dirty, again: clean });
    expect(copy.dirty.clean.back).toEqual({ dirty: copy.dirty });
    expect(shown(copy)).not.toContain("s3cret");
  });

  test("replaces a getter that throws, and reads one that gives a value", () => {
    const subject = Object.defineProperties(
      { a: 1 },
      {
        bad: {
          enumerable: true,
          get: () => {
            throw new Error(value);
          },
        },
        good: { enumerable: true, get: () => value },
      },
    );
    expect(redactor.deep(subject)).toEqual({ a: 1, bad: "[REDACTED: not readable]", good: marker });
  });

  test("masks what toJSON would print, even out of a closure", () => {
    const subject = { a: 1, toJSON: () => ({ leaked: value }) };
    expect(JSON.stringify(redactor.deep(subject))).toBe(`{"leaked":"${marker}"}`);
    expect(
      JSON.stringify(
        redactor.deep({
          self: {
            a: value,
            toJSON() {
              return this;
            },
          },
        }),
      ),
    ).toBe(`{"self":{"a":"${marker}"}}`);
  });

  test("keeps properties, but no custom inspection, in copies that toJSON, an entry or a property makes necessary", () => {
    const subject = { a: 1, toJSON: () => value };
    expect(redactor.deep(subject).a).toBe(1);
    expect(redactor.deep(Object.assign(new Map([[1, value]]), { a: 1 })).a).toBe(1);
    const inspected = { value, [Symbol.for("nodejs.util.inspect.custom")]: () => value };
    expect(inspect(redactor.deep(inspected))).toContain(`value: '${marker}'`);
  });

  test("keeps the position of each element", () => {
    const pins = createRedactor();
    pins.register("1234", { name: "pin", mask: "always" });
    const list = Array.from({ length: 1300 }, (_, index) => `e${index}`);
    expect(pins.deep({ list, 1234: "1234" })).toEqual({ list, "[REDACTED:pin]": "[REDACTED:pin]" });
  });

  test("makes a copy of a class that prints without its private fields", () => {
    const copy = redactor.deep(new Holder(value));
    expect(copy).toBeInstanceOf(Holder);
    expect(JSON.stringify(copy)).toBe(`{"inside":"${marker}","hidden":1}`);
    expect(shown(copy)).toContain(marker);
  });

  test("omits content that is too deep to check", () => {
    let deep: unknown = value;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    const text = inspect(redactor.deep(deep), { depth: 1_000 });
    expect(text).toContain("[REDACTED: too deep to check]");
    expect(text).not.toContain("s3cret");
  });

  test("replaces a proxy whose traps throw, and changes no prototype", () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error(value);
        },
      },
    );
    const replaced = "[REDACTED: not readable]";
    expect(redactor.deep({ hostile, again: [hostile] })).toEqual({ hostile: replaced, again: [replaced] });
    const own = JSON.parse(`{"__proto__":{"polluted":"${value}"}}`) as Record<string, unknown>;
    const copy = redactor.deep(own);
    expect(Object.getOwnPropertyDescriptor(copy, "__proto__")?.value).toEqual({ polluted: marker });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("omits content after 100,000 values, and ends in bounded time", () => {
    const large = Array.from({ length: 300_000 }, (_, index) => ({ index, value }));
    const copy = redactor.deep(large);
    expect(JSON.stringify(copy)).not.toContain("s3cret");
    expect(copy[30_000]).toEqual({ index: 30_000, value: marker });
    expect(copy[200_000]).toBeUndefined();
    expect(JSON.stringify(copy)).toContain("[REDACTED: too large to check]");
    for (const many of [new Set(large), new Map(large.map((one) => [one, one]))]) {
      expect(shown(redactor.deep(many))).not.toContain("s3cret");
    }
  });

  test.each<[string, unknown]>([
    ["a Promise", Promise.resolve({ token: value })],
    ["Headers", new Headers({ authorization: `Bearer ${value}` })],
    ["a Request", new Request(`http://host/?token=${value}`)],
    ["a proxy that hides what it is of", new Proxy({ token: value }, { ownKeys: () => [] })],
    ["an iterator", new Map([[1, value]]).entries()],
    ["custom inspection", { [Symbol.for("nodejs.util.inspect.custom")]: () => ({ closure: value }) }],
  ])("turns %s that shows a value only when inspected into what that shows", (_, subject) => {
    const copy = redactor.deep({ subject });
    expect(inspect(subject)).toContain(value);
    expect(inspect(copy.subject)).toContain(marker);
    expect(shown(copy)).not.toContain("s3cret");
  });

  test.each<[string, object]>([
    ["a Map", new Map()],
    ["a Set", new Set()],
    ["a function", () => undefined],
    ["an array", []],
  ])("masks the properties that somebody put on %s", (_, holder) => {
    const subject = Object.assign(holder, { token: value });
    expect(inspect(subject)).toContain(value);
    const copy = redactor.deep(subject);
    expect(copy.token).toBe(marker);
    expect(shown(copy)).not.toContain("s3cret");
  });

  test("keeps holes and further properties of arrays", () => {
    const sparse = Object.assign([value], { note: "n" });
    sparse.length = 4_000_000_000;
    const copy = redactor.deep(sparse);
    expect([copy.length, copy[0], 1 in copy, copy.note]).toEqual([4_000_000_000, marker, false, "n"]);
  });

  test("leaves no value anywhere in any structure, and all else equal", () => {
    const leaf = fc.oneof(
      fc.constant(value),
      fc.string().map((text) => text + value),
      fc.string(),
      fc.integer(),
      fc.constant(null),
    );
    const structure = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie("node")),
        fc.dictionary(fc.string(), tie("node")),
        fc.array(tie("node")).map((all) => new Set(all)),
        fc.array(fc.tuple(fc.string(), tie("node"))).map((all) => new Map(all)),
      ),
    })).node;
    fc.assert(
      fc.property(structure, (subject) => {
        const before = shown(subject);
        const copy = redactor.deep(subject);
        expect(shown(copy)).not.toContain("s3cret");
        if (!before.includes("s3cret")) expect(copy).toBe(subject);
        expect(shown(subject)).toBe(before);
      }),
      { numRuns: runsOf(300) },
    );
  });
});

describe("error", () => {
  class HttpError extends Error {
    readonly details = { headers: { authorization: `Bearer ${value}` } };
    readonly code = "E_HTTP";
    override readonly name = "HttpError";
    readonly #request = value;
    get request(): string {
      return this.#request;
    }
    toJSON(): unknown {
      return { request: this.#request };
    }
  }

  test("masks message, stack, cause and own properties, and keeps name and code", () => {
    const error = new HttpError(`failed with ${value}`, { cause: new TypeError(`inner ${value}`) });
    const copy = redactor.error(error) as HttpError;
    expect(copy).toMatchObject({ name: "HttpError", code: "E_HTTP", message: `failed with ${marker}` });
    expect(copy.stack).toContain(`failed with ${marker}`);
    expect(copy.stack).toMatch(/\n\s+at /);
    expect((copy.cause as Error).message).toBe(`inner ${marker}`);
    expect(copy.details).toEqual({ headers: { authorization: `Bearer ${marker}` } });
    expect(copy).toBeInstanceOf(Error);
    expect(copy.constructor.name).toBe("HttpError");
    expect(`${shown(copy)} ${JSON.stringify(copy)}`).not.toContain("s3cret");
    expect(error.message).toContain(value);
  });

  test("masks every error of an AggregateError, and a circular cause", () => {
    const error = new AggregateError([new Error(value), value], `all ${value}`) as AggregateError & { cause?: unknown };
    error.cause = error;
    const copy = redactor.error(error) as AggregateError;
    expect(copy.errors.map((one: unknown) => (one instanceof Error ? one.message : one))).toEqual([marker, marker]);
    expect(copy.cause).toBe(copy);
    expect(shown(copy)).not.toContain("s3cret");
  });

  test.each<[string, unknown, string]>([
    ["a string", `thrown ${value}`, `thrown ${marker}`],
    ["an object", { token: value }, `{ token: '${marker}' }`],
    ["nothing", undefined, "undefined"],
    ["a DOMException", new DOMException(value, "AbortError"), marker],
    [
      "an object that cannot be printed",
      {
        [Symbol.for("nodejs.util.inspect.custom")]: () => {
          throw new Error(value);
        },
      },
      "[REDACTED: not readable]",
    ],
  ])("makes an Error of %s", (_, thrown, message) => {
    const copy = redactor.error(thrown);
    expect(copy).toBeInstanceOf(Error);
    expect(copy.message).toBe(message);
    expect(shown(copy)).not.toContain("s3cret");
  });

  test("keeps the name and code of a DOMException, and the mark of a SecretError", () => {
    expect(redactor.error(new DOMException("gone", "AbortError"))).toMatchObject({ name: "AbortError", code: 20 });
    const copy = redactor.error(new SecretError("NOT_READY", "x", { errors: [new SecretError("NOT_FOUND", value)] }));
    expect(isSecretError(copy, "NOT_READY")).toBe(true);
    expect((copy as SecretError).errors?.map((one) => [one.code, one.message])).toEqual([["NOT_FOUND", marker]]);
  });

  test("reads nothing twice from an error whose properties throw", () => {
    const error = new Error("x");
    Object.defineProperty(error, "message", {
      get: () => {
        throw new Error(value);
      },
    });
    Object.defineProperty(error, "stack", {
      get: () => {
        throw new Error(value);
      },
    });
    const copy = redactor.error(error);
    expect(copy.message).toBe("[REDACTED: not readable]");
    expect(inspect(copy)).toBe("[Error: [REDACTED: not readable]]");
  });

  test("deep copies an error only if it holds a value", () => {
    const clean = { error: new Error("clean") };
    expect(redactor.deep(clean)).toBe(clean);
    expect(redactor.deep({ error: new Error(value) }).error.message).toBe(marker);
  });

  test("stands for the copy in posted messages too", () => {
    const { port1 } = new MessageChannel();
    expect(() => port1.postMessage(redactor.error(new HttpError(value)))).not.toThrow();
    port1.close();
  });
});
