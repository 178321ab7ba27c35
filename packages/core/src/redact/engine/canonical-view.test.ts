import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runsOf } from "../../../test/seeds.ts";
import { canonicalBytes, canonicalView } from "./canonical-view.ts";

const viewOf = (text: string): string => Buffer.from(canonicalBytes(text)).toString("utf8");

describe("the canonical view", () => {
  test.each([
    ["", ""],
    ["s3cret-fixture", "s3cret-fixture"],
    ["correct horse\tbattery\r\n", "correcthorsebattery"],
    [`it's "quoted" \`here\``, "itsquotedhere"],
    ["a\\/b\\\\c\\nd\\te", "a/bcde"],
    ["\\u0073\\u{65}\\x63", "sec"],
    ["\\ud83d\\ude00", "😀"],
    ["\\ud83d", "\ufffd"],
    ["😀é日", "😀é日"],
    ["%73%65%C3%A9", "seé"],
    ["%2573", "s"],
    ["%25%32%35%37%33", "s"],
    ["%5C%22s%5Cn", "s"],
    ["100% of %zz", "100%of%zz"],
    ["&lt;&#115;&#x65;&amp;amp;lt;&apos;&quot;", "<se<"],
    ["&amp;quot;%2526lt%253B", "<"],
    ["&unknown; & &#;", "&unknown;&&#;"],
    ["%\\u0034\\u0031", "A"],
    ["'abc' +\n  'def'", "abcdef"],
    ["1+2", "1+2"],
    ["a +b", "a+b"],
    ["\\", ""],
    ["\\\\\\\\", ""],
  ])("of %j is %j", (text, view) => {
    expect(viewOf(text)).toBe(view);
  });

  test("is the same through any nesting of JSON, URLs and HTML", () => {
    const html = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
    const layers = [JSON.stringify, encodeURIComponent, html] as const;
    const text = fc.stringMatching(/^[a-z0-9éß日<>/"\\ ]{1,20}$/).filter((one) => !/\\[abfnrtvux]/.test(one));
    fc.assert(
      fc.property(text, fc.array(fc.constantFrom(...layers), { maxLength: 4 }), (one, nesting) => {
        expect(viewOf(nesting.reduce((inner, layer) => layer(inner), one))).toBe(viewOf(one));
      }),
      { numRuns: runsOf(500) },
    );
  });

  test("knows where each of its characters stands in the original", () => {
    const text = 'x "\\u0073%65cr&#101;t" é';
    const view = canonicalView(text);
    const at = view.text.indexOf("secret");
    const pieces = Array.from({ length: 6 }, (_, index) =>
      text.slice(view.startOf(at + index), view.endOf(at + index)),
    );
    expect(pieces).toEqual(["\\u0073", "%65", "c", "r", "&#101;", "t"]);
    expect(text.slice(view.startWith(at, 1), view.endWith(at + 5, 1))).toBe('"\\u0073%65cr&#101;t"');
    expect(text.slice(view.startWith(at, 9), view.endWith(at + 5, 9))).toBe(' "\\u0073%65cr&#101;t" ');
  });

  test("keeps its origins where escapes stand in escapes", () => {
    const text = "<%\\u0034\\u0031>";
    const view = canonicalView(text);
    expect(text.slice(view.startOf(1), view.endOf(1))).toBe("%\\u0034\\u0031");
  });

  test("of a text longer than any line is read whole", () => {
    const text = `${"é\\n".repeat(20_000)}s3cret`;
    expect(viewOf(text)).toBe(`${"é".repeat(20_000)}s3cret`);
  });
});
