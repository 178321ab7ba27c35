import { inspect, parseEnv } from "node:util";
import type { SecretError } from "@tacit/core/provider";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import type { FileOptions } from "../options.ts";
import { createFileParser, type ParserOptions } from "./file-parser.ts";

const secret = "s3cret-fixture";

type Format = Exclude<FileOptions["parse"], "raw">;
type Rules = Partial<Pick<ParserOptions, "keys" | "pattern">>;

async function parsed(parse: Format, text: string | Uint8Array, rules: Rules = {}): Promise<Record<string, string>> {
  const warn = (): void => undefined;
  const parser = await createFileParser({ parse, keys: undefined, pattern: undefined, ...rules, warn });
  const fields = parser(Buffer.from(text as string), "app.conf");
  return Object.fromEntries([...fields].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]));
}

/** Reason and place; what stood in the file is nowhere. */
async function refusal(parse: Format, text: string | Uint8Array, rules: Rules = {}): Promise<string> {
  const error = await parsed(parse, text, rules).then(
    (fields) => {
      throw new Error(`was read as ${inspect(fields)}`);
    },
    (thrown: SecretError) => thrown,
  );
  expect(inspect(error, { depth: 10 })).not.toContain(secret);
  expect(error.code).toBe("INVALID_VALUE");
  const [place] = /\([^)]*(?:line|key)[^)]*\)/.exec(error.message) ?? [];
  return place === undefined ? `${error.reason}` : `${error.reason} ${place}`;
}

/** Titles that fit a line. */
function labelled(cases: readonly (readonly [text: string | Uint8Array, reason: string])[]) {
  return cases.map(([text, reason]) => [JSON.stringify(text.slice(0, 30)), reason, text] as const);
}

describe("json", () => {
  test("text is as it is, numbers and booleans as written, what lies deeper as JSON, and null is no field", async () => {
    const text = `\uFEFF { "a": "x\\n\\u00e9", "n": 12345678901234567890, "f": 1e400, "b": true, "z": null,
      "o": {"k": [1, {"l": null}]}, "": "", "__proto__": "p" }\n`.replace('"": "",', "");
    expect(Object.entries(await parsed("json", text))).toEqual([
      ["a", "x\né"],
      ["n", "12345678901234567890"],
      ["f", "1e400"],
      ["b", "true"],
      ["o", '{"k": [1, {"l": null}]}'],
      ["__proto__", "p"],
    ]);
  });

  test.each(
    labelled([
      [`{"a":"${secret}","a":"2"}`, 'duplicate-key (line 1, key "a")'],
      [`{"o":{"a":1,\n"a":2}}`, 'duplicate-key (line 2, key "a")'],
      [`{"a":"${secret}"\n"b":1}`, "syntax (line 2)"],
      [`{"a":"${secret}",}`, "syntax (line 1)"],
      [`{"a":"${secret}`, "syntax (line 1)"],
      [`{"a":"${secret}\n"}`, "syntax (line 1)"],
      [`{"a":1} ${secret}`, "syntax (line 1)"],
      ['{"a":01}', "syntax (line 1)"],
      ['{"a":NaN}', "syntax (line 1)"],
      ['{"a":truex}', "syntax (line 1)"],
      ['{a:"x"}', "syntax (line 1)"],
      ['{"a":"\\ud800"}', 'syntax (line 1, key "a")'],
      ['{"":"x"}', "syntax (line 1)"],
      [`["${secret}"]`, "not-object"],
      [`"${secret}"`, "not-object"],
      ["{}", "empty"],
      ["", "syntax (line 1)"],
      ['{"a":null}', "empty"],
      [`{"a":${"[".repeat(50_000)}`, "too-large"],
      [`{"a":"${"x".repeat(300_000)}"}`, "too-large"],
      [JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`k${index}`, 1]))), "too-large"],
    ]),
  )("%s is %s", async (_label, reason, text) => {
    expect(await refusal("json", text)).toBe(reason);
  });

  test("it accepts exactly what JSON.parse accepts, and gives the same", async () => {
    const documents = fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string()));
    await fc.assert(
      fc.asyncProperty(documents, fc.boolean(), fc.nat(), async (document, isCut, cut) => {
        const whole = JSON.stringify(document, null, 1);
        const text = isCut ? whole.slice(0, cut % whole.length) : whole;
        const fields = await parsed("json", text).catch((error: SecretError) => error);
        if (fields instanceof Error) {
          if (fields.reason === "syntax") expect(() => JSON.parse(text)).toThrow();
          return;
        }
        const expected = Object.entries(JSON.parse(text) as object).filter(([, value]) => value !== null);
        expect(Object.keys(fields)).toEqual(expected.map(([key]) => key));
        for (const [key, value] of expected)
          expect(typeof value === "string" ? fields[key] : JSON.parse(fields[key] ?? "")).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });
});

