import { isSecretError, type Provider } from "@tacit/core/provider";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EncryptedFixture, encryptedFixture } from "../../test/encrypted-fixture.ts";
import { read, textOf } from "../../test/file/file-fixture.ts";
import { testFile } from "../../test/test-file.ts";
import { kubesec } from "./index.ts";

const file = (name: string): string => testFile("kubesec", name).toString();
const data = { password: "s3cret-fixture", binary: "\0\ufffd\ufffd", empty: "" };
const content = { ...data, user: "app" };

async function withFile(
  fixture: EncryptedFixture,
  text: string,
  options: object = {},
  key = "open.asc",
): Promise<Provider> {
  fixture.write("db.yaml", text);
  const passphrase = key === "locked.asc" ? { passphrase: fixture.key("correct-horse-fixture") } : {};
  const keys = [{ use: "pgp", key: fixture.key(file(key)), signers: fixture.key(file("open.asc")), ...passphrase }];
  return fixture.open(kubesec, { keys, ...options });
}

describe("files whose data key gpg wrapped and signed", () => {
  test.each([
    ["v4.yaml", "open.asc", content],
    ["v3.yaml", "open.asc", data],
    ["two.yaml", "open.asc", content],
    ["two.yaml", "locked.asc", content],
  ])("%s opens with %s", async (name, key, expected) => {
    await using fixture = encryptedFixture();
    const provider = await withFile(fixture, file(name), {}, key);
    expect(await textOf(read(provider, "db"))).toEqual(expected);
  });

  test("version 2 has no MAC, and opens where the document says so", async () => {
    await using fixture = encryptedFixture();
    const provider = await withFile(fixture, file("v2.yaml"));
    await expect(read(provider, "db")).rejects.toMatchObject({ code: "INVALID_VALUE", reason: "mac-mismatch" });
    const lax = await withFile(fixture, file("v2.yaml"), { allowUnauthenticated: true });
    expect(await textOf(read(lax, "db"))).toEqual(data);
  });
});

describe("a file that was changed is refused", () => {
  const v4 = file("v4.yaml");
  const [, one = ""] = /password: (.*)/.exec(v4) ?? [];
  const [, other = ""] = /binary: (.*)/.exec(v4) ?? [];
  const [, empty = ""] = /empty: (.*)/.exec(v4) ?? [];
  test.each([
    ["two values traded places", v4.replace(one, "@").replace(other, one).replace("@", other), "tampered"],
    ["a value was removed", v4.replace(/ {2}password: .*\n/, ""), "mac-mismatch"],
    ["a value moved from stringData to data", v4.replace(/stringData:\n/, ""), "*"],
    ["a value is in the clear", v4.replace(one, "czNjcmV0"), "tampered"],
    ["a value lost its tag", v4.replace(empty, empty.split(".")[0] ?? ""), "tampered"],
    ["the MAC was taken out", v4.replace(/# kubesec:mac:.*\n/, ""), "mac-mismatch"],
    ["the MAC is another", v4.replace(/# kubesec:mac:(.*)\n/, `# kubesec:mac:${empty}\n`), "mac-mismatch"],
    ["it says that it is of version 2", v4.replace("kubesec:v:4", "kubesec:v:2"), "mac-mismatch"],
    [
      "a recipient was added",
      v4.replace("# kubesec:mac", "# kubesec:aws:arn:aws:kms:x:1:key/y:AAAA\n# kubesec:mac"),
      "mac-mismatch",
    ],
    ["the data key is not signed", file("unsigned.yaml"), "tampered"],
    ["lines end with a carriage return", v4.replaceAll("\n", "\r\n"), "syntax"],
    ["the keys were taken out", v4.replace(/# kubesec:pgp.*\n/, ""), "malformed"],
    ["the message was cut", v4.replace(/(# kubesec:pgp:\w+:.{200}).*/, "$1"), "tampered"],
  ])("%s", async (_title, text, reason) => {
    await using fixture = encryptedFixture();
    const provider = await withFile(fixture, text);
    const error = await read(provider, "db").catch((thrown: unknown) => thrown);
    expect(isSecretError(error, "INVALID_VALUE")).toBe(true);
    if (reason !== "*") expect(error).toMatchObject({ reason });
  });
});

test("a key with another passphrase is told as such, without a word of either", async () => {
  await using fixture = encryptedFixture();
  fixture.write("db.yaml", file("two.yaml"));
  const key = { use: "pgp", key: fixture.key(file("locked.asc")), passphrase: fixture.key("another-horse") };
  const provider = await fixture.open(kubesec, { keys: [key] });
  const error = await read(provider, "db").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "key-format" });
  expect(`${error} ${JSON.stringify(error)}`).not.toMatch(/horse|BEGIN/);
});

test("any change of a file is an error with a code, or changes nothing that is encrypted", {
  timeout: 600_000,
}, async () => {
  await using fixture = encryptedFixture();
  const provider = await withFile(fixture, file("v4.yaml"));
  const original = testFile("kubesec", "v4.yaml");
  const runs = process.env.TACIT_ALL_SEEDS === undefined ? 30 : 5000;
  await fc.assert(
    fc.asyncProperty(
      fc.nat(original.length - 1),
      fc.integer({ min: 32, max: 126 }),
      fc.boolean(),
      async (at, byte, insert) => {
        fixture.write(
          "db.yaml",
          Buffer.concat([original.subarray(0, at), Buffer.of(byte), original.subarray(insert ? at : at + 1)]),
        );
        const outcome = await textOf(read(provider, "db")).catch((error: unknown) => error);
        if (!isSecretError(outcome, "INVALID_VALUE")) expect(outcome).toEqual(content);
      },
    ),
    { numRuns: runs },
  );
});
