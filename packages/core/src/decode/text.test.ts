import { describe, expect, test } from "vitest";
import { z } from "zod";
import { decode, password, payload, read, refusal } from "../../test/decoding.ts";
import { object } from "./object.ts";
import { type TextOptions, text } from "./text.ts";
import { toCodec } from "./to-codec.ts";

type Raw = string | Uint8Array;

describe("text", () => {
  test.each<[Raw, TextOptions, string]>([
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
  ])("reads %j with %j as %j", async (raw, options, expected) => {
    expect(await read(text(options), raw)).toBe(expected);
  });

  test.each<[Raw, TextOptions, string]>([
    ["", {}, "empty"],
    ["\n", {}, "empty"],
    [" \t\r\n", {}, "empty"],
    ["\uFEFF", {}, "empty"],
    ["\n", { trim: false }, "empty"],
    [Uint8Array.of(0xff, 0xfe, 0), {}, "not-utf8"],
    [Uint8Array.of(0xc3), {}, "not-utf8"],
    [Uint8Array.of(0xed, 0xa0, 0x80), {}, "not-utf8"],
    [`${password}\0`, {}, "nul-character"],
    ["\0", { trim: false, allowEmpty: true }, "nul-character"],
  ])("refuses %j with %j, reason %s", async (raw, options, reason) => {
    expect((await refusal(text(options), raw)).reason).toBe(reason);
  });

  test.each([
    ["without its mark", Buffer.from(password, "utf16le"), "nul-character"],
    ["with its mark", Buffer.from(`\uFEFF${password}`, "utf16le"), "not-utf8"],
    ["of the other order", Buffer.from(`\uFEFF${password}`, "utf16le").swap16(), "not-utf8"],
  ])("refuses UTF-16 %s and says so", async (_what, encoded, reason) => {
    const error = await refusal(text(), encoded);
    expect(error).toMatchObject({ reason, tip: expect.stringContaining("UTF-16") as string });
    expect(await refusal(object(["a"]), { a: encoded })).toMatchObject({ reason, tip: error.tip });
  });

  test("makes no string, only a view of the bytes given", async () => {
    const content = payload(`${password}\n`) as { bytes: Uint8Array };
    const decoded = (await decode(text(), content.bytes)) as { bytes: Uint8Array };
    expect(decoded.bytes).toHaveLength(password.length);
    const same = text().decode(content as never, { reference: "db/primary", expose() {} }) as { bytes: Uint8Array };
    expect(same.bytes.buffer).toBe(content.bytes.buffer);
  });

  test("never unwraps a single field, and says how to ask for it", async () => {
    const error = await refusal(text(), { password });
    expect(error).toMatchObject({ reason: "fields-not-value" });
    expect(error.message).toContain('it has: "password"');
    expect(error.tip).toContain("db/primary#password");
  });
});

describe("text with a schema", () => {
  const schema = z
    .string()
    .startsWith("sk_live_")
    .transform((key) => key.length);

  test("gives what the schema makes of the trimmed text", async () => {
    expect(await read(text(schema), "sk_live_1\n")).toBe(9);
    expect(await read(text(schema, { trim: false }), "sk_live_1\n")).toBe(10);
    expect(await read(text(z.coerce.number()), "5432\n")).toBe(5432);
  });

  test("shows the text to the redactor before the schema", async () => {
    const shown: unknown[] = [];
    const seen = z.string().refine(() => shown.push("schema") > 0);
    await decode(text(seen), "sk_live_1\n", (value) => shown.push(value));
    expect(shown).toEqual(["sk_live_1", "schema"]);
  });

  test.each<[string, Raw, TextOptions, string]>([
    ["a value that does not fit", password, {}, "schema"],
    ["an empty value, without asking the schema", "\n", {}, "empty"],
    ["an empty value that the schema refuses", "\n", { allowEmpty: true }, "schema"],
    ["bytes", Uint8Array.of(0xff), {}, "not-utf8"],
    ["a NUL", `sk_live_${password}\0`, {}, "nul-character"],
  ])("refuses %s", async (_what, raw, options, reason) => {
    expect((await refusal(text(schema, options), raw)).reason).toBe(reason);
  });

  test("tells the code of the schema for the whole value", async () => {
    const error = await refusal(text(schema), password);
    expect(error.issues).toEqual([{ path: "", code: "invalid_format" }]);
    expect(error.message).toBe('"db/primary" does not match its schema at: the whole value (invalid_format)');
  });

  test("is what the error of a schema alone names for a value that is plain text", async () => {
    for (const content of [password, "[1]"])
      expect((await refusal(toCodec(schema), content)).tip).toContain("text(schema)");
  });
});
