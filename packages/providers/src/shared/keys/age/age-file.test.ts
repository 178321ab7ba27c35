import { conformanceHost } from "@tacit/core/conformance";
import { isSecretError } from "@tacit/core/provider";
import { Decrypter } from "age-encryption";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  testBinaryFile,
  testFiles,
  testHybridIdentity,
  testIdentity,
  testPassphrase,
  testPlaintext,
  testSshKeys,
} from "../../../../test/age/vectors.ts";
import { forever } from "../../../../test/file/file-fixture.ts";
import { decryptAge } from "./age-file.ts";
import { createAgeKey } from "./age-key.ts";
import { ageIdentities } from "./identities.ts";

const secrets: Readonly<Record<string, string>> = {
  x25519: testIdentity,
  hybrid: testHybridIdentity,
  sshEd25519: testSshKeys.ed25519,
  sshRsa: testSshKeys.rsa,
  sshRsaPkcs1: testSshKeys.rsaPkcs1,
  passphrase: testPassphrase,
};
const source = { $env: "KEY" };

function hostWith(key: string): ReturnType<typeof conformanceHost> {
  return conformanceHost({ credential: async () => Buffer.from(key) });
}

function identitiesOf(name: string) {
  const key = name === "passphrase" ? { passphrase: source } : { identity: source };
  return ageIdentities({ use: "age", ...key }, hostWith(secrets[name] ?? ""))();
}

describe("files of the age program", () => {
  test.for(Object.entries(testFiles))("%s opens with its key alone", { timeout: 30_000 }, async ([name, file]) => {
    const opened = await decryptAge(Buffer.from(file), await identitiesOf(name));
    expect(Buffer.from(opened ?? []).toString()).toBe(testPlaintext);
    const other = name === "x25519" ? "hybrid" : "x25519";
    expect(await decryptAge(Buffer.from(file), await identitiesOf(other))).toBeUndefined();
  });

  test("the binary form opens, also with CRLF in the armor of another", async () => {
    const identities = await identitiesOf("x25519");
    const files = [Buffer.from(testBinaryFile, "base64"), Buffer.from(testFiles.x25519.replaceAll("\n", "\r\n"))];
    for (const file of files)
      expect(Buffer.from((await decryptAge(file, identities)) ?? []).toString()).toBe(testPlaintext);
  });
});

describe("files that were changed", () => {
  test.each([
    ["no age file", () => Buffer.from("password"), "malformed"],
    ["an empty file", () => Buffer.alloc(0), "malformed"],
    ["a header without end", () => Buffer.from("age-encryption.org/v1\n-> X25519 abc\n"), "malformed"],
    ["a file cut at its end", () => binary().subarray(0, -1), "tampered"],
    ["a file cut to its header and nonce", () => binary().subarray(0, binary().indexOf("\n--- ") + 64), "tampered"],
    ["a file with more behind its end", () => Buffer.concat([binary(), Buffer.from("more")]), "tampered"],
    ["a flipped bit in the payload", () => flipped(binary(), binary().length - 3), "tampered"],
    ["a flipped bit in the MAC", () => flipped(binary(), binary().indexOf("\n--- ") + 9), "tampered"],
    ["101 recipients", () => withRecipients(100), "too-large"],
  ])("%s is refused", async (_title, file, reason) => {
    const error = await decryptAge(file(), await identitiesOf("x25519")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason });
  });

  test("a work factor above that of the age program is refused before any work", async () => {
    const file = Buffer.from(testFiles.passphrase).toString();
    const body = Buffer.from(file.split("\n").slice(1, -2).join(""), "base64").toString("latin1");
    const hostile = Buffer.from(body.replace(/(-> scrypt \S+) 18\n/, "$1 30\n"), "latin1");
    const error = await decryptAge(hostile, await identitiesOf("passphrase")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "work-factor" });
  });

  test("any change of the armored or binary file is an error with a code, or opens to the same bytes", async () => {
    const identities = await identitiesOf("x25519");
    const runs = process.env.TACIT_ALL_SEEDS === undefined ? 60 : 5000;
    const files = fc.constantFrom(binary(), Buffer.from(testFiles.x25519), Buffer.from(testFiles.sshEd25519));
    await fc.assert(
      fc.asyncProperty(
        files,
        fc.nat(),
        fc.nat(255),
        fc.constantFrom("set", "drop", "insert"),
        async (file, at, byte, how) => {
          const opened = await decryptAge(mutated(file, at % file.length, byte, how), identities).catch(
            (e: unknown) => e,
          );
          if (isSecretError(opened, "INVALID_VALUE") || opened === undefined) return;
          expect(Buffer.from(opened as Uint8Array).toString()).toBe(testPlaintext);
        },
      ),
      { numRuns: runs },
    );
  }, 120_000);
});

describe("keys that cannot be used", () => {
  test.each([
    ["a recipient in the place of an identity", "age1qqqqqq"],
    ["a plugin's identity", "AGE-PLUGIN-YUBIKEY-1QQQQ"],
    ["comments alone", "# nothing"],
    ["a damaged identity", testIdentity.replace("AGE-SECRET-KEY-10", "AGE-SECRET-KEY-1Q")],
    ["an SSH key cut off", testSshKeys.ed25519.slice(0, 200)],
    ["an SSH key whose body is cut", testSshKeys.rsa.replace(/\n[A-Za-z0-9+/=]{10,}\n-----END/, "\n-----END")],
    ["a public key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"],
  ])("%s is told as such, without a word of it", async (_title, key) => {
    const host = hostWith(key);
    const open = async () =>
      decryptAge(Buffer.from(testFiles.x25519), await ageIdentities({ use: "age", identity: source }, host)());
    const error = await open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "key-format" });
    expect(JSON.stringify([error, String(error)])).not.toContain(key.slice(0, 30));
  });
});

test("what is wrapped for an identity opens with it, and with age's own library", async () => {
  const service = createAgeKey({ use: "age", identity: source }, hostWith(testIdentity));
  const dataKey = Buffer.alloc(32, 7);
  const wrapped = await service.wrap?.(dataKey, {}, forever);
  expect(await service.unwrap(wrapped ?? { use: "age", file: "" }, forever)).toEqual(new Uint8Array(dataKey));
  const decrypter = new Decrypter();
  decrypter.addIdentity(testIdentity);
  const { armor } = await import("age-encryption");
  expect(await decrypter.decrypt(armor.decode(wrapped?.file ?? ""))).toEqual(new Uint8Array(dataKey));
});

function binary(): Buffer {
  return Buffer.from(testBinaryFile, "base64");
}

function flipped(file: Buffer, at: number): Buffer {
  file[at] = (file[at] ?? 0) ^ 1;
  return file;
}

function withRecipients(count: number): Buffer {
  const stanza = `-> X25519 ${"A".repeat(43)}\n${"A".repeat(43)}\n`;
  const [head = "", ...rest] = binary().toString("latin1").split("\n");
  return Buffer.from([head, stanza.repeat(count).trimEnd(), ...rest].join("\n"), "latin1");
}

function mutated(file: Buffer, at: number, byte: number, how: string): Buffer {
  const middle = how === "drop" ? [] : how === "set" ? [byte] : [byte, file[at] ?? 0];
  return Buffer.concat([file.subarray(0, at), Buffer.from(middle), file.subarray(at + 1)]);
}
