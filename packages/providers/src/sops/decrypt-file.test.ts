import { conformanceHost } from "@tacit/core/conformance";
import { isSecretError, type SecretPayload } from "@tacit/core/provider";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testHybridIdentity, testIdentity, testSshKeys } from "../../test/age/vectors.ts";
import { forever } from "../../test/file/file-fixture.ts";
import { sopsContents, sopsFile } from "../../test/sops/vectors.ts";
import { type Keys, openKeys } from "../shared/keys/open-keys.ts";
import { decryptFile } from "./decrypt-file.ts";

function keysOf(...identities: readonly string[]): Keys {
  const host = conformanceHost({
    credential: async (source) => Buffer.from(identities["$env" in source ? Number(source.$env) : 0] ?? ""),
  });
  return openKeys(
    identities.map((_, index) => ({ use: "age", identity: { $env: String(index) } })),
    host,
  );
}

const shared = keysOf(testIdentity, testHybridIdentity);

function decrypt(bytes: Uint8Array, path: string, keys = shared): Promise<SecretPayload> {
  return decryptFile({ bytes, path, format: "extension" }, keys, forever);
}

function contentOf(payload: SecretPayload): unknown {
  if (payload.kind === "value") return Buffer.from(payload.bytes).toString("base64");
  return Object.fromEntries([...payload.fields].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]));
}

async function refusal(bytes: Uint8Array | string, path: string, keys = shared): Promise<unknown> {
  return decrypt(Buffer.from(bytes as string), path, keys).then(
    () => "opened",
    (error: unknown) => error,
  );
}

test.for(Object.entries(sopsContents))("%s of the sops program is read as it was", async ([name, content]) => {
  expect(contentOf(await decrypt(sopsFile(name), name))).toEqual(content);
});

test("lines that end with a carriage return, and a byte order mark, change nothing but for dotenv", async () => {
  for (const name of ["all.yaml", "all.json", "all.ini"]) {
    const file = Buffer.from(`\uFEFF${sopsFile(name).toString().replaceAll("\n", "\r\n")}`);
    expect(contentOf(await decrypt(file, name))).toEqual(sopsContents[name]);
  }
});

