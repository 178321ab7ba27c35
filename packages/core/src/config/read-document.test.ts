import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSecretError, type SecretError } from "../error/secret-error.ts";
import type { ConfigSource } from "./config-document.ts";
import { readDocument } from "./read-document.ts";

const document = {
  providers: { mount: { use: "file", root: "/etc/secrets" } },
  routes: [{ match: "**", to: ["mount"] }],
};
const yaml = `
# what an operator writes
providers:
  mount: { use: file, root: /etc/secrets }
routes:
  - match: "**"
    to: [mount]
`;

let directory: string;
const at = (name: string): string => join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tacit-document-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function write(name: string, text: string | Uint8Array): Promise<string> {
  await writeFile(at(name), text);
  return at(name);
}

async function refusalOf(source: ConfigSource | undefined, env: Record<string, string> = {}): Promise<SecretError> {
  const error: unknown = await readDocument(source, env).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isSecretError(error, "INVALID_CONFIG")) throw new Error("expected INVALID_CONFIG", { cause: error });
  return error;
}

describe("the source of the document", () => {
  test("is an object", async () => {
    expect(await readDocument(document, {})).toEqual({ source: "the document passed as `config`", value: document });
  });

  test.each(["config.json", "config.yaml", "config.yml", "config.YAML", "config"])(
    "is a file %s, by path and by URL",
    async (name) => {
      const path = await write(name, /ya?ml$/i.test(name) ? yaml : JSON.stringify(document));
      const named = (from: string) => ({ source: `the config file "${path}" (from ${from})`, value: document });
      expect(await readDocument(path, {})).toMatchObject(named("`config`"));
      expect(await readDocument(pathToFileURL(path), {})).toMatchObject(named("`config`"));
      expect(await readDocument(undefined, { TACIT_CONFIG: path })).toMatchObject(named("TACIT_CONFIG"));
    },
  );

  test("is inline JSON in TACIT_CONFIG, also with space before the brace", async () => {
    const expected = { source: "the document in TACIT_CONFIG", place: "TACIT_CONFIG", value: document };
    expect(await readDocument(undefined, { TACIT_CONFIG: JSON.stringify(document) })).toEqual(expected);
    expect(await readDocument(undefined, { TACIT_CONFIG: `\n ${JSON.stringify(document)}` })).toEqual(expected);
  });

  test("is by default the environment", async () => {
    for (const env of [{}, { TACIT_CONFIG: "" }])
      expect(await readDocument(undefined, env)).toEqual({
        source: "the default configuration (TACIT_CONFIG is not set)",
        value: { providers: { env: { use: "env" } }, routes: [{ match: "**", to: ["env"] }] },
      });
  });

  test("is `config`, even if TACIT_CONFIG is set", async () => {
    expect(await readDocument(document, { TACIT_CONFIG: "/absent" })).toMatchObject({
      source: "the document passed as `config`",
    });
  });

  test("may begin with a byte order mark", async () => {
    expect(await readDocument(await write("bom.json", `\ufeff${JSON.stringify(document)}`), {})).toMatchObject({
      value: document,
    });
  });
});

