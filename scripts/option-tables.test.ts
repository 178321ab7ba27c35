import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { adapterFolders } from "./adapter-list.ts";
import { keyPage, keyTables, optionPage, optionTable, optionTables, withOptionTable } from "./option-tables.ts";
import { repository } from "./workspace.ts";

describe("the option tables of the pages", async () => {
  const tables = await optionTables();

  test.each(adapterFolders())("%s: the table is that of the schema (to write it: npx pnpm@12 generate)", (adapter) => {
    const page = readFileSync(join(repository, optionPage(adapter)), "utf8");
    expect(page).toBe(withOptionTable(page, adapter, tables.get(adapter) ?? ""));
  });
});

describe("the option tables of the key services", () => {
  const tables = keyTables();

  test.each([...tables.keys()])(
    "%s: the table is that of the schema (to write it: npx pnpm@12 generate)",
    (service) => {
      const page = readFileSync(join(repository, keyPage), "utf8");
      expect(page).toBe(withOptionTable(page, service, tables.get(service) ?? ""));
    },
  );

  test("are one for each", () => {
    expect(tables.size).toBe(8);
  });
});

describe("an option table", () => {
  const described = { description: "Says so." };
  const text = { type: "string" };
  const source = { type: "object", properties: { $env: text } };

  /** The cells of the rows, without the head. */
  function rowsOf(properties: NonNullable<Parameters<typeof optionTable>[0]["properties"]>): readonly string[] {
    const rows = optionTable({ type: "object", properties, required: ["needed"] })
      .trimEnd()
      .split("\n");
    return rows.slice(2).map((row) => row.replaceAll(/ +\|/g, " |"));
  }

  test("tells which options are required, and the default of the others", () => {
    const properties = { needed: { ...text, ...described }, size: { type: "boolean", default: false, ...described } };
    expect(rowsOf(properties)).toEqual([
      "| `needed` | required | string | Says so. |",
      "| `size` | `false` | boolean | Says so. |",
    ]);
  });

  test.each([
    ["string", { anyOf: [text, { $ref: "#/$defs/source" }] }],
    ['`"a"`, `"b"`', { anyOf: [{ ...text, enum: ["a", "b"] }, { $ref: "#/$defs/source" }] }],
    ["duration", { ...text, pattern: "^\\d{1,12}(ms|s|m|h)$" }],
    ["integer, at most 9", { type: "integer", maximum: 9 }],
    ["source", { $ref: "#/$defs/credential" }],
    [
      '`"none"` or URL',
      {
        anyOf: [
          { ...text, const: "none" },
          { ...text, format: "uri" },
        ],
      },
    ],
    ["list of strings", { type: "array", items: text }],
    ["map of objects", { type: "object", additionalProperties: { oneOf: [source] } }],
  ])("tells the type: %s", (type, schema) => {
    expect(rowsOf({ one: { ...schema, ...described } })).toEqual([`| \`one\` | | ${type} | Says so. |`]);
  });

  test("has a row for each option of an option, and of an entry of a list", () => {
    const below = { type: "object", properties: { one: { ...text, ...described } } };
    const properties = { group: { ...below, ...described }, list: { type: "array", items: below, ...described } };
    expect(rowsOf(properties).map((row) => row.split(" ")[1])).toEqual([
      "`group`",
      "`group.one`",
      "`list`",
      "`list[].one`",
    ]);
  });

  test("keeps a bar of a description in its cell", () => {
    expect(rowsOf({ one: { ...text, description: "`a|b`" } })).toEqual(["| `one` | | string | `a\\|b` |"]);
  });

  test("is refused where an option has no description, by the option's name", () => {
    expect(() => optionTable({ properties: { group: { ...described, properties: { one: text } } } })).toThrow(
      "group.one",
    );
  });
});

describe("the place of a table", () => {
  test("keeps what stands around it", () => {
    const page = "before\n<!-- options: file -->\nold\n<!-- /options -->\nafter\n";
    const written = "before\n<!-- options: file -->\n\nnew\n\n<!-- /options -->\nafter\n";
    expect(withOptionTable(page, "file", "new\n")).toBe(written);
  });

  test.each(["", "<!-- options: env -->\n<!-- /options -->"])("must be there: %j", (page) => {
    expect(() => withOptionTable(page, "file", "new\n")).toThrow(
      'docs/providers/file.md needs one "<!-- options: file -->"',
    );
  });
});
