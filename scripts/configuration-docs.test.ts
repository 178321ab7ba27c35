import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "../packages/core/src/config/load-config.ts";
import { adapterFolders } from "./adapter-list.ts";
import { configSchemaFile } from "./config-schema.ts";
import { markdownSection } from "./markdown.ts";
import { repository } from "./workspace.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly { readonly if: Schema; readonly then: Schema }[];
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly const?: string;
}

/** key -> its default as the page writes it */
type Keys = ReadonlyMap<string, string>;

const schema = JSON.parse(readFileSync(configSchemaFile, "utf8")) as Schema;
const provider = schema.properties?.providers?.additionalProperties as Schema;
const page = (path: string): string => readFileSync(join(repository, "docs", path), "utf8");

/** Every key below a schema, written as the page writes it: `*` for a free name, `[]` for an entry. */
function keysOf(at: string, below: Schema): Keys {
  const keys = new Map<string, string>();
  const add = (more: Keys): void => more.forEach((fallback, key) => void keys.set(key, keys.get(key) ?? fallback));
  for (const [name, child] of Object.entries(below.properties ?? {})) {
    const key = at === "" ? name : `${at}.${name}`;
    const required = below.required?.includes(name) === true;
    add(new Map([[key, required ? "required" : child.default === undefined ? "" : JSON.stringify(child.default)]]));
    add(keysOf(key, child));
  }
  if (typeof below.additionalProperties === "object") add(keysOf(`${at}.*`, below.additionalProperties));
  if (below.items !== undefined) add(keysOf(`${at}[]`, below.items));
  for (const one of below.anyOf ?? []) add(keysOf(at, one));
  return keys;
}

/** The first two columns of the table in a section. */
function documented(text: string, section: string): Keys {
  const rows = (markdownSection(text, section) ?? "").matchAll(/^\| `([^`]+)` +\| (.*?) +\| /gm);
  return new Map([...rows].map(([, key = "", fallback = ""]) => [key, fallback.replaceAll("`", "").trim()]));
}

describe("docs/configuration.md", () => {
  const expected = keysOf("", schema);
  const table = documented(page("configuration.md"), "Every key");
  /** Where the page says more, or other, than a JSON Schema can. */
  const inWords: Keys = new Map([
    ["providers.*.pollInterval", "the adapter's"],
    ["allow", "every name"],
    ["bindings.*.fields", ""],
    ["bindings.*.fields.*.optional", "false"],
  ]);

  test("lists every key of the schema, and no other", () => {
    expect(expected.size).toBeGreaterThan(20);
    expect([...table.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
  });

  test.each([...expected])("tells the default of %s", (key, fallback) => {
    expect(table.get(key)).toBe(inWords.get(key) ?? fallback);
  });
});

describe.each((provider.allOf ?? []).map((rule) => [rule.if.properties?.use?.const ?? "", rule.then] as const))(
  "docs/providers/%s.md",
  (name, options) => {
    const common = Object.keys(provider.properties ?? {});
    // A source of a credential is the same everywhere.
    const expected = [...keysOf("", options)].filter(([key]) => !/[*$]/.test(key) && !common.includes(key));

    test("lists every option with its default, and no other", () => {
      expect(documented(page(`providers/${name}.md`), "Options")).toEqual(new Map(expected));
    });
  },
);

describe("the documents on these pages", () => {
  const directory = mkdtempSync(join(tmpdir(), "tacit-docs-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const providers = readdirSync(join(repository, "docs/providers")).map((name) => `providers/${name}`);
  const documents = ["configuration.md", ...providers].flatMap((name) =>
    [...page(name).matchAll(/^```(json|yaml)\n([\s\S]*?)^```/gm)].map(([, format = "", text = ""], index) => ({
      title: `${name}, number ${index + 1}`,
      file: `${name.replace("/", "-")}-${index}.${format}`,
      text,
    })),
  );

  test("are there", () => {
    expect(documents.length).toBeGreaterThan(5);
  });

  test.each(documents)("can be loaded: $title", async ({ file, text }) => {
    writeFileSync(join(directory, file), text);
    const context = { env: { SECRETS_ROOT: "/etc/secrets" }, adapterNames: adapterFolders() };
    expect((await loadConfig(join(directory, file), context)).providers.size).toBeGreaterThan(0);
  });
});
