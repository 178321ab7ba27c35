import { describe, expect, test } from "vitest";
import { createSecrets } from "../client/secrets.ts";
import type { SecretError } from "../error/secret-error.ts";
import { type Declarations, type Declared, declareSecrets } from "./declare.ts";

function problemOf(declarations: unknown): SecretError {
  try {
    declareSecrets(declarations as Declarations);
  } catch (error) {
    return error as SecretError;
  }
  throw new Error("it was taken");
}

describe("declareSecrets", () => {
  test.each<[string, unknown, string]>([
    ["no object", { a: "db/primary" }, "must be an object"],
    ["null", { a: null }, "must be an object"],
    ["an option that is misspelled", { a: { ref: "a", optinal: true } }, 'did you mean "optional"?'],
    ["optional: false", { a: { ref: "a", optional: false } }, "`optional`"],
    ["an unknown onDelete", { a: { ref: "a", onDelete: "forget" } }, "`onDelete`"],
    ["accept that is no function", { a: { ref: "a", accept: true } }, "`accept`"],
    ["an unknown mask", { a: { ref: "a", mask: "sometimes" } }, "`mask`"],
    ["an unknown mask of a field", { a: { ref: "a", mask: { host: "sometimes" } } }, "`mask`"],
  ])("refuses %s", (_what, declarations, message) => {
    const error = problemOf(declarations);
    expect(error).toMatchObject({ code: "INVALID_CONFIG", reason: "declaration" });
    expect(error.message).toContain(message);
  });

  test.each<[string, unknown, string]>([
    ["no reference", { a: {} }, "INVALID_NAME"],
    ["a reference that is no text", { a: { ref: 5 } }, "INVALID_NAME"],
    ["a reference out of the grammar", { a: { ref: "../a" } }, "INVALID_NAME"],
    ["an alias with a slash", { "a/b": { ref: "a" } }, "INVALID_NAME"],
    ["an alias with a stage", { "a@b": { ref: "a" } }, "INVALID_NAME"],
    ["an alias with a selector", { "a#b": { ref: "a" } }, "INVALID_NAME"],
    ["a decoder that is none", { a: { ref: "a", as: {} } }, "INVALID_CONFIG"],
    ["an overlap without a unit", { a: { ref: "a", overlap: "15" } }, "INVALID_CONFIG"],
    ["a rotateEvery of zero", { a: { ref: "a", rotateEvery: "0s" } }, "INVALID_CONFIG"],
    ["a rotateEvery that is a number", { a: { ref: "a", rotateEvery: 90 } }, "INVALID_CONFIG"],
  ])("refuses %s with the error of what is wrong", (_what, declarations, code) => {
    expect(problemOf(declarations).errors).toEqual([expect.objectContaining({ code })]);
  });

  test("tells all problems at once", () => {
    const error = problemOf({ a: { ref: "/a" }, fine: { ref: "b" }, c: { ref: "c", onDelete: 1 }, d: null });
    expect(error.errors).toHaveLength(3);
    for (const { message } of error.errors ?? []) expect(error.message).toContain(message);
  });

  test("is not changed by what becomes of its argument", () => {
    const declarations: Record<string, { ref: string }> = { a: { ref: "a" } };
    const declared = declareSecrets(declarations);
    declarations.b = { ref: "b" };
    expect(Object.keys(declared.declarations)).toEqual(["a"]);
    expect(Object.isFrozen(declared)).toBe(true);
  });
});

describe("createSecrets", () => {
  test("throws at once for a malformed declaration, and for nothing else", () => {
    const forged = { declarations: { a: { ref: "../a" } } } as unknown as Declared;
    expect(() => createSecrets({ declare: forged })).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }));
    expect(() => createSecrets({ config: { routes: "nonsense" } as never })).not.toThrow();
  });
});
