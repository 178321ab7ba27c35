import { createSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAppRole } from "./app-role.ts";
import { describeEachVault } from "./each-vault.ts";
import { startVault, type VaultServer } from "./vault-server.ts";

const names = Array.from({ length: 1000 }, (_, index) => `load/${index}`);
const logins = /^auth\/approle\/login$/;

describeEachVault("what a client asks it for", {}, (program) => {
  let vault: VaultServer;

  beforeAll(async () => {
    vault = await startVault({ program });
    const { administrator } = vault;
    await administrator.mount("secret", "kv", { version: "2" });
    for (const name of names)
      await administrator.write(`secret/data/${name}`, { data: { password: `s3cret-fixture-${name}` } });
    await administrator.allow("load", { "secret/data/load/*": ["read"], "sys/internal/ui/mounts/*": ["read"] });
  });
  afterAll(() => vault?.close());

  test("is one login for a thousand reads at once, at the beginning and when the token has ended", async () => {
    const role = await createAppRole(vault, "load", ["load"]);
    const provider = { use: "vault", url: vault.url, auth: role.auth };
    const config = { providers: { vault: provider }, routes: [{ match: "**", to: ["vault"] }] };
    await using secrets = createSecrets({ adapters, config });
    const readAll = () =>
      Promise.all(names.map((name) => secrets.getSecret(`${name}#password`, { freshness: "fresh" })));
    for (const incident of ["begin", "expiry", "another expiry"]) {
      vault.audit.reset();
      const answers = await readAll();
      expect(answers.map((secret) => secret.reveal())).toEqual(names.map((name) => `s3cret-fixture-${name}`));
      expect(vault.audit.count(logins), incident).toBe(1);
      await role.revokeTokens();
    }
  });
});
