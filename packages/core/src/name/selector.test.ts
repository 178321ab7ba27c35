import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runsOf } from "../../test/seeds.ts";
import type { SecretPayload } from "../contract/contract.ts";
import type { SecretError } from "../error/secret-error.ts";
import { formatSelector, parseSelector, select } from "./selector.ts";

const context = { reference: "db/primary", provider: "mount" };

function value(text: string | Uint8Array): SecretPayload {
  return { kind: "value", bytes: Buffer.from(text as string) };
}

function fields(record: Record<string, string>): SecretPayload {
  return { kind: "fields", fields: new Map(Object.entries(record).map(([key, text]) => [key, Buffer.from(text)])) };
}

function selected(content: SecretPayload, selector: string): string {
  const result = select(content, parseSelector(selector), context);
  if (result.kind !== "value") throw new Error("a selection is always one value");
  return Buffer.from(result.bytes).toString("utf8");
}

function refusal(content: SecretPayload, selector: string): SecretError {
  try {
    selected(content, selector);
  } catch (error) {
    return error as SecretError;
  }
  throw new Error("nothing was refused");
}

const pointer = fc.array(fc.string(), { minLength: 1 }).map((tokens) => ({ kind: "pointer", tokens }) as const);
const printable = (text: string): boolean => [...text].every((character) => character >= " " && character !== "\u007f");

describe("parseSelector and formatSelector", () => {
  test("give every pointer back", () => {
    fc.assert(
      fc.property(pointer, (selector) => {
        fc.pre(selector.tokens.every(printable));
        expect(parseSelector(formatSelector(selector))).toEqual(selector);
      }),
    );
  });

  test("take anything that does not begin with a slash as a literal key", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (key) => {
        fc.pre(printable(key) && !key.startsWith("/"));
        expect(parseSelector(key)).toEqual({ kind: "key", key });
        expect(formatSelector({ kind: "key", key })).toBe(key);
      }),
    );
  });

  test('"~01" is a tilde and a one, never a slash', () => {
    expect(parseSelector("/m~01")).toEqual({ kind: "pointer", tokens: ["m~1"] });
  });

  test('"/" means the member with the empty name', () => {
    expect(parseSelector("/")).toEqual({ kind: "pointer", tokens: [""] });
  });
});

