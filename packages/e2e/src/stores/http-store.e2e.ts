import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSecrets, type Secrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { describeEachVault } from "../vault/each-vault.ts";
import { startVault, type VaultServer } from "../vault/vault-server.ts";

// A real server that knows nothing of this client: its KV engine, read as any store is that answers a GET with one secret.
describeEachVault("read as a store of one's own over HTTP", {}, (program) => {
  let vault: VaultServer;
  let secrets: Secrets;
  let tokenFile: string;
  let token: string;

  beforeAll(async () => {
    vault = await startVault({ program });
    const { administrator } = vault;
    await administrator.mount("secret", "kv", { version: "2" });
    await administrator.write("secret/data/db/primary", { data: { username: "app", password: "s3cret-fixture-1" } });
    await administrator.write("secret/data/other/api", { data: { key: "s3cret-fixture" } });
    await administrator.allow("orders", { "secret/data/db/*": ["read"] });
    tokenFile = join(mkdtempSync(join(inject("runFolder"), "http-")), "token");
    token = await renewToken();
    const provider = {
      use: "http",
      url: `${vault.url}/v1/secret/data/{+path}`,
      auth: { method: "header", name: "X-Vault-Token", value: { $file: tokenFile } },
      payload: "fields",
      select: "/data/data",
      version: "/data/metadata/version",
    };
    secrets = createSecrets({
      adapters,
      config: { providers: { own: provider }, routes: [{ match: "**", to: ["own"] }] },
    });
  });
  afterAll(async () => {
    await secrets?.close();
    await vault?.close();
  });

  async function renewToken(): Promise<string> {
    const made = await vault.administrator.createToken(["orders"]);
    writeFileSync(tokenFile, made);
    return made;
  }

  test("gives the part of its answer that the options name, and its version", async () => {
    const password = await secrets.getSecret("db/primary#password");
    expect(password.reveal()).toBe("s3cret-fixture-1");
    expect(password.meta.version).toBe("1");
  });

  test("gives a new value to a fresh read, and not to a read of what it does not hold", async () => {
    await vault.administrator.write("secret/data/db/primary", { data: { password: "s3cret-fixture-2" } });
    const password = await secrets.getSecret("db/primary#password", { freshness: "fresh" });
    expect(password.reveal()).toBe("s3cret-fixture-2");
    await expect(secrets.getSecret("db/absent#password")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(secrets.getSecret("other/api#key")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });

  test("goes on with a token that is replaced in its file while the former one is revoked", async () => {
    const former = token;
    token = await renewToken();
    await vault.administrator.write("auth/token/revoke", { token: former });
    await vault.administrator.write("secret/data/db/primary", { data: { password: "s3cret-fixture-3" } });
    const password = await secrets.getSecret("db/primary#password", { freshness: "fresh" });
    expect(password.reveal()).toBe("s3cret-fixture-3");
  });
});
