import { expect, test } from "vitest";
import { payloadCopy, privateBytes, privatePayload, sameContent } from "./content.ts";
import type { SecretPayload } from "./contract.ts";

const value = (text: string): SecretPayload => ({ kind: "value", bytes: Buffer.from(text) });
const fields = (record: Record<string, string>): SecretPayload => ({
  kind: "fields",
  fields: new Map(Object.entries(record).map(([key, text]) => [key, Buffer.from(text)])),
});

test("privateBytes copies into memory shared only by its copies, which do not overlap", () => {
  const texts = [...Array.from({ length: 2_000 }, (_, index) => `s3cret-fixture-${index}`), "", "x".repeat(100_000)];
  const originals = texts.map((text) => Buffer.from(text));
  const copies = originals.map(privateBytes);
  for (const original of originals) original.fill(0);
  expect(copies.map((copy) => Buffer.from(copy).toString())).toEqual(texts);
  expect(copies.map(({ buffer }) => buffer)).not.toContain(Buffer.from("pooled").buffer);
});

test("privateBytes uses a separate block for a long value, so that it keeps no others in memory", () => {
  expect(privateBytes(new Uint8Array(10_000)).buffer.byteLength).toBe(10_000);
});

test("payloadCopy returns memory that contains nothing else", () => {
  const payload = privatePayload(fields({ a: "s3cret-fixture", b: "x" }));
  const copy = payloadCopy(payload);
  if (copy.kind !== "fields") throw new Error("no fields");
  for (const bytes of copy.fields.values()) expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
  for (const bytes of copy.fields.values()) bytes.fill(0);
  expect(sameContent(payload, fields({ a: "s3cret-fixture", b: "x" }))).toBe(true);
});

test("privatePayload copies all fields and keeps names and kind", () => {
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
