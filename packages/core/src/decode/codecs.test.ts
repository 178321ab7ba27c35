import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { SecretPayload } from "../contract/contract.ts";
import type { SecretError } from "../error/secret-error.ts";
import { bytes } from "./bytes.ts";
import type { Codec, Decoded } from "./codec.ts";
import { json } from "./json.ts";
import { object } from "./object.ts";
import { text } from "./text.ts";

type Raw = string | Uint8Array;

const value = (raw: Raw): SecretPayload => ({ kind: "value", bytes: Buffer.from(raw as string) });
const fields = (record: Record<string, Raw>): SecretPayload => ({
  kind: "fields",
  fields: new Map(Object.entries(record).map(([key, raw]) => [key, Buffer.from(raw as string)])),
});

function decode<T>(codec: Codec<T>, content: SecretPayload, log: string[] = []): Decoded<T> | Promise<Decoded<T>> {
  return codec.decode(content, { reference: "db/primary", expose: () => void log.push("expose") });
}

/** What a reveal would give. */
async function read<T>(codec: Codec<T>, content: SecretPayload): Promise<unknown> {
  const decoded = await decode(codec, content);
  if (decoded.kind === "text") return Buffer.from(decoded.bytes).toString("utf8");
  return decoded.kind === "bytes" ? decoded.bytes : decoded.value;
}

async function refusal<T>(codec: Codec<T>, content: SecretPayload): Promise<SecretError> {
  try {
    await decode(codec, content);
  } catch (error) {
    return error as SecretError;
  }
  throw new Error("nothing was refused");
}

describe("text", () => {
  test.each<[Raw, Parameters<typeof text>[0], string]>([
    ["plain", {}, "plain"],
    ["line\n", {}, "line"],
    ["line\r\n", {}, "line"],
    ["line\n\n", {}, "line\n"],
    ["line\r", {}, "line\r"],
    [" inner  spaces \t", {}, " inner  spaces \t"],
    ["\uFEFFvalue\r\n", {}, "value"],
    ["\uFEFFvalue\r\n", { trim: false }, "\uFEFFvalue\r\n"],
    ["line\n", { trim: false }, "line\n"],
    ["", { allowEmpty: true }, ""],
    ["\n", { allowEmpty: true }, ""],
    ["  ", { allowEmpty: true }, "  "],
    ["é😀\n", {}, "é😀"],
    ["a\u0000b", {}, "a\u0000b"],
  ])("reads %j with %j as %j", async (raw, options, expected) => {
    expect(await read(text(options), value(raw))).toBe(expected);
  });

  test.each<[Raw, Parameters<typeof text>[0], string]>([
    ["", {}, "empty"],
    ["\n", {}, "empty"],
    [" \t\r\n", {}, "empty"],
    ["\uFEFF", {}, "empty"],
    ["\n", { trim: false }, "empty"],
    [Uint8Array.of(0xff, 0xfe, 0), {}, "not-utf8"],
    [Uint8Array.of(0xc3), {}, "not-utf8"],
    [Uint8Array.of(0xed, 0xa0, 0x80), {}, "not-utf8"],
  ])("refuses %j with %j, reason %s", async (raw, options, reason) => {
    expect(await refusal(text(options), value(raw))).toMatchObject({
      code: "INVALID_VALUE",
      reason,
      reference: "db/primary",
    });
  });

  test("makes no string, only a view of the bytes given", async () => {
    const content = value("s3cret-fixture\n") as { bytes: Uint8Array };
    const decoded = (await decode(text(), content as SecretPayload)) as { bytes: Uint8Array };
    expect(decoded.bytes.buffer).toBe(content.bytes.buffer);
  });

  test("never unwraps a single field, and says how to ask for it", async () => {
    const error = await refusal(text(), fields({ password: "s3cret-fixture" }));
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "fields-not-value" });
    expect(error.message).toContain('Fields: "password"');
    expect(error.tip).toContain("db/primary#password");
    expect(`${error.message} ${error.tip}`).not.toContain("s3cret");
  });
});

