import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runsOf } from "../../test/seeds.ts";
import { SecretError } from "../error/secret-error.ts";
import { assertAlias, assertName, parseReference } from "./reference.ts";

function refusal(run: () => unknown): SecretError {
  try {
    run();
  } catch (error) {
    if (error instanceof SecretError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const segment = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,10}$/);
const name = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join("/"));

describe("parseReference", () => {
  test.each([
    ["db/primary", { text: "db/primary", name: "db/primary", stage: "current" }],
    ["db/primary@current", { text: "db/primary", name: "db/primary", stage: "current" }],
    ["db/primary@previous", { text: "db/primary@previous", name: "db/primary", stage: "previous" }],
    ["tls#tls.crt", { text: "tls#tls.crt", name: "tls", stage: "current", selector: { kind: "key", key: "tls.crt" } }],
    [
      "x@previous#/a~1b/c@d#e",
      {
        text: "x@previous#/a~1b/c@d#e",
        name: "x",
        stage: "previous",
        selector: { kind: "pointer", tokens: ["a/b", "c@d#e"] },
      },
    ],
    ["mail#a@b", { text: "mail#a@b", name: "mail", stage: "current", selector: { kind: "key", key: "a@b" } }],
    ["__proto__".slice(2), { text: "proto__", name: "proto__", stage: "current" }],
    ["constructor", { text: "constructor", name: "constructor", stage: "current" }],
    ["a..b", { text: "a..b", name: "a..b", stage: "current" }],
  ])("reads %j", (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  test.each([
    ["", "empty", "is empty"],
    [" ", "blank", "only white space"],
    ["\n\t", "blank", "only white space"],
    [7, "not-a-string", "must be a string, got number"],
    [null, "not-a-string", "must be a string, got null"],
    [undefined, "not-a-string", "must be a string, got undefined"],
    [["db"], "not-a-string", "must be a string, got an array"],
    [{}, "not-a-string", "must be a string, got object"],
    ["../../etc/passwd", "form", 'position 0: unexpected "."'],
    ["a/../../b", "form", 'position 2: unexpected "."'],
    ["/etc/shadow", "form", 'position 0: unexpected "/"'],
    ["..data/x", "form", 'position 0: unexpected "."'],
    ["a//b", "form", 'position 2: unexpected "/"'],
    ["a/", "form", "position 2: unexpected end"],
    ["a%2f..%2fb", "form", 'position 1: unexpected "%"'],
    ["a?x=1", "form", 'position 1: unexpected "?"'],
    ["a b", "form", "position 1: unexpected U+0020"],
    ["a\u0000b", "form", "position 1: unexpected U+0000"],
    ["a\nb", "form", "position 1: unexpected U+000A"],
    ["a\n", "form", "position 1: unexpected U+000A"],
    ["café", "form", "position 3: unexpected U+00E9"],
    ["k😀", "form", "position 1: unexpected U+1F600"],
    ["__proto__", "form", 'position 0: unexpected "_"'],
    ["@previous", "form", 'position 0: unexpected "@"'],
    ["#key", "form", 'position 0: unexpected "#"'],
    ["a\\b", "form", 'position 1: unexpected "\\"'],
    ["a".repeat(254), "too-long", "longer than 253"],
    ["a@latest", "stage", '"current" or "previous"'],
    ["a@", "stage", '"current" or "previous"'],
    ["a@previous@current", "stage", '"current" or "previous"'],
    ["a#", "selector", "selector after # is empty"],
    ["a#b\u001b[31m", "selector", "control character at position 1"],
    ["a#/b~2", "selector", '"~" at position 2'],
  ])("refuses %j as INVALID_NAME, reason %s", (text, reason, message) => {
    const error = refusal(() => parseReference(text));
    expect(error).toMatchObject({ code: "INVALID_NAME", reason });
    expect(error.message).toContain(message);
    expect(error.tip).toBeDefined();
  });

  test.each([
    "postgres://app:s3cret-fixture@db/x",
    "s3cret-fixture@x",
    "s3cret-fixture@",
    "s3cret-fixture#",
    "s3cret-fixture#/~",
    "x@s3cret-fixture",
  ])("does not quote a text that was passed by mistake: %s", (text) => {
    const error = refusal(() => parseReference(text));
    expect(`${error.stack} ${error.tip} ${JSON.stringify(error)}`).not.toContain("s3cret");
  });

  test("takes a name of 253 characters", () => {
    expect(parseReference("a".repeat(253)).name).toHaveLength(253);
  });

  test("accepts every name of the grammar and gives it back", () => {
    fc.assert(
      fc.property(name, fc.constantFrom("", "@current", "@previous"), (text, stage) => {
        const reference = parseReference(text + stage);
        expect(reference.name).toBe(text);
        expect(parseReference(reference.text)).toEqual(reference);
      }),
    );
  });

  test("either refuses a text with INVALID_NAME or reads a name inside the grammar, and is stable under its own output", () => {
    const alphabet = fc.constantFrom(..."ab.9_-/@#~% \n\0é", "previous", "current", "..");
    const anything = fc.oneof(
      fc.string(),
      fc.array(alphabet, { maxLength: 12 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(anything, (text) => {
        let reference: ReturnType<typeof parseReference>;
        try {
          reference = parseReference(text);
        } catch (error) {
          expect(error).toMatchObject({ name: "SecretError", code: "INVALID_NAME" });
          return;
        }
        expect(reference.name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/);
        expect(reference.name.split("/")).not.toContain("..");
        expect(parseReference(reference.text)).toEqual(reference);
      }),
      { numRuns: runsOf(2000) },
    );
  });
});

describe("assertName", () => {
  test("takes a name and refuses a stage or selector", () => {
    expect(() => assertName("db/primary")).not.toThrow();
    expect(refusal(() => assertName("db@previous")).message).toContain('position 2: unexpected "@"');
    expect(refusal(() => assertName("db#key")).message).toContain('position 2: unexpected "#"');
    expect(refusal(() => assertName(5 as never)).message).toContain("got number");
  });
});

describe("assertAlias", () => {
  test.each(["db", "stripeKey", "a.b", "x y", "constructor"])("takes %j", (alias) => {
    expect(() => assertAlias(alias)).not.toThrow();
  });

  test.each([
    ["db/primary", '"/" (position 2)'],
    ["db@previous", '"@" (position 2)'],
    ["#x", '"#" (position 0)'],
    ["", "empty"],
    [" ", "white space"],
  ])("refuses %j", (alias, message) => {
    const error = refusal(() => assertAlias(alias));
    expect(error.code).toBe("INVALID_NAME");
    expect(error.message).toContain(message);
  });
});
