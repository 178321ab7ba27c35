import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CredentialSource } from "../contract/contract.ts";
import { isSecretError } from "../error/secret-error.ts";
import { isCredentialSource, readCredential } from "./credential.ts";

const env = { TOKEN: "s3cret-fixture", LINE: "s3cret-fixture\n", BLANK: "\n" };
let directory: string;
let path: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tacit-credential-"));
  path = join(directory, "token");
});
afterAll(() => rm(directory, { recursive: true }));

async function refusalOf(source: CredentialSource): Promise<unknown> {
  return readCredential(source, { env }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

test.each([
  ["s3cret-fixture", "s3cret-fixture"],
  ["s3cret-fixture\n", "s3cret-fixture"],
  ["s3cret-fixture\r\n", "s3cret-fixture"],
  ["s3cret-fixture\n\n", "s3cret-fixture\n"],
  [" s3cret-fixture ", " s3cret-fixture "],
  ["s3cret-fixture\r", "s3cret-fixture\r"],
])("reads the bytes of a file without one final line end: %j", async (text, expected) => {
  await writeFile(path, text);
  expect(Buffer.from(await readCredential({ $file: path }, { env })).toString()).toBe(expected);
});

test("keeps bytes that are not text", async () => {
  await writeFile(path, Uint8Array.of(0xff, 0x00, 0x0a));
  expect(Buffer.from(await readCredential({ $file: path }, { env }))).toEqual(Buffer.of(0xff, 0x00));
});

test("reads a file again at each use", async () => {
  await writeFile(path, "before");
  await readCredential({ $file: path }, { env });
  await writeFile(path, "after");
  expect(Buffer.from(await readCredential({ $file: path }, { env })).toString()).toBe("after");
});

test.each(["TOKEN", "LINE"])("reads the variable %s", async ($env) => {
  expect(Buffer.from(await readCredential({ $env }, { env })).toString()).toBe("s3cret-fixture");
});

test("reads another secret through the client", async () => {
  const asked: string[] = [];
  const secret = async (reference: string): Promise<Uint8Array> => {
    asked.push(reference);
    return Buffer.from("s3cret-fixture\n");
  };
  const bytes = await readCredential({ $secret: "vault/token#id" }, { env, secret });
  expect([asked, Buffer.from(bytes).toString()]).toEqual([["vault/token#id"], "s3cret-fixture"]);
});

test("refuses another secret without a client", async () => {
  expect(await refusalOf({ $secret: "a" })).toMatchObject({ code: "INVALID_CONFIG", reason: "secret-source" });
});

test.each([
  [{ $env: "absent/s3cret-fixture" }, "INVALID_CONFIG", "credential-missing"],
  [{ $env: "__proto__" }, "INVALID_CONFIG", "credential-missing"],
  [{ $env: "BLANK" }, "INVALID_CONFIG", "credential-empty"],
  [{ $file: "/absent/s3cret-fixture" }, "UNAUTHENTICATED", "credential-missing"],
  [{ $file: tmpdir() }, "UNAUTHENTICATED", "credential-missing"],
] as const)("reports a missing source, without a text that may not be a variable: %j", async (source, code, reason) => {
  const error = await refusalOf(source);
  expect(error).toMatchObject({ code, reason, tip: expect.any(String) });
  expect(isSecretError(error) && error.message).not.toMatch(/s3cret-fixture|BLANKS/);
});

test.each(["ABSENT", "DB_PASSWORD", "PG_2_URL"])("reports the variable %s that is not set", async ($env) => {
  expect(await refusalOf({ $env })).toMatchObject({ message: `the variable ${$env} that \`$env\` names is not set` });
});

test.each(["AKIAIOSFODNN7EXAMPLE", "hvs.S3CRET", "S3CRET_FIXTURE-1"])(
  "does not report a name that may be a token: %s",
  async ($env) => {
    expect(await refusalOf({ $env })).toMatchObject({ message: "the variable that `$env` names is not set" });
  },
);

test("reports an empty file as a retryable error", async () => {
  await writeFile(path, "\n");
  expect(await refusalOf({ $file: path })).toMatchObject({
    code: "UNAUTHENTICATED",
    reason: "credential-empty",
    retryable: true,
  });
});

test.each([
  [{ $env: "A" }, true],
  [{ $file: "/a" }, true],
  [{ $secret: "a" }, true],
  [{ $env: "A", $file: "/a" }, false],
  [{ $env: "A", other: 1 }, false],
  [{ $env: "" }, false],
  [{ $env: 1 }, false],
  [{}, false],
  [[], false],
  [null, false],
  ["$env", false],
  [{ env: "A" }, false],
])("recognises a source: %j", (value, expected) => {
  expect(isCredentialSource(value)).toBe(expected);
});
