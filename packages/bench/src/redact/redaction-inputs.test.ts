import { expect, test } from "vitest";
import { alternationOf } from "../peers/regexp-alternation.ts";
import { partsOf, requestLines } from "./log-lines.ts";
import { jsonBody, longTexts, periodicValue } from "./long-texts.ts";
import { registeredValues } from "./registered-values.ts";

test("request lines are JSON of 300 bytes, and come back from their parts", () => {
  const lines = requestLines(Array.from({ length: 200 }, () => undefined));
  for (const line of lines) {
    expect(Math.abs(line.length - 300)).toBeLessThan(10);
    expect(JSON.parse(line)).toMatchObject({ msg: "request completed" });
    expect(partsOf(line).join("")).toBe(line);
  }
});

test("a request line holds the value that it is given", () => {
  expect(requestLines([undefined, "s3cret-fixture"])[1]).toContain('"Bearer s3cret-fixture"');
});

test.each(["tokens", "issued", "mixed"] as const)(
  "registered values (%s) are all different, and others by seed",
  (mixture) => {
    const all = [...registeredValues(1_000, mixture), ...registeredValues(1_000, mixture, 2)];
    expect(new Set(all).size).toBe(2_000);
  },
);

test.each([...longTexts])("long texts of %s are as long as asked for", (_, textOf) => {
  expect(textOf(65_536)).toHaveLength(65_536);
});

test("the periodic value stands in its text, and a JSON body holds nothing to undo", () => {
  expect(longTexts.get("letters in a circle, a registered value")?.(100)).toContain(periodicValue);
  expect(jsonBody(10_000, 1)).toMatch(/^[^\\%&\n]{10000}$/);
});

test("the RegExp finds a value as it is, in hex, and in base64 wherever it begins", () => {
  const value = 'p4ss.w(o)rd"with\\signs';
  const regexp = alternationOf(["another-value", value]);
  const bytes = (before: string) => Buffer.from(`${before}${value} and more`);
  const texts = [value, bytes("").toString("hex"), bytes("").toString("hex").toUpperCase()];
  for (const before of ["", "a", "ab", "abc"])
    texts.push(bytes(before).toString("base64"), bytes(before).toString("base64url"));
  for (const text of texts) expect(`<${text}>`.replace(regexp, "-")).toContain("-");
  expect("p4sswordwithsigns".match(regexp)).toBeNull();
});
