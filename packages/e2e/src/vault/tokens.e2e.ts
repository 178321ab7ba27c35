import { setTimeout as sleep } from "node:timers/promises";
import { declareSecrets } from "@tacit/core";
import { afterAll, beforeAll, test } from "vitest";
import { createAppRole } from "./app-role.ts";
import { describeEachVault } from "./each-vault.ts";
import { startService } from "./service.ts";
import type { TokenOptions } from "./vault-administrator.ts";
import { startVault, type VaultServer } from "./vault-server.ts";

const declared = declareSecrets({ password: { ref: "db#password" } });
const value = "s3cret-fixture-token";

interface Life {
  readonly title: string;
  readonly name: string;
  readonly options: TokenOptions;
  readonly lifeMs: number;
  /** Of the application's role, the first one counted. */
  readonly logins: readonly [least: number, most: number];
}

const lives: readonly Life[] = [
  { title: "is renewed", name: "renewed", options: { ttl: "3s" }, lifeMs: 9000, logins: [1, 1] },
  { title: "is periodic", name: "periodic", options: { period: "3s" }, lifeMs: 9000, logins: [1, 1] },
  {
    title: "can be renewed up to a limit",
    name: "limited",
    options: { ttl: "3s", explicitMaxTtl: "5s" },
    lifeMs: 14_000,
    logins: [3, 5],
  },
  { title: "is a batch token", name: "batch", options: { ttl: "4s", type: "batch" }, lifeMs: 12_000, logins: [3, 5] },
  { title: "serves five times", name: "counted", options: { uses: 5 }, lifeMs: 3000, logins: [3, 60] },
];

describeEachVault(
  "a service reads ten times a second without a failure while its token",
  { concurrent: true },
  (program) => {
    let vault: VaultServer;

    beforeAll(async () => {
      vault = await startVault({ program });
      const { administrator } = vault;
      await administrator.mount("secret", "kv", { version: "2" });
      await administrator.write("secret/data/db", { data: { password: value } });
      await administrator.allow("reader", { "secret/data/db": ["read"] });
    });
    afterAll(() => vault?.close());

    test.for(lives)("$title", async ({ name, options, lifeMs, logins: [least, most] }, { expect }) => {
      const mount = `approle-${name}`;
      const { auth } = await createAppRole(vault, name, ["reader"], { ...options, mount });
      await using service = await startService(vault, { declare: declared, provider: { auth, engine: "kv-v2" } });
      const end = performance.now() + lifeMs;
      let reads = 0;
      while (performance.now() < end) {
        const secret = await service.secrets.getSecret("password", { freshness: "fresh" });
        expect(secret.reveal()).toBe(value);
        reads += 1;
        await sleep(100);
      }
      expect(reads).toBeGreaterThan(lifeMs / 400);
      const logins = vault.audit.count(new RegExp(`^auth/${mount}/login$`));
      expect(logins).toBeGreaterThanOrEqual(least);
      expect(logins).toBeLessThanOrEqual(most);
    });
  },
);
