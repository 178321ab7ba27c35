import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Content, read, refusal } from "../../test/decoding.ts";
import { json } from "./json.ts";

describe("json", () => {
  test("keeps JSON's own types, with or without a schema", async () => {
    expect(await read(json(), '\uFEFF {"port":5432,"on":true,"none":null}\n')).toEqual({
      port: 5432,
      on: true,
      none: null,
    });
    expect(await read(json(z.object({ port: z.number() })), '{"port":5432}')).toEqual({ port: 5432 });
    expect(await read(json(), "[1]")).toEqual([1]);
  });

  test.each<[Content, string]>([
    ["s3cret-fixture", "not-json"],
    ['{"a":1', "not-json"],
    ['{"a":{"b":"s3cret-fixture","b":1}}', "duplicate-key"],
    ['["s3cret-fixture\\ud800"]', "not-utf8"],
    [Uint8Array.of(0xff), "not-utf8"],
    ["", "empty"],
    [{ a: "1" }, "fields-not-value"],
  ])("refuses %j, reason %s", async (content, reason) => {
    expect((await refusal(json(), content)).reason).toBe(reason);
  });
});
