import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { decode, password, read, refusal } from "../../test/decoding.ts";
import { base64 } from "./base64.ts";
import { base64Bytes } from "./base64-bytes.ts";
import { bytes } from "./bytes.ts";
import { json } from "./json.ts";
import { text } from "./text.ts";

const encoded = (raw: string): string => Buffer.from(raw).toString("base64");

describe("base64", () => {
  test.each([
    ["text", base64(), encoded("p?>w\n"), "p?>w"],
    ["text in the URL-safe alphabet, without padding", base64(text()), "cD8-dw", "p?>w"],
    ["text that was wrapped", base64(), `${encoded("x".repeat(80)).replace(/.{76}/, "$&\n")}\n`, "x".repeat(80)],
    [
      "text with the line ends of another system",
      base64(),
      `${encoded("abc").slice(0, 2)}\r\n${encoded("abc").slice(2)}\r\n`,
      "abc",
    ],
    ["bytes", base64(bytes()), "AP8A", Buffer.of(0, 0xff, 0)],
    ["JSON", base64(json()), encoded('{"a":1}'), { a: 1 }],
    ["fields through a schema alone", base64(z.object({ a: z.string() })), encoded('{"a":"x"}'), { a: "x" }],
    ["base64 twice", base64(base64()), encoded(encoded("x")), "x"],
    ["nothing, where that is allowed", base64(text({ allowEmpty: true })), "", ""],
  ])("reads %s", async (_what, codec, content, expected) => {
    expect(await read<unknown>(codec as never, content)).toEqual(expected);
  });

  test.each<[string, string, string | Uint8Array]>([
    ["what is no base64", "not-base64", `${password}!`],
    ["one digit too many", "not-base64", "YWJjZ"],
    ["too much padding", "not-base64", "YWI=="],
    ["padding in between", "not-base64", "YWI=YWI="],
    ["two alphabets at once", "not-base64", "-_+/"],
    ["bytes", "not-utf8", Uint8Array.of(0xff)],
    ["what decodes to no text", "not-utf8", "/w=="],
    ["nothing", "empty", "\n"],
  ])("refuses %s", async (_what, reason, content) => {
    expect((await refusal(base64(), content)).reason).toBe(reason);
  });

  test("says what was read: a value that only looks like base64 decodes to anything", async () => {
    const plain = await refusal(base64(), "s3cret-fixture");
    expect(plain.message).toBe('the value of "db/primary" cannot be read as UTF-8 text, once its base64 is decoded');
    expect(plain.tip).toBe(
      "Read a value that is not base64 without base64(). Read it with bytes(), and select a field if there are several.",
    );
    const schema = await refusal(base64(text(z.string().max(1))), encoded("s3cret-fixture"));
    expect(schema.message).toBe('"db/primary" does not match its schema at: the whole value (too_big)');
  });

  test("refuses fields, and means one view at every call", async () => {
    expect((await refusal(base64(), { password })).reason).toBe("fields-not-value");
    expect(base64()).toBe(base64(text()));
    expect(base64(bytes())).toBe(base64(bytes()));
    expect(base64()).not.toBe(base64(bytes()));
  });

  test("lets the redactor see what a schema sees", async () => {
    const shown: unknown[] = [];
    await decode(base64(text(z.string())), encoded("s3cret-fixture"), (value) => shown.push(value));
    expect(shown).toEqual(["s3cret-fixture"]);
  });
});

describe("base64Bytes", () => {
  test("gives back what any encoder wrote, in memory of its own", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom("base64", "base64url"), (raw, encoding) => {
        const decoded = base64Bytes(Buffer.from(raw).toString(encoding as BufferEncoding), "either");
        expect(decoded).toEqual(Buffer.from(raw));
        expect(decoded?.buffer.byteLength).toBe(raw.length);
      }),
    );
  });

  test("takes the standard alphabet alone where it is asked to", () => {
    expect(base64Bytes("-_-_", "standard")).toBeUndefined();
    expect(base64Bytes("+/+/", "standard")).toEqual(Buffer.from("+/+/", "base64"));
  });
});
