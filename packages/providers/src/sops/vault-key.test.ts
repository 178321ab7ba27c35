import { expect, test } from "vitest";
import { testFiles, testIdentity } from "../../test/age/vectors.ts";
import { encryptedFixture } from "../../test/encrypted-fixture.ts";
import { sopsContents, sopsFile } from "../../test/sops/vectors.ts";
import { openEngineFixture, readOk, textsOf } from "../../test/vault/engine-fixture.ts";
import { forever } from "../../test/vault/fixture.ts";
import { openKeys } from "../shared/keys/open-keys.ts";
import { sops } from "./index.ts";

/** The data key of `all.json`, which age wrapped. */
async function dataKeyOf(text: string): Promise<Uint8Array> {
  const host = encryptedFixture().host;
  const { sops: metadata } = JSON.parse(text) as { readonly sops: { readonly age: readonly { enc: string }[] } };
  const keys = openKeys([{ use: "age", identity: { $env: "IDENTITY" } }], {
    ...host,
    credential: async () => Buffer.from(testIdentity),
  });
  return keys.unwrap([{ use: "age", file: metadata.age[0]?.enc ?? testFiles.x25519 }], forever);
}

test("a data key that Vault's transit engine wrapped opens a file, and only where the document names its Vault", async () => {
  await using vault = await openEngineFixture();
  await using files = encryptedFixture();
  vault.engines.transit.createKey("app");
  const text = sopsFile("all.json").toString();
  const enc = vault.engines.transit.encrypt("app", await dataKeyOf(text));
  const entry = { vault_address: vault.url, engine_path: "transit", key_name: "app", enc };
  const write = (named: object): void =>
    files.write(
      "all.json",
      text.replace(/"age": \[[^\]]*\]/, () => `"hc_vault": [${JSON.stringify(named)}]`),
    );
  const { auth } = vault.options;
  const key = { use: "vault-transit", keyId: `${vault.url}/v1/transit/keys/app`, auth };
  const provider = await files.open(sops, { keys: [key] });
  write(entry);
  expect(textsOf(await readOk(provider, "all"))).toEqual(sopsContents["all.json"]);

  const before = vault.double.requests.length;
  for (const other of [
    { ...entry, vault_address: "http://127.0.0.1:1" },
    { ...entry, engine_path: "team/transit" },
    { ...entry, key_name: "root" },
  ]) {
    write(other);
    await expect(provider.get({ path: "all", version: "current" }, forever)).rejects.toMatchObject({
      code: "INVALID_VALUE",
      reason: "no-key",
    });
  }
  expect(vault.double.requests.length).toBe(before);
});
