import { expect, test } from "vitest";
import { quoted } from "./quoted.ts";

test.each([
  ["Orders", '"Orders"'],
  ["Zahlungsverkehr für Köln", '"Zahlungsverkehr für Köln"'],
  ["\u001b[2J\r\n", '"\\u001b[2J\\r\\n"'],
  ["\u009b2J\u007f", '"\\u009b2J\\u007f"'],
  ["\u202egnp\u2028", '"\\u202egnp\\u2028"'],
  ['a" and "b', '"a\\" and \\"b"'],
  ["\u{e0041}", '"\\udb40\\udc41"'],
  [undefined, '"undefined"'],
])("the name %j is quoted as %s", (name, expected) => {
  expect(quoted(name)).toBe(expected);
});
