import { SecretError } from "@tacit/core/provider";
import { expect, test } from "vitest";
import { assertJson, jsonAt, jsonBytes, jsonObjectFields } from "./json-content.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test.each([
  ["", '{"a/b":{"~c":[1,{"d":2.50}]},"n":null}'],
  ["/a~1b/~0c/1/d", "2.50"],
  ["/a~1b/~0c/0", "1"],
  ["/n", "null"],
  ["/a~1b/~0c/2", undefined],
  ["/absent/d", undefined],
  ["/n/d", undefined],
  ["/constructor", undefined],
])("the pointer %s selects the text %s", (pointer, expected) => {
  expect(jsonAt(' {"a/b":{"~c":[1,{"d":2.50}]},"n":null}\n', pointer)).toBe(expected);
});

test("members become fields with their text unchanged, null becomes none, and __proto__ is an ordinary key", () => {
  const fields = jsonObjectFields(
    '{"text":"\\u00e4","big":12345678901234567890,"list":[1, 2],"none":null,"__proto__":"p"}',
  );
  expect([...fields].map(([key, bytes]) => [key, text(bytes)])).toEqual([
    ["text", "ä"],
    ["big", "12345678901234567890"],
    ["list", "[1, 2]"],
    ["__proto__", "p"],
  ]);
});

test("half of a surrogate pair is refused, and the bytes of a value are not shared", () => {
  expect(() => jsonBytes('"\\ud800"')).toThrow(expect.objectContaining({ code: "INVALID_VALUE", reason: "not-utf8" }));
  const bytes = jsonBytes('"s3cret-fixture"');
  expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
});

test.each([
  ['{"a":1,"a":2}', "duplicate-key"],
  ['{"a":"\\ud800"}', "not-utf8"],
  ["{", "malformed-answer"],
  ['{"a":1', "malformed-answer"],
])("%s is refused as %s", (source, reason) => {
  const notJson = (): SecretError => new SecretError("INTERNAL", "no JSON", { reason: "malformed-answer" });
  expect(() => assertJson(source, notJson)).toThrow(expect.objectContaining({ reason }));
});
