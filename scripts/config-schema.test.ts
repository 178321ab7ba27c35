import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configSchemaFile, configSchemaText } from "./config-schema.ts";

test("the JSON Schema that ships is that of the sources (to write it: npx pnpm@12 generate)", async () => {
  expect(readFileSync(configSchemaFile, "utf8")).toBe(await configSchemaText());
});

test("it describes every property, in unions, lists and records too", () => {
  const { found, bare } = propertiesIn(JSON.parse(readFileSync(configSchemaFile, "utf8")), []);
  expect(bare).toEqual([]);
  expect(found).toBeGreaterThan(400);
  expect(propertiesIn({ items: { oneOf: [{ properties: { a: { type: "string" } } }] } }, []).bare).toEqual([
    "items.oneOf.0.a",
  ]);
});

test("editors know it by its address, and the docs by its path in the package", () => {
  const { $id } = JSON.parse(readFileSync(configSchemaFile, "utf8")) as { $id?: string };
  expect($id).toMatch(/^https:\/\/.*\/config\.schema\.json$/);
  const page = readFileSync(new URL("../docs/configuration.md", import.meta.url), "utf8");
  const path = "./node_modules/@tacit/providers/config.schema.json";
  expect(page).toContain(`"$schema": "${path}"`);
  expect(page).toContain(`# yaml-language-server: $schema=${path}`);
  const manifest = readFileSync(new URL("../packages/providers/package.json", import.meta.url), "utf8");
  expect((JSON.parse(manifest) as { files: readonly string[] }).files).toContain("config.schema.json");
});

test("every store over HTTP has the same options for TLS and proxies, but for an agent on this machine", () => {
  const schema = JSON.parse(readFileSync(configSchemaFile, "utf8"));
  const rules: { if: { properties: { use: { const: string } } }; then: { properties: Record<string, unknown> } }[] =
    schema.properties.providers.additionalProperties.allOf;
  const reached = rules.filter(
    ({ then: { properties } }) => "application" in properties || "allowInsecureHttp" in properties,
  );
  expect(reached.length).toBeGreaterThan(12);
  const lacking = reached.filter(({ then: { properties } }) => {
    const { ca, certificate, verify } = (properties.tls as { properties?: Record<string, unknown> })?.properties ?? {};
    return [ca, certificate, verify, properties.proxy].includes(undefined);
  });
  // A kubeconfig says for itself how its API server is reached.
  expect(lacking.map((rule) => rule.if.properties.use.const)).toEqual(["aws-agent", "kubernetes"]);
});

/** Counts the properties at any depth, and lists those without a description. */
function propertiesIn(schema: object, at: readonly string[]): { found: number; bare: string[] } {
  const all = { found: 0, bare: [] as string[] };
  for (const [key, below] of Object.entries(schema) as [string, unknown][]) {
    // A condition repeats properties that are described elsewhere.
    if (typeof below !== "object" || below === null || key === "if" || key === "default") continue;
    const members = key === "properties" ? Object.entries(below) : [];
    for (const [name, member] of members) {
      all.found += 1;
      // `true` stands for a key of every provider, in the rules of one adapter.
      const isDescribed = member === true || typeof (member as { description?: unknown }).description === "string";
      if (!isDescribed) all.bare.push([...at, name].join("."));
    }
    const inner = propertiesIn(below, key === "properties" ? at : [...at, key]);
    all.found += inner.found;
    all.bare.push(...inner.bare);
  }
  return all;
}
