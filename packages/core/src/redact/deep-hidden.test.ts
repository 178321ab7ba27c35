import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { createRedactor } from "./redactor.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db]";
const redactor = createRedactor();
redactor.register(value, { name: "db" });

const custom = inspect.custom;
const give = () => value;
const behind = Buffer.from(`--${value}`).buffer;

/** What prints a value although no walk over plain properties meets it. */
const subjects: Record<string, () => object> = {
  "custom inspection of a class": () =>
    new (class {
      readonly #inside = value;
      [custom](): string {
        return this.#inside;
      }
    })(),
  "custom inspection that somebody put on an error": () => Object.assign(new Error("x"), { [custom]: give }),
  "custom inspection of an error's class": () =>
    new (class extends Error {
      [custom](): string {
        return value;
      }
    })("x"),
  "toJSON of an error": () => Object.assign(new Error("x"), { toJSON: give }),
  "toJSON of a Map": () => Object.assign(new Map(), { toJSON: give }),
  "toJSON of an array": () => Object.assign([], { toJSON: give }),
  "toString of an object": () => ({ a: 1, toString: give }),
  "toString of a class": () =>
    new (class {
      toString(): string {
        return value;
      }
    })(),
  "toString of an error": () => Object.assign(new Error("x"), { toString: give }),
  "conversion to a primitive": () => ({ [Symbol.toPrimitive]: give }),
  "a property on a Date": () => Object.assign(new Date(0), { value }),
  "a property on a regular expression": () => Object.assign(/x/, { value }),
  "a property on a boxed string": () => Object.assign(Object("x"), { value }),
  "a property on a URL": () => Object.assign(new URL("http://host"), { value }),
  "a property on bytes": () => Object.assign(new Uint8Array(3), { value }),
  "a property on a Buffer": () => Object.assign(Buffer.from("clean"), { value }),
  "a property on a Promise": () => Object.assign(Promise.resolve(), { value }),
  "the description of a symbol": () => ({ [Symbol(value)]: 1 }),
  "the description of a symbol beside a value": () => ({ [Symbol(value)]: 1, value }),
  "the name of a class": () => new (({ [value]: class {} })[value] as new () => object)(),
  "the name of a class beside a value": () =>
    Object.assign(new ({ [value]: class {} }[value] as new () => object)(), { value }),
  "the name of a class of Maps": () => new (({ [value]: class extends Map {} })[value] as new () => object)(),
  "the name of a class of errors": () => new (({ [value]: class extends Error {} })[value] as new () => object)(),
  "the name of a function": () => ({ [value]: () => 1 })[value] as object,
  "the name of an extended class": () => class extends ({ [value]: class {} }[value] as new () => object) {},
  "a static property": () => Object.assign(class {}, { inside: value }),
  "a tag": () =>
    new (class {
      get [Symbol.toStringTag](): string {
        return value;
      }
    })(),
  "bytes beside those of a DataView": () => new DataView(behind, 0, 1),
  "bytes as a list": () => ({ type: "Buffer", data: [...Buffer.from(value)] }),
  "bytes as a list that is short of text": () => [...Buffer.from(value)],
  "bytes as wider numbers": () => Uint32Array.from(Buffer.from(value)),
  "bytes as floating-point numbers": () => Float64Array.from(Buffer.from(value)),
  "bytes of UTF-16": () => Buffer.from(value, "utf16le"),
};

/** What printers of all kinds show, lists of bytes as the text that they are too. */
function printed(subject: unknown): string {
  const json = JSON.stringify(subject) ?? "";
  const numbers = /^\[?[\d,[\]\s]+\]?$/.test(json) ? Buffer.from(JSON.parse(json)).toString("latin1") : "";
  const wide = inspect(subject).match(/\d+/g)?.map(Number) ?? [];
  const listed = json.includes('"data"') ? Buffer.from(JSON.parse(json).x?.data ?? []).toString("latin1") : "";
  return `${inspect(subject, { depth: 9 })} ${json} ${attempt(() => `${subject}`)} ${numbers} ${listed} ${Buffer.from(wide)}`;
}

function attempt(print: () => string): string {
  try {
    return print();
  } catch {
    return "";
  }
}

describe("deep", () => {
  test.each(Object.entries(subjects))("leaves no value in %s", (_, make) => {
    for (const subject of [make(), { x: make() }, [make()], new Map([[1, make()]])]) {
      const text = printed(redactor.deep(subject));
      expect(text).not.toContain("s3cret");
      expect(text).not.toMatch(/73 (?:00 )?33 (?:00 )?63 (?:00 )?72/);
      expect(text).not.toContain("115,51,99,114");
    }
    expect(printed(redactor.error(make()))).not.toContain("s3cret");
  });

  test.each<[string, object]>([
    [
      "a class that prints itself",
      new (class {
        toString = () => "clean";
        toJSON = () => ({ clean: 1 });
        [custom] = () => "clean";
      })(),
    ],
    ["properties on a Date", Object.assign(new Date(0), { note: 1 })],
    ["properties on bytes", Object.assign(new Uint8Array(3), { note: 1 })],
    ["an error with custom inspection", Object.assign(new Error("clean"), { [custom]: () => "clean" })],
    ["symbols", { [Symbol("clean")]: Symbol("clean") }],
    ["a list of small numbers", [1, 2, 3, 4, 5]],
    [
      "a toString that fails",
      {
        toString: () => {
          throw new Error(value);
        },
      },
    ],
  ])("gives %s back as it is", (_, clean) => {
    expect(redactor.deep(clean)).toBe(clean);
    expect(redactor.deep({ clean }).clean).toBe(clean);
  });

  test("puts the masked text where the original's own methods would need its private fields", () => {
    class Login {
      readonly user = value;
      readonly #host = "db";
      toString(): string {
        return `${this.user}@${this.#host}`;
      }
    }
    expect(`${redactor.deep(new Login())}`).toBe(`${marker}@db`);
  });

  test("keeps the class of what it copies, unless its name is a value", () => {
    class Account {
      readonly token = value;
    }
    expect(inspect(redactor.deep(new Account()))).toBe(`Account { token: '${marker}' }`);
    const named = new ({ [value]: class {} }[value] as new () => object)();
    expect(inspect(redactor.deep(named))).toBe(`${marker} {}`);
  });
});

describe("a sink", () => {
  test("is what onLeak is told of deep and error, by default their names", () => {
    const sinks: string[] = [];
    const watched = createRedactor({ onLeak: ({ sink }) => void sinks.push(sink) });
    watched.register(value, { name: "db" });
    watched.deep({ value });
    watched.deep({ value }, "queue");
    watched.error(new Error(value));
    watched.error(new Error(value), "queue");
    expect([...new Set(sinks)]).toEqual(["deep", "queue", "error"]);
  });
});