describe("bytes", () => {
  test("reads every byte, untrimmed", async () => {
    const raw = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(await read(bytes(), value(raw))).toEqual(Buffer.from(raw));
    expect(await read(bytes(), value("line\n"))).toEqual(Buffer.from("line\n"));
    expect(await read(bytes(), value(" "))).toEqual(Buffer.from(" "));
  });

  test("refuses an empty value unless it is allowed", async () => {
    expect((await refusal(bytes(), value(""))).reason).toBe("empty");
    expect(await read(bytes({ allowEmpty: true }), value(""))).toHaveLength(0);
    expect((await refusal(bytes(), fields({ a: "1" }))).reason).toBe("fields-not-value");
  });
});

describe("json", () => {
  test("keeps JSON's own types, with or without a schema", async () => {
    expect(await read(json(), value('\uFEFF {"port":5432,"on":true,"none":null}\n'))).toEqual({
      port: 5432,
      on: true,
      none: null,
    });
    expect(await read(json(z.object({ port: z.number() })), value('{"port":5432}'))).toEqual({ port: 5432 });
    expect(await read(json(), value("[1]"))).toEqual([1]);
  });

  test.each<[SecretPayload, string]>([
    [value("s3cret-fixture"), "not-json"],
    [value('{"a":1'), "not-json"],
    [value('{"a":{"b":"s3cret-fixture","b":1}}'), "duplicate-key"],
    [value('["s3cret-fixture\\ud800"]'), "not-utf8"],
    [value(Uint8Array.of(0xff)), "not-utf8"],
    [value(""), "empty"],
    [fields({ a: "1" }), "fields-not-value"],
  ])("refuses %j, reason %s", async (content, reason) => {
    const error = await refusal(json(), content);
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason });
    expect(`${error.stack} ${error.tip} ${String(error.cause)}`).not.toContain("s3cret");
  });
});

describe("object with names", () => {
  const pair = object(["username", "password"]);

  test.each<[string, SecretPayload]>([
    ["fields", fields({ username: "app\n", password: "s3cret-fixture\r\n", other: "x" })],
    ["a JSON value", value('{"username":"app","password":"s3cret-fixture\\n","other":null}')],
  ])("reads %s as the same frozen plain object", async (_, content) => {
    const result = await read(pair, content);
    expect(result).toEqual({ username: "app", password: "s3cret-fixture" });
    expect(Object.isFrozen(result)).toBe(true);
  });

  test("presents JSON that is not text as its source", async () => {
    const codec = object(["port", "on", "list", "__proto__"]);
    const content = value('{"port":12345678901234567890,"on":true,"list":[1, 2],"__proto__":{"polluted":1}}');
    const result = (await read(codec, content)) as Record<string, string>;
    expect(Object.entries(result)).toEqual([
      ["port", "12345678901234567890"],
      ["on", "true"],
      ["list", "[1, 2]"],
      ["__proto__", '{"polluted":1}'],
    ]);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each<[string, SecretPayload, string]>([
    ["a missing field", fields({ username: "u" }), "field-missing"],
    ["a null member", value('{"username":"u","password":null}'), "field-missing"],
    ["an inherited name", value('{"username":"u","toString":"x"}'), "field-missing"],
    ["an empty field", fields({ username: "u", password: "" }), "empty"],
    ["a field of one line end", fields({ username: "u", password: "\n" }), "empty"],
    ["an empty string member", value('{"username":"u","password":""}'), "empty"],
    ["a binary field", fields({ username: "u", password: Uint8Array.of(0xff) }), "not-utf8"],
    ["a value that is not JSON", value("s3cret-fixture"), "not-json"],
    ["a JSON array", value("[]"), "not-object"],
    [
      "a member that is there twice",
      value('{"username":"u","password":"s3cret-fixture","password":"p"}'),
      "duplicate-key",
    ],
    [
      "a member with half of a surrogate pair",
      value('{"username":"u","password":"s3cret-fixture\\udc00"}'),
      "not-utf8",
    ],
    ["JSON null", value("null"), "not-object"],
    ["an empty value", value(" \n"), "empty"],
  ])("refuses %s, reason %s", async (_, content, reason) => {
    const error = await refusal(pair, content);
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason, reference: "db/primary" });
    if (reason === "field-missing") expect(error.message).toContain('lacks "password"; it has: "username"');
    expect(`${error.stack} ${error.tip}`).not.toContain("s3cret");
  });

  test("takes empty fields where that is allowed", async () => {
    expect(await read(object(["a"], { allowEmpty: true }), fields({ a: "\n" }))).toEqual({ a: "" });
  });

  test("runs no code of the application, so it exposes nothing", async () => {
    const log: string[] = [];
    await decode(object(["a"]), fields({ a: "x" }), log);
    await decode(json(), value("{}"), log);
    expect(log).toEqual([]);
  });
});

