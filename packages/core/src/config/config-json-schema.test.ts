import { expect, test } from "vitest";
import { z } from "zod";
import { configJsonSchema } from "./config-json-schema.ts";

const options = z
  .strictObject({ root: z.string(), limit: z.int().prefault(5), list: z.array(z.boolean()).optional() })
  .transform((read) => read);
const schema = JSON.parse(JSON.stringify(configJsonSchema({ mount: options })));
const provider = schema.properties.providers.additionalProperties;
const source = { $ref: "#/$defs/source" };

test("refuses unknown keys everywhere except in the options of an unknown adapter", () => {
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties.cache.additionalProperties).toBe(false);
  expect(schema.properties.routes.items.additionalProperties).toBe(false);
  expect(provider.additionalProperties).toEqual({});
  expect(provider.allOf).toHaveLength(1);
});

test("checks the options of a known adapter, in addition to the keys of core", () => {
  expect(provider.allOf[0].if).toEqual({ properties: { use: { const: "mount" } }, required: ["use"] });
  expect(provider.allOf[0].then).toMatchObject({
    additionalProperties: false,
    required: ["root"],
    properties: { use: true, optional: true, pollInterval: true, root: { anyOf: [{ type: "string" }, source] } },
  });
});

test("accepts a source for every scalar, and for nothing else", () => {
  expect(schema.properties.onDenied).toMatchObject({
    default: "keep",
    anyOf: [{ type: "string", enum: ["keep", "throw"] }, source],
  });
  expect(schema.properties.cache.properties.maxEntries.anyOf[1]).toEqual(source);
  expect(schema.properties.allow.items.anyOf[1]).toEqual(source);
  expect(provider.allOf[0].then.properties.list).toMatchObject({
    type: "array",
    items: { anyOf: [{ type: "boolean" }, source] },
  });
  expect(schema.properties.providers.propertyNames).not.toHaveProperty("anyOf");
  expect(schema.$defs.source.oneOf.map((one: { required: string[] }) => one.required)).toEqual([["$env"], ["$file"]]);
});

test("accepts only a source with a literal name for a credential", () => {
  const source = (key: string) => z.strictObject({ [key]: z.string().min(1) });
  const login = z.strictObject({ token: z.union([source("$env"), source("$file"), source("$secret")]) });
  const read = JSON.parse(JSON.stringify(configJsonSchema({ vault: login })));
  const [rule] = read.properties.providers.additionalProperties.allOf;
  expect(rule.then.properties.token).toEqual({ $ref: "#/$defs/credential" });
  expect(read.$defs.credential.oneOf[2].properties).toEqual({
    $secret: { description: "Another secret of this document, by its name.", type: "string", minLength: 1 },
  });
});

test("describes the format of durations", () => {
  const [{ pattern }] = schema.properties.cache.properties.ttl.anyOf;
  expect(["5m", "250ms"].every((text) => new RegExp(pattern).test(text))).toBe(true);
  expect(["5", "-5m", "5 m"].some((text) => new RegExp(pattern).test(text))).toBe(false);
  const [maxStale] = schema.properties.cache.properties.maxStale.anyOf;
  expect(["unlimited", "1h"].every((text) => new RegExp(maxStale.pattern).test(text))).toBe(true);
});