describe("yaml", () => {
  test("it reads as JSON does: text, sources, and JSON of what lies deeper", async () => {
    const text = `# fixture
user: app
password: "x\\ny"
block: |
  one
  two
port: 0123
big: 12345678901234567890
on: yes
date: 2026-01-01
none: ~
empty: ''
8080: http
map: { a: [1, true, x, 0o17, null], b: "1" }
`;
    expect(await parsed("yaml", text)).toEqual({
      user: "app",
      password: "x\ny",
      block: "one\ntwo\n",
      port: "0123",
      big: "12345678901234567890",
      on: "yes",
      date: "2026-01-01",
      empty: "",
      8080: "http",
      map: '{"a":[1,true,"x","0o17",null],"b":"1"}',
    });
  });

  test.each(
    labelled([
      [`a: ${secret}\na: 2`, 'duplicate-key (line 2, key "a")'],
      [`a: 1\nm:\n  b: 1\n  b: 2`, 'duplicate-key (line 4, key "b")'],
      ['1: x\n"1": y', 'duplicate-key (line 2, key "1")'],
      [`a: &x ${secret}\nb: *x`, "unsupported-syntax (line 1)"],
      ["a: &x [1]\nb: 2", "unsupported-syntax (line 1)"],
      ["a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]", "unsupported-syntax (line 1)"],
      ["<<: {a: 1}\nb: 2", "unsupported-syntax (line 1)"],
      ["m:\n  <<: {a: 1}", "unsupported-syntax (line 2)"],
      [`a: !!str ${secret}`, "unsupported-syntax (line 1)"],
      ["a: !!binary aGk=", "unsupported-syntax (line 1)"],
      ["a: !vault x", "syntax (line 1)"],
      ["a: 1\n---\nb: 2", "unsupported-syntax (line 2)"],
      ["%YAML 1.1\n---\na: yes", "unsupported-syntax (line 1)"],
      [`a: "${secret}`, "syntax (line 1)"],
      ["a: b: c", "syntax (line 1)"],
      ["a:\n\t- b", "syntax (line 2)"],
      ["? [x]\n: 1", "syntax (line 1)"],
      [`- ${secret}`, "not-object"],
      [secret, "not-object"],
      ["", "not-object"],
      ["{}", "empty"],
      [`a: ${"[".repeat(40)}${"]".repeat(40)}`, "too-large"],
      [`a: ${"[".repeat(60_000)}`, "too-large"],
      [`a: ${"x".repeat(70_000)}`, "too-large"],
      [`a: ${"{a: ".repeat(15_000)}`, "too-large"],
      [`a: ${"{a: ".repeat(40)}`, "too-large"],
    ]),
  )("%s is %s", async (_label, reason, text) => {
    expect(await refusal("yaml", text)).toBe(reason);
  });

  test("what it reads is what the yaml package makes of it", async () => {
    const text = "a: 'it''s'\nb: >-\n  folded\n  text\nc: \"\\u00e9\"\n";
    expect(await parsed("yaml", text)).toEqual(parseYaml(text));
  });
});

