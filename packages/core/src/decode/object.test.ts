import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Content, decode, read, refusal } from "../../test/decoding.ts";
import { json } from "./json.ts";
import { object } from "./object.ts";

describe("object with names", () => {
  const pair = object(["username", "password"]);

  test.each<[string, Content]>([
    ["fields", { username: "app\n", password: "s3cret-fixture\r\n", other: "x" }],
    ["a JSON value", '{"username":"app","password":"s3cret-fixture\\n","other":null}'],
  ])("reads %s as the same frozen plain object", async (_, content) => {
    const result = await read(pair, content);
    expect(result).toEqual({ username: "app", password: "s3cret-fixture" });
    expect(Object.isFrozen(result)).toBe(true);
  });

  test("presents JSON that is not text as its source", async () => {
    const codec = object(["port", "on", "list", "__proto__"]);
    const content = '{"port":12345678901234567890,"on":true,"list":[1, 2],"__proto__":{"polluted":1}}';
    const result = (await read(codec, content)) as Record<string, string>;
    expect(Object.entries(result)).toEqual([
      ["port", "12345678901234567890"],
      ["on", "true"],
      ["list", "[1, 2]"],
      ["__proto__", '{"polluted":1}'],
    ]);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each<[string, Content, string]>([
    ["a missing field", { username: "u" }, "field-missing"],
    ["a null member", '{"username":"u","password":null}', "field-missing"],
    ["an inherited name", '{"username":"u","toString":"x"}', "field-missing"],
    ["an empty field", { username: "u", password: "" }, "empty"],
    ["a field of one line end", { username: "u", password: "\n" }, "empty"],
    ["an empty string member", '{"username":"u","password":""}', "empty"],
    ["a field with a NUL", { username: "u", password: "s3cret-fixture\0" }, "nul-character"],
    ["a member with a NUL", '{"username":"u","password":"s3cret-fixture\\u0000"}', "nul-character"],
    ["a binary field", { username: "u", password: Uint8Array.of(0xff) }, "not-utf8"],
    ["a value that is not JSON", "s3cret-fixture", "not-json"],
    ["a JSON array", "[]", "not-object"],
    ["a member that is there twice", '{"username":"u","password":"s3cret-fixture","password":"p"}', "duplicate-key"],
    ["a member with half of a surrogate pair", '{"username":"u","password":"s3cret-fixture\\udc00"}', "not-utf8"],
    ["JSON null", "null", "not-object"],
    ["an empty value", " \n", "empty"],
  ])("refuses %s, reason %s", async (_, content, reason) => {
    const error = await refusal(pair, content);
    expect(error).toMatchObject({ reason });
    if (reason === "field-missing") expect(error.message).toContain('lacks "password"; it has: "username"');
    expect(error.tip).not.toContain("Did you mean");
  });

  test.each<[string[], Content, string | undefined]>([
    [["username"], { Username: "app" }, '"Username"'],
    [["user", "pasword"], { usr: "app", password: "s3cret-fixture" }, '"usr", "password"'],
    [["user1", "user2"], { user1: "app" }, undefined],
    [["token"], '{"tokens":"s3cret-fixture"}', '"tokens"'],
  ])("names the fields that %j most likely meant, none that is read already", async (names, content, meant) => {
    const { tip } = await refusal(object(names), content);
    expect(tip).toMatch(
      meant === undefined ? /^Add the fields/ : new RegExp(`^Did you mean ${meant}\\? Add the fields`),
    );
  });

  test("takes empty fields where that is allowed", async () => {
    expect(await read(object(["a"], { allowEmpty: true }), { a: "\n" })).toEqual({ a: "" });
  });

  test("runs no code of the application, so it exposes nothing", async () => {
    const log: string[] = [];
    await decode(object(["a"]), { a: "x" }, () => log.push("expose"));
    await decode(json(), "{}", () => log.push("expose"));
    expect(log).toEqual([]);
  });
});

describe("object with a schema", () => {
  test("reads fields and JSON alike through coercion", async () => {
    const codec = object(z.object({ port: z.coerce.number(), on: z.stringbool(), user: z.string() }));
    const expected = { port: 5432, on: true, user: "app" };
    expect(await read(codec, { port: "5432\n", on: "true", user: "app" })).toEqual(expected);
    expect(await read(codec, '{"port":5432,"on":true,"user":"app"}')).toEqual(expected);
  });

  test("presents binary fields as bytes, empty ones as empty strings, null and nested JSON as they are", async () => {
    const anything = object(z.record(z.string(), z.unknown()));
    expect(await read(anything, { key: Uint8Array.of(0xff, 0), wide: Buffer.from("x", "utf16le"), none: "" })).toEqual({
      key: Uint8Array.of(0xff, 0),
      wide: Uint8Array.of(0x78, 0),
      none: "",
    });
    expect(await read(anything, '{"a":{"b":1.5},"c":null,"d":1.50,"e":""}')).toEqual({
      a: { b: 1.5 },
      c: null,
      d: "1.50",
      e: "",
    });
  });
});
