import { describe, expect, test } from "vitest";
import { createSecrets } from "../client/secrets.ts";
import { base64 } from "../decode/base64.ts";
import { object } from "../decode/object.ts";
import { tlsPair } from "../decode/tls-pair.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { Declarations, Declared } from "./declaration.ts";
import { declareSecrets } from "./declare.ts";

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
    ["optional that is text", { a: { ref: "a", optional: "no" } }, "`optional`"],
    ["an unknown onDelete", { a: { ref: "a", onDelete: "forget" } }, "`onDelete`"],
    ["accept that is no function", { a: { ref: "a", accept: true } }, "`accept`"],
    ["an unknown mask", { a: { ref: "a", mask: "sometimes" } }, "`mask`"],
    [
      "a mask for a field that is not read",
      { a: { ref: "a", as: object(["username", "password"]), mask: { pasword: "never" } } },
      'has a `mask` for "pasword", which its decoder does not read; did you mean "password"?',
    ],
    [
      "a mask for a field of no pair",
      { a: { ref: "a", as: base64(tlsPair()), mask: { port: "never" } } },
      'it reads "tls.crt", "tls.key", "ca.crt"',
    ],
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
    ["a rotateEvery that is no number", { a: { ref: "a", rotateEvery: Number.NaN } }, "INVALID_CONFIG"],
    ["an overlap below zero", { a: { ref: "a", overlap: -1 } }, "INVALID_CONFIG"],
  ])("refuses %s with the underlying error", (_what, declarations, code) => {
    const { errors } = problemOf(declarations);
    const [alias] = Object.keys(declarations as object);
    expect(errors).toEqual([expect.objectContaining({ code, reference: alias })]);
    expect(errors?.[0]?.message).toMatch(new RegExp(`^\`?(ref|the alias|as|overlap|rotateEvery)\`? of "${alias}"`));
  });

  test("reports all problems of one declaration", () => {
    const { errors } = problemOf({ "a/b": { ref: "../a", optinal: true, overlap: "15", accept: 1, wait: 2 } });
    expect(errors?.map(({ message }) => message)).toEqual([
      'the alias of "a/b": an alias may not contain "/" (position 1)',
      'the declaration of "a/b" has no option "optinal"; did you mean "optional"?',
      'the declaration of "a/b" has no option "wait"; there are ref, as, optional, accept, onDelete, overlap, rotateEvery, mask',
      '`accept` of "a/b" must be a function',
      '`ref` of "a/b": the reference is malformed at position 0: unexpected "."',
      '`overlap` of "a/b" needs a unit',
    ]);
  });

  test("reports all problems of all declarations", () => {
    const error = problemOf({ a: { ref: "/a" }, fine: { ref: "b" }, c: { ref: "c", onDelete: 1 }, d: null });
    expect(error.errors).toHaveLength(3);
    for (const { message } of error.errors ?? []) expect(error.message).toContain(message);
  });

  test("is independent of later changes of its argument", () => {
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

  test.each<[string, object, readonly string[]]>([
    ["the declarations themselves", { db: { ref: "db/primary" }, key: { ref: "key", optional: false } }, ["db", "key"]],
    ["what declareSecrets returns", declareSecrets({ db: { ref: "db/primary" } }), ["db"]],
    ["none", {}, []],
    ["an alias called declarations", { declarations: { ref: "db/primary" } }, ["declarations"]],
  ])("accepts %s", (_what, declare, aliases) => {
    const secrets = createSecrets({ declare: declare as Declarations });
    for (const alias of aliases)
      expect(() => secrets.latest(alias)).toThrow(expect.objectContaining({ code: "NOT_READY" }));
    expect(() => secrets.latest("other")).toThrow(expect.objectContaining({ reason: "unknown-alias" }));
  });

  test("is independent of later changes of the declarations", () => {
    const declare: Record<string, { ref: string; optional?: boolean }> = { db: { ref: "db/primary" } };
    const secrets = createSecrets({ declare });
    declare.other = { ref: "other" };
    expect(() => secrets.latest("other")).toThrow(expect.objectContaining({ reason: "unknown-alias" }));
  });

  test.each<[unknown, string]>([
    [null, "`declare` must be an object of declarations"],
    [5, "`declare` must be an object of declarations"],
    ["db", "`declare` must be an object of declarations"],
    [[{ ref: "db" }], "`declare` must be an object of declarations"],
    [{ declarations: null }, 'the declaration of "declarations" must be an object with a `ref`'],
    [{ declarations: "db" }, 'the declaration of "declarations" must be an object with a `ref`'],
  ])("refuses %j, instead of ignoring it", (declare, message) => {
    expect(() => createSecrets({ declare } as never)).toThrow(
      expect.objectContaining({
        code: "INVALID_CONFIG",
        reason: "declaration",
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});
