import { expect, test } from "vitest";
import { privateBytes, privatePayload, sameContent } from "./content.ts";
import type { SecretPayload } from "./contract.ts";

const value = (text: string): SecretPayload => ({ kind: "value", bytes: Buffer.from(text) });
const fields = (record: Record<string, string>): SecretPayload => ({
  kind: "fields",
  fields: new Map(Object.entries(record).map(([key, text]) => [key, Buffer.from(text)])),
});

test("privateBytes copies into memory that nothing else shares", () => {
  const original = Buffer.from("s3cret-fixture");
  const copy = privateBytes(original);
  original.fill(0);
  expect(Buffer.from(copy).toString()).toBe("s3cret-fixture");
  expect(copy.buffer.byteLength).toBe(14);
  expect(privateBytes(new Uint8Array(0))).toHaveLength(0);
});

test("privatePayload copies every field and keeps names and kind", () => {
  const password = Buffer.from("s3cret-fixture");
  const copy = privatePayload({ kind: "fields", fields: new Map([["__proto__", password]]) });
  password.fill(0);
  expect(copy.kind === "fields" && Buffer.from(copy.fields.get("__proto__") ?? []).toString()).toBe("s3cret-fixture");
});

test.each<[string, boolean, SecretPayload, SecretPayload]>([
  ["equal values", true, value("a"), value("a")],
  ["different values", false, value("a"), value("b")],
  ["a value and a longer one", false, value("a"), value("ab")],
  ["fields in another order", true, fields({ a: "1", b: "2" }), fields({ b: "2", a: "1" })],
  ["fields with another value", false, fields({ a: "1" }), fields({ a: "2" })],
  ["fields with another name", false, fields({ a: "1" }), fields({ b: "1" })],
  ["one field more", false, fields({ a: "1" }), fields({ a: "1", b: "2" })],
  ["no fields", true, fields({}), fields({})],
  ["a value and fields", false, value("1"), fields({ a: "1" })],
  ["fields and a value", false, fields({ a: "1" }), value("1")],
])("sameContent of %s is %s", (_, expected, a, b) => {
  expect(sameContent(a, b)).toBe(expected);
  expect(sameContent(a, a)).toBe(true);
});
