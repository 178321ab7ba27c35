import { isSecretError, type Provider } from "@tacit/core/provider";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EncryptedFixture, encryptedFixture } from "../../test/encrypted-fixture.ts";
import { forever, read, textOf } from "../../test/file/file-fixture.ts";
import { testFile } from "../../test/test-file.ts";
import { sealedSecrets } from "./index.ts";

const file = (name: string): string => testFile("sealed-secrets", name).toString();
const content = { binary: "\0\ufffd\ufffd", empty: "", password: "s3cret-fixture", user: "app" };

/** A provider whose file `db.yaml` is the one that is given. */
async function withFile(
  fixture: EncryptedFixture,
  text: string,
  keys = "old.key",
  namespace?: string,
): Promise<Provider> {
  fixture.write("db.yaml", text);
  const key = { use: "sealed-secrets", key: fixture.key(file(keys)) };
  return fixture.open(sealedSecrets, { keys: [key], ...(namespace !== undefined && { namespace }) });
}

describe("files of kubeseal", () => {
  test.each(["strict.yaml", "namespace-wide.yaml", "cluster-wide.yaml"])("%s opens", async (name) => {
    await using fixture = encryptedFixture();
    const provider = await withFile(fixture, file(name));
    expect(await textOf(read(provider, "db"))).toEqual(content);
    const result = await read(provider, "db.yaml");
    const fields = result.status === "ok" && result.payload.kind === "fields" ? result.payload.fields : new Map();
    expect([...fields.get("binary")]).toEqual([0, 255, 128]);
  });

  test("JSON of another key opens with a backup of all keys, in which the older one is not the first", async () => {
    await using fixture = encryptedFixture();
    for (const name of ["strict.json", "strict.yaml"]) {
      const provider = await withFile(fixture, file(name), "backup.yaml");
      expect(await textOf(read(provider, "db"))).toEqual(content);
      expect(await provider.diagnose?.(forever)).toContainEqual({
        level: "info",
        code: "sealing-keys",
        message: "2 sealing keys are tried",
      });
    }
  });

  test("templates that put values in are rendered as the controller renders them", async () => {
    await using fixture = encryptedFixture();
    const provider = await withFile(fixture, file("template.yaml"));
    const url = "postgres://app:s3cret-fixture@db/app";
    expect(await textOf(read(provider, "db"))).toEqual({ ...content, plain: "as it is", url });
  });
});

describe("an object that is not the one that was sealed is refused", () => {
  const strict = file("strict.yaml");
  test.each([
    ["renamed", strict.replaceAll("name: db", "name: other"), "no-key"],
    ["moved to another namespace", strict.replaceAll("namespace: team", "namespace: other"), "no-key"],
    ["given another scope", annotated(strict, "cluster-wide", '"true"'), "no-key"],
    ["given a scope that is no text", annotated(strict, "cluster-wide", "true"), "*"],
    ["with a value cut off", strict.replace(/(password: .{100}).*/, "$1"), "tampered"],
    ["with a value of the wrong alphabet", strict.replace(/password: AQ/, "password: A_"), "tampered"],
    ["with one bad value among good ones", strict.replace(/password: .*/, "password: AQBB"), "tampered"],
    ["with a template that computes", `${strict}    data: {x: "{{ .user | upper }}"}\n`, "template"],
    ["with a template of a key that is not there", `${strict}    data: {x: "{{ .nobody }}"}\n`, "template"],
    ["with a template that grows", `${strict}    data: {x: "${"{{ .password }}".repeat(80_000)}"}\n`, "too-large"],
    ["sealed as a whole", strict.replace("  encryptedData:", "  data: AAAA\n  encryptedData:"), "malformed"],
    ["two in one file", `${strict}${strict}`, "malformed"],
    ["of another kind", strict.replace("kind: SealedSecret", "kind: Secret"), "malformed"],
    ["without a namespace", strict.replaceAll(/ *namespace: team\n/g, ""), "namespace"],
    ["with a key twice", strict.replace("    password:", "    user: AQ==\n    password:"), "duplicate-key"],
  ])("%s", async (_title, text, reason) => {
    await using fixture = encryptedFixture();
    const provider = await withFile(fixture, text);
    if (reason === "*") return expect(await textOf(read(provider, "db"))).toEqual(content);
    await expect(read(provider, "db")).rejects.toMatchObject({ code: "INVALID_VALUE", reason });
  });

  test("the option says the namespace where the file does not", async () => {
    await using fixture = encryptedFixture();
    const provider = await withFile(fixture, strict.replaceAll(/ *namespace: team\n/g, ""), "old.key", "team");
    expect(await textOf(read(provider, "db"))).toEqual(content);
  });

  test("by another key", async () => {
    await using fixture = encryptedFixture();
    const provider = await withFile(fixture, strict, "new.key");
    await expect(read(provider, "db")).rejects.toMatchObject({ reason: "no-key" });
  });
});

test.each(["junk", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "kind: Secret\ndata: {}\n"])(
  "keys that are %j are told as such",
  async (text) => {
    await using fixture = encryptedFixture();
    fixture.write("db.yaml", file("strict.yaml"));
    const provider = await fixture.open(sealedSecrets, { keys: [{ use: "sealed-secrets", key: fixture.key(text) }] });
    await expect(read(provider, "db")).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "key-format" });
    expect(await provider.diagnose?.(forever)).toContainEqual(
      expect.objectContaining({ level: "error", code: "sealing-keys" }),
    );
  },
);

test("any change of a file is an error with a code, or changes and removes names alone", {
  timeout: 600_000,
}, async () => {
  await using fixture = encryptedFixture();
  const provider = await withFile(fixture, file("strict.yaml"));
  const runs = process.env.TACIT_ALL_SEEDS === undefined ? 20 : 5000;
  const original = testFile("sealed-secrets", "strict.yaml");
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
        if (isSecretError(outcome, "INVALID_VALUE")) return;
        // A key that is renamed or left out does not show; a value never changes.
        expect(Object.values(content)).toEqual(expect.arrayContaining(Object.values(outcome as object)));
      },
    ),
    { numRuns: runs },
  );
});

function annotated(text: string, scope: string, value: string): string {
  return text.replace("metadata:\n", `metadata:\n  annotations:\n    sealedsecrets.bitnami.com/${scope}: ${value}\n`);
}
