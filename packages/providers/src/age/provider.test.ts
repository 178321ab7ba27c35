import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { encryptForTests } from "../../test/age/harness.ts";
import { testFiles, testHybridIdentity, testIdentity, testRecipient } from "../../test/age/vectors.ts";
import { encryptedFixture } from "../../test/encrypted-fixture.ts";
import { forever, read, textOf } from "../../test/file/file-fixture.ts";
import { age } from "./index.ts";

describe("names of files", () => {
  test.each([
    ["token.age", "token"],
    ["token.age", "token.age"],
    ["team/token.age", "team/token"],
    ["token", "token"],
  ])("%s is read as %s", async (file, name) => {
    await using fixture = encryptedFixture();
    fixture.write(file, testFiles.x25519);
    const provider = await fixture.open(age, { keys: [{ use: "age", identity: fixture.key(testIdentity) }] });
    expect(await textOf(read(provider, name))).toBe("s3cret-fixture\n");
  });

  test("a directory is no secret, also where a file of its name stands beside it", async () => {
    await using fixture = encryptedFixture();
    fixture.write("db/token.age", testFiles.x25519);
    const provider = await fixture.open(age, { keys: [{ use: "age", identity: fixture.key(testIdentity) }] });
    expect(await read(provider, "db")).toEqual({ status: "not-found", definitive: true });
    expect(await read(provider, ".")).toEqual({ status: "not-found", definitive: true });
    fixture.write("db.age", testFiles.x25519);
    expect(await textOf(read(provider, "db"))).toBe("s3cret-fixture\n");
  });
});

test("a file that is missing is told by every path at which it was looked for", async () => {
  await using fixture = encryptedFixture();
  const provider = await fixture.open(age, { keys: [{ use: "age", identity: fixture.key(testIdentity) }] });
  const root = JSON.stringify(fixture.root).slice(0, -1);
  expect(provider.place?.("team/token")).toBe(`file ${root}/team/token", ${root}/team/token.age"`);
  expect(provider.place?.("token.age")).toBe(`file ${root}/token.age"`);
  fixture.write("team/token.age", testFiles.x25519);
  expect(provider.place?.("Team/token")).toMatch(/token\.age"; "team\/token\.age" differs only in case$/);
});

describe("what is decrypted", () => {
  test.each([
    ["db.json.age", '{"user":"app","port":5432}', { user: "app", port: "5432" }],
    ["db.env.age", "USER=app\n", { USER: "app" }],
    ["db.yml.age", "user: app\n", { user: "app" }],
    ["db.txt.age", "user: app\n", "user: app\n"],
  ])("%s is read by its extension", async (file, content, expected) => {
    await using fixture = encryptedFixture();
    fixture.write(file, await encryptForTests(content));
    const provider = await fixture.open(age, { keys: [{ use: "age", identity: fixture.key(testIdentity) }] });
    expect(await textOf(read(provider, file))).toEqual(expected);
    expect(await textOf(read(provider, file.replace(/\.age$/, "")))).toEqual(expected);
  });

  test('one value with "parse": "raw", and fields of the format that is named', async () => {
    await using fixture = encryptedFixture();
    fixture.write("db.json.age", await encryptForTests('{"user":"app"}'));
    fixture.write("db.age", await encryptForTests('{"user":"app"}'));
    const keys = [{ use: "age", identity: fixture.key(testIdentity) }];
    const raw = await fixture.open(age, { keys, parse: "raw" });
    expect(await textOf(read(raw, "db.json"))).toBe('{"user":"app"}');
    const json = await fixture.open(age, { keys, parse: "json" });
    expect(await textOf(read(json, "db"))).toEqual({ user: "app" });
  });

  test("the same plaintext under another file key is no change", async () => {
    await using fixture = encryptedFixture();
    fixture.write("token.age", await encryptForTests("s3cret-fixture"));
    const provider = await fixture.open(age, { keys: [{ use: "age", identity: fixture.key(testIdentity) }] });
    const first = await read(provider, "token");
    if (first.status !== "ok") throw new Error("not read");
    fixture.write("token.age", await encryptForTests("s3cret-fixture"));
    expect(await read(provider, "token", first.version)).toEqual({ status: "not-modified", version: first.version });
  });
});

describe("keys", () => {
  test("any of several opens a file, and what they open is told by diagnose", async () => {
    await using fixture = encryptedFixture();
    fixture.write("token.age", testFiles.x25519);
    const keys = [testHybridIdentity, testIdentity].map((key) => ({ use: "age", identity: fixture.key(key) }));
    const provider = await fixture.open(age, { keys });
    expect(await textOf(read(provider, "token"))).toBe("s3cret-fixture\n");
    const findings = await provider.diagnose?.(forever);
    expect(findings?.filter(({ code }) => code === "age-recipient").map(({ message }) => message)).toEqual([
      expect.stringMatching(/^files for age1pq1/),
      `files for ${testRecipient} can be decrypted`,
    ]);
    expect(JSON.stringify(findings)).not.toContain("SECRET-KEY");
  });

  test("a file for another key is INVALID_VALUE, which names the file and says what to do", async () => {
    await using fixture = encryptedFixture();
    fixture.write("token.age", testFiles.hybrid);
    const provider = await fixture.open(age, { keys: [{ use: "age", identity: fixture.key(testIdentity) }] });
    await expect(read(provider, "token")).rejects.toMatchObject({
      code: "INVALID_VALUE",
      reason: "no-key",
      message: '"token.age" is encrypted for age, but no configured key can decrypt it (age)',
    });
  });

  test("an identity that is not there yet is tried again", async () => {
    await using fixture = encryptedFixture();
    fixture.write("token.age", testFiles.x25519);
    const { $file } = fixture.key("");
    const provider = await fixture.open(age, { keys: [{ use: "age", identity: { $file: `${$file}-later` } }] });
    await expect(read(provider, "token")).rejects.toMatchObject({ code: "ENOENT" });
    writeFileSync(`${$file}-later`, testIdentity);
    expect(await textOf(read(provider, "token"))).toBe("s3cret-fixture\n");
  });
});

test.each([
  [{}, "keys"],
  [{ keys: [] }, "keys"],
  [{ keys: [{ use: "age" }] }, "identity"],
  [{ keys: [{ use: "local", key: { $env: "KEY" } }] }, "use"],
  [{ keys: [{ use: "age", identity: { $env: "A" }, passphrase: { $env: "B" } }] }, "identity"],
])("the options %j are refused at %s", async (options, place) => {
  const schema = await age.options();
  const result = await schema["~standard"].validate({ root: "/secrets", ...options });
  expect(JSON.stringify(result.issues)).toContain(place);
});
