import { inspect } from "node:util";
import type { SecretError } from "@tacit/core/provider";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFileParser, type ParserOptions } from "./file-parser.ts";

const secret = "s3cret-fixture";
const metadata =
  "metadata: map[created_time:2026-01-02T03:04:05.6Z custom_metadata:<nil> deletion_time: destroyed:false version:3]\n";

type Rules = Partial<Pick<ParserOptions, "keys" | "pattern">>;

async function parsed(text: string, rules: Rules = {}, warnings: string[] = []): Promise<Record<string, string>> {
  const warn = (code: string): void => void warnings.push(code);
  const parser = await createFileParser({ parse: "vault-agent", keys: undefined, pattern: undefined, ...rules, warn });
  const fields = parser(Buffer.from(text), "db");
  return Object.fromEntries([...fields].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]));
}

async function refusal(text: string, rules: Rules = {}): Promise<SecretError> {
  const error = await parsed(text, rules).then(
    (fields) => {
      throw new Error(`was read as ${inspect(fields)}`);
    },
    (thrown: SecretError) => thrown,
  );
  expect(inspect(error, { depth: 10 })).not.toContain(secret);
  return error;
}

describe("JSON", () => {
  const data = { username: "app", password: secret };

  test.each([
    ["the data alone", data],
    ["what a KV v2 engine puts around it", { data, metadata: { version: 3, created_time: "x" } }],
    ["the whole answer of Vault", { request_id: "r", lease_id: "", data, warnings: null }],
    ["both", { request_id: "r", lease_id: "", data: { data, metadata: { version: 3 } } }],
  ])("%s is read", async (_what, document) => {
    expect(await parsed(`${JSON.stringify(document)}\n`, { keys: ["password"] })).toEqual(data);
  });

  test("an application's own data and metadata stay where they are", async () => {
    const own = { data: "x", metadata: { owner: "y" } };
    expect(await parsed(JSON.stringify(own))).toEqual({ data: "x", metadata: '{"owner":"y"}' });
    const texts = { data: "{}", metadata: '{"version":1}' };
    expect(await parsed(JSON.stringify(texts))).toEqual(texts);
    const inner = { data: { a: 1 }, metadata: { version: 1 } };
    expect(await parsed(JSON.stringify({ data: inner, metadata: { version: 3 } }))).toEqual({
      data: '{"a":1}',
      metadata: '{"version":1}',
    });
    const unfinished = { metadata: "{not JSON", data: "x" };
    expect(await parsed(JSON.stringify(unfinished))).toEqual(unfinished);
  });

  test("a deleted version has no data", async () => {
    const deleted = { data: null, metadata: { version: 3, deletion_time: "2026-01-01" } };
    expect((await refusal(JSON.stringify(deleted))).reason).toBe("empty");
  });

  test("a declared key that is not there is missed by name", async () => {
    const error = await refusal(JSON.stringify(data), { keys: ["password", "host"] });
    expect(error).toMatchObject({ reason: "field-missing", message: expect.stringContaining('"host"') });
  });
});

describe("lines", () => {
  test("each is a key and a value, and the operator is told that they can be forged", async () => {
    const warnings: string[] = [];
    const text = `host: db.example\npassword: a: b c \nurl: https://x\n`;
    expect(await parsed(text, {}, warnings)).toEqual({ host: "db.example", password: "a: b c ", url: "https://x" });
    expect(warnings).toEqual(["forgeable-lines"]);
  });

  test("declared keys may stand in any order", async () => {
    expect(await parsed(`username: app\npassword: ${secret}`, { keys: ["password", "username"] })).toEqual({
      username: "app",
      password: secret,
    });
  });

  test.each<[string, string, Rules, string]>([
    ["a line without a key", `note: line1\n${secret}\n`, {}, "syntax"],
    ["an empty line within", `note: ${secret}\n\nz: 1\n`, {}, "syntax"],
    ["a forged key out of order", `note: line1\nfake: ${secret}\npassword: x\n`, {}, "syntax"],
    ["a forged key that nobody declared", `note: x\nz: ${secret}\n`, { keys: ["note"] }, "syntax"],
    ["a forged copy of a key", `a: x\nb: ${secret}\nb: real\n`, {}, "duplicate-key"],
    ["the same with declared keys", `a: x\nb: ${secret}\nb: real\n`, { keys: ["a", "b"] }, "duplicate-key"],
    ["a value that is nothing", "a: <no value>\n", {}, "ambiguous"],
    ["a declared key that is not there", `a: ${secret}\n`, { keys: ["a", "b"] }, "field-missing"],
  ])("%s is refused", async (_what, text, rules, reason) => {
    expect((await refusal(text, rules)).reason).toBe(reason);
  });
});