describe("a file that was changed without sops is refused", () => {
  const yaml = sopsFile("all.yaml").toString();
  const json = sopsFile("all.json").toString();
  const env = sopsFile("all.env").toString();
  const encryptedOf = (text: string, key: string): string =>
    new RegExp(`${key}"?[:=] ?"?(ENC\\[[^\\]]*\\])`).exec(text)?.[1] ?? "";
  const swapped = (text: string, one: string, other: string): string =>
    text.replace(one, "@").replace(other, one).replace("@", other);

  test.each([
    [
      "two values traded places",
      "all.yaml",
      swapped(yaml, encryptedOf(yaml, "user"), encryptedOf(yaml, "password")),
      "tampered",
    ],
    ["two items of a list traded places", "all.yaml", swapped(yaml, ...itemsOf(yaml)), "mac-mismatch"],
    ["a value was removed", "all.yaml", yaml.replace(/ {4}password: .*\n/, ""), "mac-mismatch"],
    ["a value was renamed", "all.yaml", yaml.replace("    password:", "    pass:"), "tampered"],
    [
      "a value in the clear was added",
      "all.yaml",
      yaml.replace("    user:", "    added: clear\n    user:"),
      "cleartext",
    ],
    ["a number in the clear was added", "all.yaml", yaml.replace("    user:", "    added: 5\n    user:"), "cleartext"],
    ["a value in the clear was changed", "all.yaml", yaml.replace("in the clear", "in the clean"), "mac-mismatch"],
    [
      "the date of change was altered",
      "all.yaml",
      yaml.replace(/lastmodified: "20\d\d/, 'lastmodified: "2030'),
      "mac-mismatch",
    ],
    ["the MAC was taken out", "all.yaml", yaml.replace(/ {4}mac: .*\n/, ""), "mac-mismatch"],
    [
      "the MAC is another value",
      "all.yaml",
      yaml.replace(/ {4}mac: .*/, `    mac: ${encryptedOf(yaml, "user")}`),
      "mac-mismatch",
    ],
    ["the MAC became bytes", "all.yaml", yaml.replace(/( {4}mac: ENC.*)type:str/, "$1type:bytes"), "mac-mismatch"],
    [
      "a text became bytes of another type",
      "all.yaml",
      yaml.replace(/(port: ENC.*)type:int/, "$1type:bool"),
      "tampered",
    ],
    ["a text became a comment", "all.yaml", yaml.replace(/(user: ENC.*)type:str/, "$1type:comment"), "tampered"],
    ["something stands behind a value", "all.json", json.replace('type:str]"', 'type:str] more"'), "cleartext"],
    ["keys changed their order", "all.json", reordered(json), "mac-mismatch"],
    [
      "the rule was changed",
      "all.json",
      json.replace('"unencrypted_suffix": "_unencrypted"', '"unencrypted_suffix": "_x"'),
      "cleartext",
    ],
    [
      "a second rule was added",
      "all.json",
      json.replace('"unencrypted_suffix"', '"encrypted_regex": "a",\n"unencrypted_suffix"'),
      "encryption-rule",
    ],
    [
      "the MAC was limited to encrypted values",
      "all.json",
      json.replace('"lastmodified"', '"mac_only_encrypted": true,\n"lastmodified"'),
      "mac-mismatch",
    ],
    ["a key stands twice", "all.json", json.replace('"big":', '"exp": 1,\n"big":'), "duplicate-key"],
    ["a line was removed from dotenv", "all.env", env.replace(/PASSWORD=.*\n/, ""), "mac-mismatch"],
    ["lines of dotenv end with a carriage return", "all.env", env.replaceAll("\n", "\r\n"), "*"],
    ["the metadata was taken out", "all.env", env.replace(/sops_.*\n/g, ""), "malformed"],
    ["it holds more values than a file may", "all.json", `{"a":[${"1,".repeat(60_000)}1]}`, "too-large"],
    ["the version was taken out", "all.json", json.replace(/,\s+"version": "[^"]*"/, ""), "malformed"],
    ["the version is none", "all.json", json.replace(/("version": "[^"]*)"/, '$1.x"'), "malformed"],
    ["a text stands among the keys", "all.yaml", yaml.replace(/^ {4}age:$/m, "$&\n        - more"), "malformed"],
    ["the keys are no list", "all.json", json.replace('"age":', '"pgp": "x", "age":'), "malformed"],
    ["the metadata is no map", "all.yaml", "a: b\nsops: 5\n", "malformed"],
    [
      "a binary file has more than data",
      "all.bin",
      sopsFile("all.bin").toString().replace("{", '{"more": "",'),
      "malformed",
    ],
    ["a share was taken twice", "shamir.env", duplicatedShare(sopsFile("shamir.env").toString()), "*"],
    [
      "the threshold was lowered to one",
      "shamir.yaml",
      sopsFile("shamir.yaml").toString().replace("shamir_threshold: 2", "shamir_threshold: 1"),
      "*",
    ],
    [
      "the threshold cannot be reached",
      "shamir.yaml",
      sopsFile("shamir.yaml").toString().replace("shamir_threshold: 2", "shamir_threshold: 9"),
      "malformed",
    ],
    [
      "comments decide, and a value was put in the clear",
      "comment.yaml",
      sopsFile("comment.yaml")
        .toString()
        .replace(/^b: .*$/m, "b: clear"),
      "mac-mismatch",
    ],
  ])("%s", async (_title, name, changed, reason) => {
    expect(changed).not.toBe(sopsFile(name).toString());
    const error = await refusal(changed, name);
    expect(isSecretError(error, "INVALID_VALUE")).toBe(true);
    if (reason !== "*") expect(error).toMatchObject({ reason });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/s3cret|in the clean|ENC\[/);
  });

  test("what SOPS accepts although it was added changes nothing that is encrypted: empty and null", async () => {
    const changed = yaml.replace("    user:", '    added: ""\n    gone: null\n    user:');
    const { db } = contentOf(await decrypt(Buffer.from(changed), "all.yaml")) as Record<string, string>;
    expect(db).toContain('"added":"","gone":null,"user":"app"');
  });
});

describe("where comments decide under a MAC over encrypted values alone", () => {
  const encrypted = sopsFile("encrypted-comment.yaml").toString();
  const unencrypted = sopsFile("unencrypted-comment.yaml").toString();
  const env = sopsFile("encrypted-comment.env").toString();
  const ini = sopsFile("encrypted-comment.ini").toString();

  test.each([
    ["a value was put in the clear", "a.yaml", encrypted.replace(/^top: .*$/m, "top: clear"), "cleartext"],
    [
      "a clear value was added where all are encrypted",
      "a.yaml",
      encrypted.replace(/^keys:$/m, "$&\n    added: x"),
      "cleartext",
    ],
    ["a number was added there", "a.yaml", encrypted.replace(/^keys:$/m, "$&\n    added: 1"), "cleartext"],
    [
      "a clear item was added to a map of a list",
      "a.yaml",
      encrypted.replace(/^ {6}pw: /m, "      added: x\n$&"),
      "cleartext",
    ],
    ["a comment was taken away", "a.yaml", encrypted.replace("# secret\ntop", "top"), "mac-mismatch"],
    ["a comment in the line was taken away", "a.yaml", encrypted.replace(/(port: .*) # secret/, "$1"), "mac-mismatch"],
    ["a comment was added", "a.yaml", encrypted.replace("clear: one", "# secret\nclear: one"), "cleartext"],
    [
      "a comment was added in the line",
      "a.yaml",
      encrypted.replace("clear: one", "clear: one # a secret"),
      "cleartext",
    ],
    ["an encrypted value was removed", "a.yaml", encrypted.replace(/^ {4}password: .*\n/m, ""), "*"],
    ["a map in braces was added", "a.yaml", encrypted.replace("clear: one", "clear: {a: one}"), "unsupported-syntax"],
    [
      "a value that no comment lets be was put in the clear",
      "b.yaml",
      unencrypted.replace(/^clear: .*$/m, "clear: x"),
      "cleartext",
    ],
    [
      "a comment was put before an encrypted value",
      "b.yaml",
      unencrypted.replace(/^clear: /m, "# secret\nclear: "),
      "mac-mismatch",
    ],
    ["the comment of a clear value was taken away", "b.yaml", unencrypted.replace("# secret\ntop", "top"), "cleartext"],
    ["a line of dotenv was put in the clear", "a.env", env.replace(/^B=.*$/m, "B=clear"), "cleartext"],
    ["a comment of dotenv moved", "a.env", env.replace("# secret\n", "").replace("# plain", "# secret"), "*"],
    ["a value of INI was put in the clear", "a.ini", ini.replace(/^pw .*$/m, "pw = clear"), "cleartext"],
  ])("%s", async (_title, name, changed, reason) => {
    expect([encrypted, unencrypted, env, ini]).not.toContain(changed);
    const error = await refusal(changed, name);
    expect(isSecretError(error, "INVALID_VALUE")).toBe(true);
    if (reason !== "*") expect(error).toMatchObject({ reason });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/s3cret|ENC\[/);
  });

  test("clear values may come and go, as SOPS has it", async () => {
    const changed = encrypted.replace("clear: one", "clear: two\nmore: x");
    expect(contentOf(await decrypt(Buffer.from(changed), "a.yaml"))).toMatchObject({ clear: "two", more: "x" });
  });
});

test("a rule and a key, or a comment, that are too long for each other are refused", async () => {
  const long = "x".repeat(1001);
  const regex = sopsFile("regex.yaml")
    .toString()
    .replace(/encrypted_regex: .*/, "encrypted_regex: a+b");
  expect(await refusal(`${long}: a\n${regex}`, "regex.yaml")).toMatchObject({ reason: "encryption-rule" });
  const comment = sopsFile("both.yaml").toString();
  expect(await refusal(`# ${long}\n${comment}`, "both.yaml")).toMatchObject({ reason: "encryption-rule" });
});

describe("key groups", () => {
  test("two of three open with any two keys, and not with one", async () => {
    const file = sopsFile("shamir.yaml");
    for (const keys of [keysOf(testIdentity, testSshKeys.ed25519), keysOf(testSshKeys.ed25519, testHybridIdentity)])
      expect(contentOf(await decrypt(file, "shamir.yaml", keys))).toEqual(sopsContents["shamir.yaml"]);
    expect(await refusal(file, "shamir.yaml", keysOf(testIdentity))).toMatchObject({
      reason: "no-key",
      message: "needs 2 of 3 key groups, but the configured keys decrypt only 1",
    });
  });
});

test.each([
  ["(a+)+$", false],
  ["(?i)^SUFFIX$", false],
  ["(?=x)", true],
  ["(".repeat(50), true],
  ["x".repeat(1001), true],
  ["((a{1,1000}){1,1000}){1,1000}", true],
])("a rule %j costs no more than its length", async (regex, isRefused) => {
  const file = JSON.parse(sopsFile("all.json").toString()) as { sops: Record<string, string>; [key: string]: unknown };
  delete file.sops.unencrypted_suffix;
  file.sops.encrypted_regex = regex;
  file[`${"a".repeat(900)}!`] = "x";
  // One that backtracks would not end within the time limit of a test.
  const error = await refusal(JSON.stringify(file), "all.json");
  expect(error).toMatchObject({ code: "INVALID_VALUE" });
  if (isRefused) expect(error).toMatchObject({ reason: "encryption-rule" });
});

test("any change of a file is an error with a code and without content, or changes nothing", {
  timeout: 300_000,
}, async () => {
  const names = Object.keys(sopsContents);
  const runs = process.env.TACIT_ALL_SEEDS === undefined ? 100 : 5000 * 5;
  const how = fc.constantFrom("set", "drop", "insert", "cut", "repeat");
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.nat(),
      fc.integer({ min: 32, max: 126 }),
      how,
      async (name, at, byte, change) => {
        const file = sopsFile(name);
        const place = at % file.length;
        const middle = {
          set: [byte],
          drop: [],
          insert: [byte, file[place] ?? 0],
          cut: [],
          repeat: [...file.subarray(place, place + 200)],
        }[change];
        const rest = change === "cut" ? Buffer.alloc(0) : file.subarray(change === "repeat" ? place : place + 1);
        const outcome = await decrypt(Buffer.concat([file.subarray(0, place), Buffer.from(middle), rest]), name).catch(
          (error: unknown) => error,
        );
        if (isSecretError(outcome)) {
          expect(outcome.code).toBe("INVALID_VALUE");
          expect(`${outcome.message} ${outcome.stack}`).not.toMatch(/s3cret-|line one/);
        } else if (outcome instanceof Error) throw outcome;
        else if (name !== "all.bin")
          expect(Object.values(contentOf(outcome as SecretPayload) as object).length).toBeGreaterThan(0);
      },
    ),
    { numRuns: runs },
  );
});

function itemsOf(yaml: string): [string, string] {
  const [, first = "", second = ""] = /hosts:\n(?: +- ENC.*comment\]\n)? +- (ENC.*)\n +- (ENC.*)\n/.exec(yaml) ?? [];
  return [first, second];
}

function reordered(json: string): string {
  const file = JSON.parse(json) as Record<string, unknown>;
  const { esc, ...others } = file;
  return JSON.stringify({ esc, ...others });
}

function duplicatedShare(env: string): string {
  const [, first = ""] = /sops_key_groups__list_0__map_age__list_0__map_enc=(.*)/.exec(env) ?? [];
  return env.replace(/(sops_key_groups__list_1__map_age__list_0__map_enc=).*/, `$1${first}`);
}