describe("object with a schema", () => {
  test("reads fields and JSON alike through coercion", async () => {
    const codec = object(z.object({ port: z.coerce.number(), on: z.stringbool(), user: z.string() }));
    const expected = { port: 5432, on: true, user: "app" };
    expect(await read(codec, fields({ port: "5432\n", on: "true", user: "app" }))).toEqual(expected);
    expect(await read(codec, value('{"port":5432,"on":true,"user":"app"}'))).toEqual(expected);
  });

  test("presents binary fields as bytes, empty ones as empty strings, null and nested JSON as they are", async () => {
    const anything = object(z.record(z.string(), z.unknown()));
    expect(await read(anything, fields({ key: Uint8Array.of(0xff, 0), none: "" }))).toEqual({
      key: Uint8Array.of(0xff, 0),
      none: "",
    });
    expect(await read(anything, value('{"a":{"b":1.5},"c":null,"d":1.50,"e":""}'))).toEqual({
      a: { b: 1.5 },
      c: null,
      d: "1.50",
      e: "",
    });
  });
});

describe("a schema", () => {
  const standard = (validate: (input: unknown) => unknown) =>
    ({ "~standard": { version: 1, vendor: "test", validate } }) as never;

  test("sees the value only after it was exposed", async () => {
    const log: string[] = [];
    const schema = standard((input) => {
      log.push("validate");
      return { value: input };
    });
    await decode(object(schema), fields({ a: "x" }), log);
    await decode(json(schema), value("1"), log);
    expect(log).toEqual(["expose", "validate", "expose", "validate"]);
  });

  test.each<[string, unknown]>([
    ["answers issues", () => ({ issues: [{ message: "got s3cret-fixture", path: ["a", { key: "b" }, 0] }] })],
    [
      "answers issues later",
      async () => ({ issues: [{ message: "got s3cret-fixture", path: ["a", { key: "b" }, 0] }] }),
    ],
  ])("that %s is told by the paths alone", async (_, validate) => {
    const error = await refusal(json(standard(validate as never)), value("{}"));
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "schema" });
    expect(error.message).toContain('at: "a.b.0"');
    expect(`${error.stack} ${error.tip}`).not.toContain("s3cret");
  });

  test.each<[string, unknown]>([
    [
      "throws",
      () => {
        throw new TypeError("cannot read s3cret-fixture");
      },
    ],
    [
      "rejects",
      async () => {
        throw new TypeError("cannot read s3cret-fixture");
      },
    ],
  ])("that %s leaves nothing of its message", async (_, validate) => {
    const error = await refusal(json(standard(validate as never)), value("{}"));
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "schema" });
    const { cause } = error as { cause?: Error };
    expect(cause?.name).toBe("TypeError");
    expect(`${error.stack} ${cause?.stack}`).not.toContain("s3cret");
  });

  test("of zod names every place once", async () => {
    const codec = object(z.object({ port: z.coerce.number(), user: z.string().min(3).max(1) }));
    const error = await refusal(codec, fields({ port: "s3cret-fixture", user: "ab" }));
    expect(error.message).toContain('at: "port", "user".');
    expect(error.message).not.toContain("s3cret");
  });
});