describe("env", () => {
  test("bare and quoted values, several lines, comments, export", async () => {
    const text = `# comment
A=1
export B = two words  \r
C='single # \\n "x"'
D="a\\nb"   # comment
E='$x \`y\` {z}'
F="-----BEGIN
END-----"

G=
H=a=b
`;
    expect(await parsed("env", text)).toEqual({
      A: "1",
      B: "two words",
      C: 'single # \\n "x"',
      D: "a\nb",
      E: "$x `y` {z}",
      F: "-----BEGIN\nEND-----",
      G: "",
      H: "a=b",
    });
    expect(await parsed("env", text)).toEqual({ ...parseEnv(text.replaceAll("\r", "")) });
  });

  test.each(
    labelled([
      [`A=1\nB=${secret}\nA=2`, 'duplicate-key (line 3, key "A")'],
      [secret, "syntax (line 1)"],
      [`A=1\n${secret}`, "syntax (line 2)"],
      [`A=${secret}#x`, 'syntax (line 1, key "A")'],
      [`A='${secret}`, 'syntax (line 1, key "A")'],
      [`A="${secret}" x`, 'syntax (line 1, key "A")'],
      [`A="${secret}\\t"`, 'syntax (line 1, key "A")'],
      [`A="${secret}\\""`, 'syntax (line 1, key "A")'],
      [`A='${secret}\\'`, 'syntax (line 1, key "A")'],
      [`A: ${secret}`, "syntax (line 1)"],
      [`1A=${secret}`, "syntax (line 1)"],
      ["# nothing\n", "empty"],
      [Uint8Array.of(0x41, 0x3d, 0xff), "not-utf8"],
      // Read by Node, dotenv and Docker Compose in more than one way.
      [`A=${secret}$B`, 'syntax (line 1, key "A")'],
      [`A="${secret}\${B}"`, 'syntax (line 1, key "A")'],
      [`A=\`${secret}\``, 'syntax (line 1, key "A")'],
      [`export\tA=${secret}`, "syntax (line 1)"],
      [`A=\u00a0${secret}`, 'syntax (line 1, key "A")'],
      [`A=${secret}\u00a0`, 'syntax (line 1, key "A")'],
      [`A=\v${secret}`, 'syntax (line 1, key "A")'],
      [`A=1\rB=${secret}`, "syntax (line 1)"],
      [`A=1\n# x\rB=${secret}`, "syntax (line 2)"],
      [`A="x\ry"`, "syntax (line 1)"],
      [`# x\u2028A=${secret}`, "syntax (line 1)"],
      [Buffer.from(`A=${secret}`, "utf16le"), "not-utf8"],
      [Buffer.from(`\ufeffA=${secret}`, "utf16le"), "not-utf8"],
    ]),
  )("%s is %s", async (_label, reason, text) => {
    expect(await refusal("env", text)).toBe(reason);
  });

  test("what it accepts, Node's own reader reads alike", async () => {
    const character = fc.constantFrom(..."AB='\"` \n#\\n$x\t\u00a0\v\r");
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: character, maxLength: 24 }), async (text) => {
        const fields = await parsed("env", text).catch(() => undefined);
        if (fields !== undefined) expect({ ...parseEnv(text) }).toEqual(fields);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe("properties", () => {
  test("separators, escapes, continuations and comments are those of java.util.Properties", async () => {
    const text = [
      "# comment",
      "! comment",
      "a=1",
      "b : two",
      "c three  ",
      "  d\\ e\\=f = g\\th\\u00e9\\q\\\\",
      "list = x,\\",
      "    y,\\",
      "  # z",
      "empty",
      "url = jdbc:x?a=b",
    ].join("\r\n");
    expect(await parsed("properties", text)).toEqual({
      a: "1",
      b: "two",
      c: "three  ",
      "d e=f": "g\théq\\",
      list: "x,y,# z",
      empty: "",
      url: "jdbc:x?a=b",
    });
  });

  test.each(
    labelled([
      [`a=${secret}\nb=1\na:2`, 'duplicate-key (line 3, key "a")'],
      [`a=1\nb=${secret}\\u12`, "syntax (line 2)"],
      [`=${secret}`, "syntax (line 1)"],
      ["a=\\ud800", 'syntax (line 1, key "a")'],
      ["# only\n", "empty"],
    ]),
  )("%s is %s", async (_label, reason, text) => {
    expect(await refusal("properties", text)).toBe(reason);
  });
});

describe("ini", () => {
  test("keys above the first section are text, a section is the JSON of its keys", async () => {
    const text = [
      "; comment",
      "# comment",
      "token = p#ss;w=rd%1$",
      "",
      "[db]",
      "username=app",
      "password = two words \t",
      "empty =",
      "[__proto__]",
      "a=1",
    ].join("\r\n");
    expect(Object.entries(await parsed("ini", text))).toEqual([
      ["token", "p#ss;w=rd%1$"],
      ["db", '{"username":"app","password":"two words","empty":""}'],
      ["__proto__", '{"a":"1"}'],
    ]);
  });

  test.each(
    labelled([
      [`a=${secret}\na=2`, 'duplicate-key (line 2, key "a")'],
      [`[s]\na=1\n[t]\n[s]\na=${secret}`, 'duplicate-key (line 4, key "s")'],
      [`[s]\na=1\na=${secret}`, 'duplicate-key (line 3, key "a")'],
      [`s=1\n[s]\na=${secret}`, 'duplicate-key (line 2, key "s")'],
      [secret, "syntax (line 1)"],
      [`a: ${secret}`, "syntax (line 1)"],
      [`[s\na=${secret}`, "syntax (line 1)"],
      [`[a b]\na=${secret}`, "syntax (line 1)"],
      [`a="${secret}"`, 'syntax (line 1, key "a")'],
      [`a=${secret} ; x`, 'syntax (line 1, key "a")'],
      [`a=#${secret}`, 'syntax (line 1, key "a")'],
      [`a=${secret}\\\nb=1`, 'syntax (line 1, key "a")'],
      [`a=1\n  ${secret}`, "syntax (line 2)"],
      [`a=${secret}\u00a0`, 'syntax (line 1, key "a")'],
      ["; only\n", "empty"],
      [Buffer.from(`a=${secret}`, "utf16le"), "not-utf8"],
    ]),
  )("%s is %s", async (_label, reason, text) => {
    expect(await refusal("ini", text)).toBe(reason);
  });
});