describe("Go maps", () => {
  test.each([
    ["what a KV v2 engine holds", `data: map[a:${secret} b:2]\n${metadata}`],
    ["a list", "list: [a b c]\n"],
    ["a map behind a line", "a: x\nobj: map[k:v w]\n"],
    ["the data alone", `map[a:${secret}]`],
    ["a deleted version", "data: <no value>\nmetadata: map[version:3]\n"],
  ])("%s is refused with the annotation to set", async (_what, text) => {
    const error = await refusal(text);
    expect(error).toMatchObject({ reason: "go-map", tip: expect.stringContaining("agent-inject-default-template") });
  });

  test.each<[string, string, readonly string[], Record<string, string>]>([
    ["one key", `data: map[password:${secret}]\n${metadata}`, ["password"], { password: secret }],
    [
      "two keys",
      `data: map[b:2 d a:1]\n${metadata}`.replace("b:2 d a:1", "a:1 b:2 d"),
      ["b", "a"],
      { a: "1", b: "2 d" },
    ],
    ["a bracket and a second line", "map[a:x]y b:l1\nl2]", ["a", "b"], { a: "x]y", b: "l1\nl2" }],
    ["nothing", "data: map[a: b:]\n", ["a", "b"], { a: "", b: "" }],
    ["metadata of its owner", `data: map[a:1]\n${metadata.replace("<nil>", "map[owner:x]")}`, ["a"], { a: "1" }],
  ])("%s has one reading with its keys", async (_what, text, keys, fields) => {
    expect(await parsed(text, { keys })).toEqual(fields);
  });

  test.each<[string, string, readonly string[]]>([
    ["a value that forges a declared key", `data: map[a:1 b:${secret} b:3]\n${metadata}`, ["a", "b"]],
    ["a value that forges another key", `data: map[a:1 c:${secret}]\n${metadata}`, ["a"]],
    ["a declared key that is not there", `data: map[a:1]\n${metadata}`, ["a", "b"]],
    ["a key before the declared ones", `data: map[a:1 b:${secret}]\n${metadata}`, ["b"]],
    ["a map in a map", `data: map[a:map[x:${secret}]]\n${metadata}`, ["a"]],
    ["a list", `data: map[a:[${secret}]]\n${metadata}`, ["a"]],
    ["nothing", `data: map[a:<nil>]\n${metadata}`, ["a"]],
    ["metadata that a value forged", `data: map[a:x]\nmetadata: map[created_time:2026 ${secret}]\n${metadata}`, ["a"]],
    [
      "metadata that its owner forged",
      `data: map[a:${secret}]\n${metadata.replace("<nil>", `map[x:]\nmetadata: map[created_time:2026]`)}`,
      ["a"],
    ],
    ["text behind the metadata", `data: map[a:x]\n${metadata}b: ${secret}\n`, ["a"]],
  ])("%s leaves more than one reading, or none", async (_what, text, keys) => {
    expect((await refusal(text, { keys })).reason).toBe("ambiguous");
  });

  test("whatever Go prints is read as it was, or not at all", async () => {
    const value = fc.string({ unit: fc.constantFrom(..."ab: ]\n["), maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom("a", "b", "ab"), value, { minKeys: 1 }), async (data) => {
        const keys = Object.keys(data).sort();
        const printed = `data: map[${keys.map((key) => `${key}:${data[key]}`).join(" ")}]\n${metadata}`;
        const fields = await parsed(printed, { keys }).catch(() => undefined);
        if (fields !== undefined) expect(fields).toEqual(data);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a declared pattern", () => {
  const jdbc = "jdbc:postgresql://{host}:{port}/{database}?user={username}&password={password}";

  test("takes a rendered text apart where there is one way", async () => {
    const text = `jdbc:postgresql://db.example:5432/app?user=app&password=${secret}=&x\n`;
    expect(await parsed(text, { pattern: jdbc })).toEqual({
      host: "db.example",
      port: "5432",
      database: "app",
      username: "app",
      password: `${secret}=&x`,
    });
    expect(await parsed(`{"a":"${secret}"}`, { pattern: '{"a":"{value}"}' })).toEqual({ value: secret });
  });

  test.each<[string, string, string, string]>([
    ["a separator within a field", "{username}:{password}", `a:b:${secret}`, "ambiguous"],
    ["another text", jdbc, `mysql://${secret}`, "syntax"],
    ["an end that is missing", "<{a}>", `<${secret}`, "syntax"],
    ["a middle that is missing", "{a}:{b}", secret, "syntax"],
    ["a middle that is a part of the end", "{a}xy{b}y", "ax", "syntax"],
  ])("%s is refused", async (_what, pattern, text, reason) => {
    expect((await refusal(text, { pattern })).reason).toBe(reason);
  });

  test("what is rendered is read as it was, or not at all", async () => {
    const value = fc.string({ unit: fc.constantFrom(..."a:/@"), maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(value, value, value, async (a, b, c) => {
        const fields = await parsed(`${a}:${b}@/${c}`, { pattern: "{a}:{b}@/{c}" }).catch(() => undefined);
        if (fields !== undefined) expect(fields).toEqual({ a, b, c });
      }),
      { numRuns: 5000 },
    );
  });
});