describe("select on fields", () => {
  test("gives the exact bytes of a field, not a copy", () => {
    const bytes = Uint8Array.of(0xff, 0, 10);
    const content: SecretPayload = { kind: "fields", fields: new Map([["tls.key", bytes]]) };
    expect(select(content, parseSelector("tls.key"), context)).toEqual({ kind: "value", bytes });
  });

  test.each([
    ["/config", '{"a":{"b":1.50}}'],
    ["/config/a/b", "1.50"],
    ["/config/a", '{"b":1.50}'],
  ])("points with %j into the JSON of a field", (selector, expected) => {
    expect(selected(fields({ config: '{"a":{"b":1.50}}' }), selector)).toBe(expected);
  });

  test("names the fields that exist, and the nearest, when one is missing", () => {
    const error = refusal(fields({ username: "u", password: "s3cret-fixture" }), "pasword");
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "field-missing", provider: "mount" });
    expect(error.message).toBe('"db/primary" has no field "pasword"; it has: "username", "password"');
    expect(error.tip).toBe('Did you mean "password"?');
  });

  test("lists at most twenty names, each cut and escaped", () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${index}\n${"x".repeat(100)}`, "v"]));
    const { message } = refusal(fields(many), "wanted");
    expect(message).toContain("and 30 more");
    expect(message).not.toContain("\n");
    expect(message.length).toBeLessThan(20 * 80 + 100);
  });
});

describe("select on one value", () => {
  test.each([
    ['{"a":"x"}', "a", "x"],
    [' {\n"a" : "x" , "b":2}\n', "b", "2"],
    ['\uFEFF{"a":"x"}', "a", "x"],
    ['{"a":1e400,"b":0}', "a", "1e400"],
    ['{"port":12345678901234567890}', "port", "12345678901234567890"],
    ['{"a":1.10}', "a", "1.10"],
    ['{"a":true}', "a", "true"],
    ['{"a":""}', "a", ""],
    ['{"a":" x\\n"}', "a", " x\n"],
    ['{"a":"\\u00e9\\ud83d\\ude00"}', "a", "é😀"],
    ['{"a":{ "b" : [1, 2.0] }}', "a", '{ "b" : [1, 2.0] }'],
    ['{"a":"}\\"]","b":1}', "b", "1"],
    ['{"a":[{"b":"x"},[3]]}', "/a/1/0", "3"],
    ["[10,20]", "/1", "20"],
    ['{"":{"":"deep"}}', "//", "deep"],
    ['{"a/b":{"m~n":1}}', "/a~1b/m~0n", "1"],
    ['{"\\u0061b":"x"}', "ab", "x"],
    ['{"__proto__":"own","constructor":"own too"}', "__proto__", "own"],
    ['{"__proto__":"own","constructor":"own too"}', "constructor", "own too"],
    ["{}", "/x", undefined],
    ["[]", "/0", undefined],
  ])("takes from %j at %j", (document, selector, expected) => {
    if (expected === undefined) expect(refusal(value(document), selector).reason).toBe("field-missing");
    else expect(selected(value(document), selector)).toBe(expected);
  });

  test.each([
    ['{"a":null}', "a", "field-missing", "is null"],
    ['{"a":1}', "b", "field-missing", 'has no field "b"; it has: "a"'],
    ['{"a":{}}', "__proto__", "field-missing", 'it has: "a"'],
    ['{"a":{}}', "constructor", "field-missing", 'it has: "a"'],
    ['{"a":{}}', "/a/toString", "field-missing", "it has: none"],
    ['{"a":"text"}', "/a/0", "field-missing", "it has: none"],
    ["[1,2]", "/2", "field-missing", "it has: none"],
    ["[1,2]", "/01", "field-missing", "it has: none"],
    ["[1,2]", "/-", "field-missing", "it has: none"],
    ["[1,2]", "/length", "field-missing", "it has: none"],
    ["[1,2]", "0", "not-object", "not an object"],
    ["12345678", "x", "not-object", "not an object"],
    ["hunter2-s3cret-fixture", "x", "not-json", "is not JSON"],
    ['{"a":1', "a", "not-json", "is not JSON"],
    ["", "a", "not-json", "is not JSON"],
    ['{"a":"\\ud800"}', "a", "not-utf8", 'not valid Unicode: "a"'],
    ['{"a":"s3cret-fixture","b":{"c":"\\ud800"}}', "a", "not-utf8", 'not valid Unicode: "b.c"'],
    ['{"a":"s3cret-fixture","a":"x"}', "a", "duplicate-key", 'duplicate keys: "a"'],
    ['{"a":"x","b":[{"c":1,"\\u0063":2}]}', "a", "duplicate-key", 'duplicate keys: "b.0.c"'],
  ])("refuses %j at %j with reason %s", (document, selector, reason, message) => {
    const error = refusal(value(document), selector);
    expect(error).toMatchObject({ name: "SecretError", code: "INVALID_VALUE", reason, reference: "db/primary" });
    expect(error.message).toContain(message);
  });

  test("refuses bytes that are not UTF-8", () => {
    expect(refusal(value(Uint8Array.of(0xff, 0xfe, 0)), "a").reason).toBe("not-utf8");
  });

  test("says nothing of a value that is not JSON, neither text nor length nor cause", () => {
    const error = refusal(value("s3cret-fixture".repeat(4000)), "a");
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toMatch(/s3cret|56000/);
    expect(error.cause).toBeUndefined();
  });

  test("survives JSON of depth 100,000, also where it must look inside", () => {
    const deep = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)},"b":"x"}`;
    expect(selected(value(deep), "b")).toBe("x");
    expect(selected(value(deep), "a")).toHaveLength(200_000);
    expect(refusal(value(deep.slice(0, -5)), "b").reason).toBe("not-json");
  });

  test("agrees with JSON.parse about every member of every object", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue({ stringUnit: "grapheme" })),
        fc.constantFrom(0, 1, 2),
        (record, indent) => {
          const document = JSON.stringify(record, undefined, indent);
          for (const [key, expected] of Object.entries(JSON.parse(document) as Record<string, unknown>)) {
            const selector = { kind: "pointer", tokens: [key] } as const;
            if (expected === null) continue;
            const { bytes } = select(value(document), selector, context) as { bytes: Uint8Array };
            const text = Buffer.from(bytes).toString("utf8");
            expect(typeof expected === "string" ? text : JSON.parse(text)).toEqual(expected);
          }
        },
      ),
      { numRuns: runsOf(500) },
    );
  });

  test("never fails with anything but INVALID_VALUE, whatever the document", () => {
    const parts = fc.array(fc.constantFrom(...'{}[]:,"\\ a1-.e', "null", "true", '"k":', "\n"), { maxLength: 15 });
    fc.assert(
      fc.property(
        fc.oneof(
          parts.map((all) => all.join("")),
          fc.json(),
        ),
        fc.constantFrom("k", "/k", "/0/k", "/"),
        (document, at) => {
          try {
            selected(value(document), at);
          } catch (error) {
            expect(error).toMatchObject({ name: "SecretError", code: "INVALID_VALUE" });
          }
        },
      ),
      { numRuns: runsOf(2000) },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