describe("an unusable source", () => {
  test.each<[string, () => unknown, tip?: string]>([
    ["null", () => null],
    ["a number", () => 5],
    ["a list", () => []],
    ["a Map", () => new Map()],
    ["an http URL", () => new URL("https://example.com/s3cret-fixture.json")],
    ["a file URL of another host", () => new URL("file://host/s3cret-fixture.json")],
    ["an http URL as text", () => "https://app:s3cret-fixture@example.com/tacit.json"],
    ["a document as text", () => '{"providers":{"a":{"token":"s3cret-fixture"}}}'],
    ["a path with NUL", () => "a\0b"],
    ["an empty path", () => ""],
    ["a directory", () => directory, "Specify the file itself, not its directory."],
    [
      "a file that does not exist",
      () => at("absent.json"),
      "Correct the path: a relative path is resolved against the working directory.",
    ],
  ])("such as %s is refused", async (_title, source, tip = "set TACIT_CONFIG to a path or to inline JSON") => {
    const error = await refusalOf(source() as ConfigSource);
    expect(error).toMatchObject({ reason: "source", tip: expect.stringContaining(tip) });
    expect(error.message).not.toContain("s3cret-fixture");
  });

  test.each([
    ["  "],
    ["providers:\n  a: s3cret-fixture"],
    [`["s3cret-fixture"]`],
    ["https://app:s3cret-fixture@example.com/tacit.json"],
    ["file:///app/s3cret-fixture.json"],
    [`s3cret-fixture${"x".repeat(5000)}`],
  ])("in TACIT_CONFIG is refused without being quoted: %j", async (text) => {
    const error = await refusalOf(undefined, { TACIT_CONFIG: text });
    expect(error.message).toContain("TACIT_CONFIG");
    expect(error.message).not.toContain("s3cret-fixture");
  });

  test("is refused immediately if it is a FIFO, which would block for ever", async () => {
    execFileSync("mkfifo", [at("fifo.json")]);
    expect((await refusalOf(at("fifo.json"))).message).toContain("is not a regular file");
  });

  test("is refused if it is larger than 1 MiB, and read at that size", async () => {
    const padding = " ".repeat(1_048_576 - 2);
    expect(await readDocument(await write("full.json", `{}${padding}`), {})).toMatchObject({ value: {} });
    expect((await refusalOf(await write("large.json", `{}${padding} `))).message).toContain("is larger than 1 MiB");
  });

  test("is reported with the file and its origin", async () => {
    const absent = at("tacitt.json");
    const message = `the config file "${absent}" (from TACIT_CONFIG) does not exist`;
    expect(await refusalOf(undefined, { TACIT_CONFIG: absent })).toMatchObject({ message });
    const relative = await refusalOf("no/such.json");
    expect(relative.message).toBe(
      `the config file "${join(process.cwd(), "no/such.json")}" (from \`config\`) does not exist`,
    );
  });

  test.each(["empty.json", "empty.yaml"])("is refused if it is empty: %s", async (name) => {
    expect((await refusalOf(await write(name, "\n"))).message).toMatch(/empty\.\w+" \(from `config`\) is empty$/);
  });

  test.each([
    [
      "tacit.conf",
      "providers:\n  a: { use: env }",
      "It was read as JSON, since its name does not end in .yaml or .yml.",
    ],
    ["comments.json", '// what it is\n{ "providers": {} }', "JSON has no comments"],
    ["tab.yaml", "a:\n\tb: 1", "Indent YAML with spaces."],
    ["star.yaml", "routes:\n  - match: **\n    to: [a]", 'Quote a pattern, as in match: "**"'],
  ])("has a tip for %s", async (name, text, tip) => {
    const error = await refusalOf(await write(name, text));
    expect(error.message).toContain(tip);
    expect(error.message).toContain(at(name));
  });

  test("is refused if it is not UTF-8", async () => {
    expect((await refusalOf(await write("bytes.json", Uint8Array.of(0x7b, 0xff, 0x7d)))).message).toContain(
      "not UTF-8",
    );
  });

  test.skipIf(process.getuid?.() === 0)("is refused if this user may not read it", async () => {
    await chmod(await write("denied.json", "{}"), 0);
    expect((await refusalOf(at("denied.json"))).message).toContain("may not be read");
  });
});

describe("malformed text", () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]", ..."bcdefghi"].map((key, index) =>
    index === 0
      ? key
      : `${key}: &${key} [${Array(9)
          .fill(`*${"abcdefghi"[index - 1]}`)
          .join(", ")}]`,
  );
  test.each([
    ["broken JSON", "a.json", '{"a": s3cret-fixture}', "syntax", "is not valid JSON: line 1, column 7"],
    [
      "a repeated JSON key",
      "a.json",
      '{"a": {"b": "s3cret-fixture", "b": 2}}',
      "duplicate-key",
      'a.b (line 1 of "PATH" from `config`): appears more than once',
    ],
    ["broken YAML", "a.yaml", "a: 1\nb: s3cret-fixture: c", "syntax", "is not valid YAML: line 2, column 4"],
    ["a tab in YAML", "a.yaml", "a:\n\tb: s3cret-fixture", "syntax", "is indented with a tab: line 2"],
    [
      "a repeated YAML key",
      "a.yaml",
      "a: s3cret-fixture\na: 2",
      "duplicate-key",
      "has a key more than once in one map: line 2, column 1",
    ],
    ["two YAML documents", "a.yaml", "a: 1\n---\nb: s3cret-fixture", "syntax", "contains more than one YAML document"],
    ["an unknown YAML tag", "a.yaml", "a: !s3cret-fixture b", "syntax", "uses a tag"],
    [
      "an alias without an anchor",
      "a.yaml",
      "a: *s3cret-fixture",
      "syntax",
      'begins with "*" and is not quoted: line 1, column 4',
    ],
    ["a bomb of aliases", "a.yaml", bomb.join("\n"), "syntax", "aliases that expand to too much"],
    ["brackets without end", "a.yaml", "[".repeat(5000), "syntax", "is n"],
  ])("is refused with its position only: %s", async (_title, name, text, reason, message) => {
    const error = await refusalOf(await write(name, text));
    const said = message.replace("PATH", at(name));
    expect(error.errors).toMatchObject([{ reason, message: expect.stringContaining(said) }]);
    expect(`${error.message}${error.tip}${JSON.stringify(error)}`).not.toContain("s3cret-fixture");
  });

  test("does not include ordinary anchors in YAML", async () => {
    const path = await write("anchor.yaml", "a: &shared { use: file }\nb: *shared");
    expect(await readDocument(path, {})).toMatchObject({ value: { a: { use: "file" }, b: { use: "file" } } });
  });

  test("keeps __proto__ in YAML as an own key, which is refused later", async () => {
    const { value } = await readDocument(await write("proto.yaml", "__proto__: { polluted: 1 }"), {});
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect({}).not.toHaveProperty("polluted");
  });
});
