import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { decode, refusal } from "../../test/decoding.ts";
import { json } from "./json.ts";
import { object } from "./object.ts";

describe("a schema", () => {
  const standard = (validate: (input: unknown) => unknown) =>
    ({ "~standard": { version: 1, vendor: "test", validate } }) as never;

  test("sees the value only after it was exposed", async () => {
    const log: string[] = [];
    const schema = standard((input) => {
      log.push("validate");
      return { value: input };
    });
    await decode(object(schema), { a: "x" }, () => log.push("expose"));
    await decode(json(schema), "1", () => log.push("expose"));
    expect(log).toEqual(["expose", "validate", "expose", "validate"]);
  });

  test.each<[string, unknown]>([
    ["answers issues", () => ({ issues: [{ message: "got s3cret-fixture", path: ["a", { key: "b" }, 0] }] })],
    [
      "answers issues later",
      async () => ({ issues: [{ message: "got s3cret-fixture", path: ["a", { key: "b" }, 0] }] }),
    ],
  ])("that %s is told by the paths alone", async (_, validate) => {
    const error = await refusal(json(standard(validate as never)), "{}");
    expect(error).toMatchObject({ reason: "schema" });
    expect(error.message).toContain('at: "a.b.0"');
  });

  test.each<[string, unknown]>([
    [
      "throws",
      () => {
        throw new TypeError("cannot read s3cret-fixture");
      },
    ],
    [
      "rejects",
      async () => {
        throw new TypeError("cannot read s3cret-fixture");
      },
    ],
  ])("that %s leaves nothing of its message", async (_, validate) => {
    const error = await refusal(json(standard(validate as never)), "{}");
    expect(error).toMatchObject({ code: "REFUSED", reason: "threw" });
    const { cause } = error as { cause?: Error };
    expect(cause?.name).toBe("TypeError");
  });

  test.each<[string, unknown]>([
    ["zod", z.object({ port: z.coerce.number(), user: z.string().min(3).max(1), on: z.array(z.literal("a")) })],
    [
      "valibot",
      v.object({
        port: v.pipe(v.string(), v.digits()),
        user: v.pipe(v.string(), v.minLength(3), v.maxLength(1)),
        on: v.array(v.literal("a")),
      }),
    ],
  ])("of %s tells every place with the schema's own codes, and nothing of the value", async (_, schema) => {
    const content = { port: "s3cret-fixture", user: "ab", on: ["a", "s3cret-fixture"] };
    const error = await refusal(json(schema as never), JSON.stringify(content));
    expect(error.issues?.map(({ path }) => path)).toEqual(["port", "user", "user", "on.1"]);
    expect(error.issues?.every(({ code }) => code !== undefined && /^[a-z_]+$/.test(code))).toBe(true);
    const [port, shortest, longest, on] = error.issues?.map(({ code }) => code) ?? [];
    expect(error.message).toBe(
      `"db/primary" does not match its schema at: "port" (${port}), "user" (${shortest}, ${longest}), "on.1" (${on})`,
    );
  });

  test.each<[string, object, object]>([
    ["a code that may be a value", { code: "s3cret-fixture 1" }, { path: "" }],
    ["a code that is long", { code: "x".repeat(60) }, { path: "" }],
    ["a code that is a number", { code: 5, type: "min_value" }, { path: "", code: "min_value" }],
    ["a long path", { path: ["p".repeat(300)] }, { path: "p".repeat(200) }],
    ["a symbol in its path", { path: [Symbol("x"), 0] }, { path: "Symbol(x).0" }],
  ])("with %s is told by what is safe", async (_, issue, told) => {
    const error = await refusal(json(standard(() => ({ issues: [{ message: "s3cret-fixture", ...issue }] }))), "{}");
    expect(error.issues).toEqual([told]);
  });

  test("with many issues is told by the first twenty places", async () => {
    const issues = Array.from({ length: 25 }, (_, index) => ({ message: "no", path: [index], code: "bad" }));
    const error = await refusal(json(standard(() => ({ issues }))), "{}");
    expect(error.issues).toHaveLength(20);
    expect(error.message).toMatch(/, "19" \(bad\) and 5 more$/);
  });
});
